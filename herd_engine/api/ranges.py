"""Parts of what is there: `Range` of one span, as RFC 9110 has it."""

import re

from fastapi import Request, Response

from herd_engine.api.kinds import BYTES
from herd_engine.api.problems import Refusal

SPAN = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def ranged(request: Request, data: bytes, tag: str, headers: dict[str, str]) -> Response:
    """Answer all of it, or the span that is asked for.

    Several spans, another unit and a span of what has changed since (``If-Range``) are answered by all of it,
    as a server may.

    Raises
    ------
    Refusal
        416: the span begins behind the end.
    """
    headers = {**headers, "accept-ranges": "bytes"}
    asked = SPAN.fullmatch(request.headers.get("range", "").strip())
    if asked is None or asked[1] == asked[2] == "" or request.headers.get("if-range", tag) != tag:
        return Response(data, media_type=BYTES, headers=headers)
    first, last = _span(asked[1], asked[2], len(data))
    if first > last:
        if asked[1] and asked[2] and int(asked[1]) > int(asked[2]):  # no span at all
            return Response(data, media_type=BYTES, headers=headers)
        text = f"There are {len(data):,} bytes."
        raise Refusal(416, "RANGE_NOT_SATISFIABLE", text, {"Content-Range": f"bytes */{len(data)}"})
    headers["content-range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], 206, media_type=BYTES, headers=headers)


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    """Return the numbers of the first and the last byte; without a first, as many from the end."""
    if not first:
        return max(0, size - int(last)), size - 1 if int(last) else -1
    return int(first), min(int(last), size - 1) if last else size - 1
