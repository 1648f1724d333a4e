"""Under which names requests are counted: patterns of paths, never paths, and not too many of them."""

from collections.abc import Iterable

from fastapi.routing import APIRoute
from starlette.types import Scope

from herd_engine.api.legacy.problems import is_legacy

FIRST_CONTRACT, UNKNOWN = "first contract", "unknown"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OTHER = "OTHER"


def method_and_route(scope: Scope) -> tuple[str, str]:
    """Return how a request is counted; what no pattern fits is all counted as one."""
    method = scope["method"] if scope["method"] in METHODS else OTHER
    if is_legacy(scope["path"]):
        return method, FIRST_CONTRACT
    path = getattr(scope.get("route"), "path", None)
    return method, UNKNOWN if path is None else _canonical(path)


def known_requests(routes: Iterable[APIRoute]) -> set[tuple[str, str]]:
    """Return the method and the pattern of every path."""
    return {
        (method, FIRST_CONTRACT if is_legacy(route.path) else _canonical(route.path))
        for route in routes
        for method in route.methods or ()
        if method != "HEAD"
    }


def _canonical(path: str) -> str:
    """Return the name of a path that has two."""
    return path.replace("/preflight/alerts", "/alerts").replace("/preflight/notifications", "/notifications")
