"""What a caller has already is not made anew: its tag is looked up before anything else of the request.

To find out all that a route could be told takes as long as to answer it, so that of a request with
`If-None-Match` only the farm and the right are asked for, and the tag. Where the caller has another one, the
request goes the usual way.
"""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, TypeAlias

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from herd_engine.api.asking import CHANGING, Needs, asker, matches, unchanged, workbench
from herd_engine.workbench import Workbench

TagOf: TypeAlias = Callable[[Workbench, str], str]
"""Looks up the tag of what a path names: the Workbench, and the one part of the path that is a name."""


class ConditionalRoute(APIRoute):
    """A route that answers 304 before it finds out what else it was told.

    `tags_of` has what looks up the tag, by the operation.
    """

    tags_of: ClassVar[dict[str, TagOf]] = {}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()
        tag_of = self.tags_of.get(self.operation_id or "")
        if tag_of is None:
            return answer
        scopes = [each.dependency for each in self.dependencies if isinstance(each.dependency, Needs)]

        async def handle(request: Request) -> Response:
            known = request.headers.get("if-none-match")
            if known is None or "prefer" in request.headers:  # who waits would hear of a change
                return await answer(request)
            farms = request.query_params.get("farm"), request.headers.get("herd-farm")
            bench = await workbench(request, await asker(request), *farms)
            for needed in scopes:
                await needed(bench)
            (name,) = request.path_params.values()
            tag = await run_in_threadpool(tag_of, bench, name)
            return unchanged(tag, CHANGING) if matches(known, tag) else await answer(request)

        return handle
