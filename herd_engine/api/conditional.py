"""What a caller has already is not made anew: its tag is looked up before anything else of the request.

To find the route of a request and all that it could be told takes as long as to answer it, so that of one
with `If-None-Match` only the farm and the right are asked for, and the tag. Where the caller has another one,
or anything is wrong, the request goes the usual way.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeAlias

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.types import Scope

from herd_engine.api.asking import CHANGING, Needs, asker, matches, unchanged, workbench
from herd_engine.api.problems import Refusal
from herd_engine.errors import HerdError
from herd_engine.workbench import Workbench

TagOf: TypeAlias = Callable[[Workbench, str], str]
"""Looks up the tag of what a path names: the Workbench, and the one part of the path that is a name."""


class ConditionalRoute(APIRoute):
    """A route whose answer has a tag that can be looked up; ``tags_of`` says how, by the operation."""

    tags_of: ClassVar[dict[str, TagOf]] = {}


class Unchanged:
    """Answers who has what there is.

    Parameters
    ----------
    app : FastAPI
    routes : iterable of APIRoute
    """

    def __init__(self, app: FastAPI, routes: Iterable[APIRoute]) -> None:
        self._app = app
        self._routes = [
            (route, tag_of, [each.dependency for each in route.dependencies])
            for route in routes
            if isinstance(route, ConditionalRoute) and (tag_of := route.tags_of.get(route.operation_id or ""))
        ]

    async def answer(self, scope: Scope) -> Response | None:
        """Return the answer to a request of one who has what there is, None for all others."""
        for route, tag_of, needed in self._routes:
            if found := route.path_regex.match(scope["path"]):
                names = found.groupdict()
                request = Request({**scope, "app": self._app, "path_params": names})
                if "prefer" in request.headers:  # who waits would hear of a change
                    return None
                try:
                    tag = await _tag(request, tag_of, needed, *names.values())
                except (HerdError, Refusal):
                    return None
                if not matches(request.headers.get("if-none-match"), tag):
                    return None
                scope.update(route=route, path_params=names)
                return unchanged(tag, CHANGING)
        return None


async def _tag(request: Request, tag_of: TagOf, needed: list[Any], name: str) -> str:
    farms = request.query_params.get("farm"), request.headers.get("herd-farm")
    bench = await workbench(request, await asker(request), *farms)
    for each in needed:
        if isinstance(each, Needs):
            await each(bench)
    return await run_in_threadpool(tag_of, bench, name)
