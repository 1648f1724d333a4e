"""The service as a process."""

import signal
import sys
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from herd_engine.api.app import gated
from herd_engine.api.connections import MOST_CONNECTIONS, PatientProtocol
from herd_engine.api.settings import ApiSettings
from herd_engine.settings import Settings

GRACE_SECONDS = 5


class Server(uvicorn.Server):
    """A server that tells its streams to end before it waits for them."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Let streams say `drain`; then end as uvicorn does."""
        self._app.state.draining.set()
        super().handle_exit(sig, frame)


def serve(app: FastAPI, settings: ApiSettings, place: int | Path, key: str) -> None:
    """Serve, with metrics beside, until SIGTERM or Ctrl-C, which both end it with exit code 0."""
    for sig in (signal.SIGTERM, signal.SIGINT):  # uvicorn hands the signal on to these when it has ended
        signal.signal(sig, lambda *_: sys.exit(0))
    app.state.metrics.listen(Settings.read().metrics_address)
    config = uvicorn.Config(
        gated(app, key),
        host=settings.host,
        port=place if isinstance(place, int) else 0,
        uds=str(place) if isinstance(place, Path) else None,
        log_config=None,  # `herd_engine.logs` has it
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=PatientProtocol,
        limit_concurrency=MOST_CONNECTIONS,
        ws="websockets-sansio",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    Server(config, app).run()
