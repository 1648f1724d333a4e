"""What processes write down as they work: one line a happening, with what it belongs to.

Modules log as usual, ``logging.getLogger(__name__)``. ``bound`` says what everything in a block belongs to
(request, run, person, farm); ``configure`` is called once by processes that serve or execute.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

Fields = MutableMapping[str, Any]

_fields: ContextVar[Fields | None] = ContextVar("fields", default=None)
_HIDDEN = "[hidden]"
_SECRET_NAMES = re.compile(
    r"^(proxy-)?authorization$|api[-_]?key|cookie|^ticket$|password|passwd|pepper|secret|^(access_)?token$",
    re.I,
)
_SECRET_TEXTS = (
    (re.compile(r"\b(Bearer|Basic)\s+[^\s\"',;]+", re.I), rf"\1 {_HIDDEN}"),
    (re.compile(r"\b(whsec|hk)_[A-Za-z0-9_+/=-]{6,}"), rf"\1_{_HIDDEN}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), _HIDDEN),
    (re.compile(r"\b(ticket|token|key|password|secret)=[^\s&\"']+", re.I), rf"\1={_HIDDEN}"),
    (re.compile(r"://([^\s:/@]*):[^\s/@]+@"), rf"://\1:{_HIDDEN}@"),
)
"""Shapes of secrets wherever they stand: tokens, signatures of webhooks, passwords in addresses."""
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Line ends and what terminals obey."""
_TALKATIVE = ("alembic", "asyncio", "distributed", "fastapi", "sqlalchemy", "tornado", "uvicorn")
"""Libraries that bring handlers of their own; what they say from warnings on goes the way of all."""


@contextmanager
def bound(**fields: Any) -> Iterator[Fields]:
    """Say what all that is logged in this block belongs to, in this thread and those it hands on to.

    Yields
    ------
    Fields
        More can be added while the block lasts, from any thread that works for it: see ``note``.
    """
    found: Fields = {**(_fields.get() or {}), **fields}
    token = _fields.set(found)
    try:
        yield found
    finally:
        _fields.reset(token)


def note(**fields: Any) -> None:
    """Add to what the block around belongs to; outside of every block nothing happens."""
    found = _fields.get()
    if found is not None:
        found.update(fields)


def noted(name: str) -> str:
    """Return what the block around says of itself under a name; nothing outside of every block."""
    return str((_fields.get() or {}).get(name, ""))


def configure(stream: TextIO | None = None) -> None:
    """Write everything to one stream in one form: JSON, or words where a terminal reads it.

    Parameters
    ----------
    stream : file, optional
        Standard error by default.
    """
    import structlog  # noqa: PLC0415 - takes longer than most commands; only processes that go on log

    where = stream or sys.stderr
    traced = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # tokens stand in locals
    as_words = where.isatty()
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _without_formatted,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _belonging,
    ]
    last: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info if as_words else structlog.processors.ExceptionRenderer(traced),
        _without_secrets,
        _words if as_words else _json,
    ]
    handler = logging.StreamHandler(where)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("herd_engine").setLevel(logging.INFO)
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _TALKATIVE:
            logger = logging.getLogger(name)
            logger.handlers[:], logger.propagate = [], True
            logger.setLevel(max(logger.level, logging.WARNING))
    logging.captureWarnings(True)


def _without_formatted(_logger: object, _method: str, event: Fields) -> Fields:
    """Leave out what another handler's formatter wrote into the record and structlog counts as extra."""
    return {name: value for name, value in event.items() if name not in ("message", "asctime")}


def _belonging(_logger: object, _method: str, event: Fields) -> Fields:
    """Add what the block belongs to; what the line itself says comes first."""
    return {**(_fields.get() or {}), **event}


def _without_secrets(_logger: object, _method: str, event: Fields) -> Fields:
    """Hide what is called a secret; what only looks like one is hidden in the line that comes of it."""
    return {
        name: _HIDDEN
        if _SECRET_NAMES.search(name)
        else _without_secrets(None, "", value)
        if isinstance(value, dict)
        else value
        for name, value in event.items()
    }


def _shown(text: str) -> str:
    for shape, instead in _SECRET_TEXTS:
        text = shape.sub(instead, text)
    return text


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _json(_logger: object, _method: str, event: Fields) -> str:
    return _shown(_escaped(json.dumps(event, ensure_ascii=False, default=str)))


def _words(_logger: object, _method: str, event: Fields) -> str:
    trace = event.pop("exception", None)
    first = " ".join(str(event.pop(name, "")) for name in ("timestamp", "level", "event"))
    rest = " ".join(f"{name}={value}" for name, value in event.items())
    return _shown(_escaped(f"{first}  {rest}") + (f"\n{trace}" if trace else ""))
