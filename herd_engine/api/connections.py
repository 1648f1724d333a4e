"""What a connection must do in time: say what it wants, send it, and take what it is answered.

Without this a header that never ends is waited for without end, and one of any size is kept.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = logging.getLogger(__name__)
HEADER_SECONDS, LARGEST_HEADER = 10.0, 16 << 10
BODY_SECONDS, LEAST_BYTES_A_SECOND = 10.0, 1024
"""Of a body, in every such span."""
READER_SECONDS = 30.0
"""Who takes nothing of an answer for as long has gone away."""
MOST_CONNECTIONS = 1000
_TOO_LARGE = json.dumps(
    {
        "type": "/problems/HEADERS_TOO_LARGE",
        "title": "Headers too large",
        "status": 431,
        "detail": f"At most {LARGEST_HEADER:,} bytes of headers are taken.",
        "instance": "",
        "code": "HEADERS_TOO_LARGE",
        "retryable": False,
        "request_id": "",
        "details": {},
        "errors": [],
    }
).encode()
REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: application/problem+json\r\n"
    b"cache-control: no-store\r\n"
    b"connection: close\r\n"
    b"content-length: " + str(len(_TOO_LARGE)).encode() + b"\r\n\r\n" + _TOO_LARGE
)


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's connection, with an end to its patience."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._reader_deadline: asyncio.TimerHandle | None = None
        self._in_header, self._is_refused, self._n_bytes, self._n_messages = True, False, 0, 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a header."""
        super().connection_made(transport)
        self._wait(HEADER_SECONDS, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Take bytes; those of a header are counted before there is a whole one."""
        if self._is_refused:
            return
        if self._deadline is None and self._in_header:
            self._wait(HEADER_SECONDS, self._give_up)  # the next request of a connection that was kept
        before = self._n_messages
        super().data_received(data)
        # Bytes that ended a message were its own; what follows them is counted from the next ones on.
        if self._in_header and self._n_messages == before and not self._is_refused:
            self._n_bytes += len(data)
            if self._n_bytes > LARGEST_HEADER:
                self._refuse()

    def on_headers_complete(self) -> None:
        """Begin to wait for the body, unless the header was too large."""
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEADER:
            self._refuse()
            return
        self._in_header, self._n_bytes = False, 0
        self._wait(BODY_SECONDS, self._look_at_body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count what comes."""
        if not self._is_refused:
            self._n_bytes += len(body)
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for nothing more of this request."""
        if not self._is_refused:
            self._in_header, self._n_bytes = True, 0
            self._n_messages += 1
            self._cancel()
            super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection on; a socket lives as long as both like."""
        self._cancel()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._cancel()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to wait for a reader that does not read."""
        self._reader_deadline = self.loop.call_later(READER_SECONDS, self._give_up)
        super().pause_writing()

    def resume_writing(self) -> None:
        """The reader reads."""
        if self._reader_deadline is not None:
            self._reader_deadline.cancel()
            self._reader_deadline = None
        super().resume_writing()

    def _wait(self, seconds: float, end: Callable[[], None]) -> None:
        self._cancel()
        self._deadline = self.loop.call_later(seconds, end)

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _look_at_body(self) -> None:
        # While we ourselves do not read on, nobody can send.
        if self.flow.read_paused or self._n_bytes >= BODY_SECONDS * LEAST_BYTES_A_SECOND:
            self._n_bytes = 0
            self._wait(BODY_SECONDS, self._look_at_body)
        else:
            self._give_up()

    def _give_up(self) -> None:
        log.info("a connection was cut that is too slow", extra={"address": (self.client or ("",))[0]})
        self.transport.abort()

    def _refuse(self) -> None:
        self._is_refused = True
        self._cancel()
        self.transport.write(REFUSAL)
        self.transport.close()
