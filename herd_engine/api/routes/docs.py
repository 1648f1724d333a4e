"""The contract as a page that a browser shows without asking any other host."""

import base64
import hashlib
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from herd_engine.api.asking import needs

router = APIRouter(tags=["health"])
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{font-family:ui-monospace,monospace}summary{cursor:pointer}"
    "td,th{text-align:left;vertical-align:top;padding:.1rem 1rem .1rem 0}"
)
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'self'"


@router.get(
    "/api/docs",
    operation_id="docs_page",
    summary="The contract, to be read",
    response_class=HTMLResponse,
    dependencies=[needs("herd:read")],
)
def docs(request: Request) -> HTMLResponse:
    """Made from `/api/openapi.json`; nothing of it comes from elsewhere."""
    return HTMLResponse(page(request.app.openapi()), headers={"content-security-policy": POLICY})


def page(contract: dict[str, Any]) -> str:
    """Return the page of a contract."""
    groups: dict[str, list[str]] = {}
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            group = (operation.get("tags") or ["other"])[0]
            groups.setdefault(group, []).append(_operation(path, method, operation))
    body = "".join(f"<h2>{escape(name)}</h2>{''.join(each)}" for name, each in groups.items())
    info = contract["info"]
    title = f"{info['title']} API {info['version']}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{escape(title)}</h1><p>{escape(info['description'])}</p>"
        f'<p><a href="openapi.json">openapi.json</a></p>{body}</html>'
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code><td>{escape(each['in'])}"
        f"<td>{escape(each.get('description', ''))}"
        for each in operation.get("parameters", ())
    )
    table = f"<table><tr><th>parameter<th>in<th>{rows}</table>" if rows else ""
    return (
        f"<details><summary><code>{method.upper()} {escape(path)}</code> {escape(operation['summary'])}"
        f"</summary><p>{escape(operation.get('description', ''))}</p>{table}</details>"
    )
