"""JSON as it is taken here: each name once, numbers that are numbers, no deeper than anybody needs.

What others read otherwise than we do is refused before any work: of two equal names one is lost unseen, NaN
is no JSON, and a thousand brackets are meant for somebody's stack.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Message, Receive

from herd_engine.api.problems import JSON_TYPES, Refusal

DEEPEST = 64
GREATEST = 2**63 - 1
"""What a database can keep, and every client can read."""
LONGEST_INTEGER = 20
QUICK = 64 << 10
"""Bytes that are read in no time; more are read in a thread, so that nobody else waits."""


def parsed(text: str | bytes) -> Any:
    """Return what a text says.

    Raises
    ------
    Refusal
        400: it is no JSON, or none that is taken here; ``details.reason`` says why.
    """
    try:
        said = text.decode() if isinstance(text, bytes) else text
        found = json.loads(
            said, object_pairs_hook=_named_once, parse_constant=_number, parse_int=_whole, parse_float=_number
        )
    except RecursionError:
        raise refused("too_deep") from None
    except UnicodeDecodeError:
        raise refused("not_utf8") from None
    except ValueError:
        raise refused("no_json") from None
    if _is_too_deep(found):
        raise refused("too_deep")
    return found


def checked_text(text: object) -> object:
    """Return a field of a form that holds JSON as it is, once it was read; as ``parsed``."""
    if isinstance(text, str | bytes):
        parsed(text)
    return text


def refused(reason: str) -> Refusal:
    """Return the answer to JSON that is not taken."""
    return Refusal(400, "MALFORMED_JSON", f"The body is no JSON that is taken here: {reason}.", reason=reason)


def is_json(headers: Headers) -> bool:
    """Tell whether a request says that its body is JSON."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() in JSON_TYPES


async def checked(receive: Receive) -> Receive:
    """Read a body of JSON, and return what hands it on once more; as ``parsed``."""
    messages, body = [], b""
    while True:
        message = await receive()
        messages.append(message)
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body", False):
            break
    if body and messages[-1]["type"] == "http.request":
        if len(body) <= QUICK:
            parsed(body)
        else:
            await run_in_threadpool(parsed, body)
    return _again(messages, receive)


def _again(messages: list[Message], receive: Receive) -> Receive:
    waiting = list(reversed(messages))

    async def next_one() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_one


def _named_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise refused("name_twice")
    return found


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise refused("not_finite")
    return value


def _whole(text: str) -> int:
    if len(text) > LONGEST_INTEGER or abs(value := int(text)) > GREATEST:
        raise refused("too_great")
    return value


def _is_too_deep(found: Any) -> bool:
    """Tell whether anything stands within more than 64 others; without asking the stack for each."""
    level, depth = [found], 0
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        if depth > DEEPEST:
            return True
        level = [value for each in level for value in (each.values() if isinstance(each, dict) else each)]
    return False
