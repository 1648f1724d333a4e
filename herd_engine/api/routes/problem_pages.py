"""What each refusal means and what to do: the pages that `type` of a problem leads to."""

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from herd_engine.api.problems import Refusal
from herd_engine.api.routes.docs import POLICY, STYLE
from herd_engine.i18n.catalogue import ENGLISH, catalogue, languages

router = APIRouter(tags=["health"])


@router.get(
    "/problems/{code}",
    operation_id="problems_page",
    summary="What a refusal means",
    response_class=HTMLResponse,
)
async def problem_page(request: Request, code: str) -> HTMLResponse:
    """In the language that `Accept-Language` asks for first, where it is spoken here; English otherwise."""
    wanted = request.headers.get("accept-language", "")[:2].lower()
    language = wanted if wanted in languages() else ENGLISH
    texts = catalogue(language)
    meaning = texts.get(f"problem.{code}")
    if meaning is None:
        raise Refusal(404, "NOT_FOUND", "There is nothing here.")
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{escape(code)}</title>'
        f"<style>{STYLE}</style><h1>{escape(texts['problem_page'])}</h1>"
        f"<p><code>{escape(code)}</code></p><p>{escape(meaning)}</p></html>"
    )
    headers = {"content-security-policy": POLICY, "content-language": language, "vary": "Accept-Language"}
    return HTMLResponse(page, headers=headers)
