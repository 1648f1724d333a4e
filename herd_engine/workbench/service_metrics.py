"""Numbers of a service for Prometheus: what its store says, and what this process has answered."""

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.exposition import choose_encoder

from herd_engine import __version__
from herd_engine.errors import ParameterError
from herd_engine.monitoring.metrics.cache_collector import CacheCollector
from herd_engine.monitoring.metrics.collector import StoreCollector
from herd_engine.monitoring.metrics.store_numbers import store_numbers
from herd_engine.settings import Settings

if TYPE_CHECKING:
    from herd_engine.workbench.workbench import Workbench

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
log = logging.getLogger(__name__)
OFF = "off"
FAULT = "500"
"""The answer that is counted from the first scrape on: one that appears at 1 has no increase."""


class ServiceMetrics:
    """Counts what a service answers, and shows it beside the numbers of its store.

    Parameters
    ----------
    workbench : Workbench
        Its store is opened at the first scrape.
    routes : iterable of (str, str)
        Method and pattern of every path.
    rate_classes : iterable of str
        What requests count as.
    auth : str
        How visitors say who they are; ``off`` is worth an alert.
    """

    def __init__(
        self,
        workbench: "Workbench",
        routes: Iterable[tuple[str, str]],
        rate_classes: Iterable[str],
        auth: str,
    ) -> None:
        _require_own_numbers()
        self.registry = registry = CollectorRegistry()
        most_farms = Settings.read().metrics_farms
        registry.register(StoreCollector(lambda: store_numbers(workbench.kept.store, most_farms)))
        registry.register(CacheCollector())
        ProcessCollector(registry=registry)
        build = Gauge("herd_build_info", "Always 1.", ("version", "engine"), registry=registry)
        build.labels(__version__, __version__).set(1)
        about = Gauge("herd_auth_mode", "1 for how visitors say who they are.", ("mode",), registry=registry)
        about.labels(auth).set(1)
        by = ("method", "route")
        self._requests = Counter(
            "herd_http_requests", "Requests that were answered.", (*by, "status"), registry=registry
        )
        self._seconds = Histogram(
            "herd_http_request_duration_seconds",
            "Until the answer ended.",
            by,
            registry=registry,
            buckets=SECONDS,
        )
        self._in_progress = Gauge(
            "herd_http_requests_in_progress",
            "Requests that are being answered.",
            ("kind",),
            registry=registry,
        )
        self._streams = Gauge(
            "herd_http_streams_open", "Streams of events that somebody reads.", ("kind",), registry=registry
        )
        self._refused = Counter(
            "herd_auth_failures", "Requests of somebody who is not known.", ("reason",), registry=registry
        )
        self._limited = Counter(
            "herd_ratelimited", "Requests that were too many.", ("class",), registry=registry
        )
        self._keys_fetched = Counter(
            "herd_jwks_fetch", "Fetches of the provider's keys.", ("result",), registry=registry
        )
        self._keys_age = Gauge(
            "herd_jwks_age_seconds", "Age of the provider's keys; 0 without one.", registry=registry
        )
        for method, route in routes:
            self._requests.labels(method, route, FAULT)
        for kind in rate_classes:
            self._in_progress.labels(kind)
            self._limited.labels(kind)
        self._streams.labels("sse")
        for reason in ("missing", "invalid"):
            self._refused.labels(reason)
        for result in ("good", "failed"):
            self._keys_fetched.labels(result)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request by the pattern of its path, never by the path."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def in_progress(self, rate_class: str) -> AbstractContextManager[None]:
        """Count a request as being answered for the duration of a block."""
        return self._in_progress.labels(rate_class).track_inprogress()

    def watch(self, n_streams: Callable[[], float], keys_age: Callable[[], float] | None) -> None:
        """Ask at each scrape how many streams are open, and how old the provider's keys are."""
        self._streams.labels("sse").set_function(n_streams)
        if keys_age is not None:
            self._keys_age.set_function(keys_age)

    def limited(self, rate_class: str) -> None:
        """Count a request that was one too many."""
        self._limited.labels(rate_class).inc()

    def refused(self, reason: str) -> None:
        """Count a request of somebody who is not known: ``missing`` or ``invalid``."""
        self._refused.labels(reason).inc()

    def keys_fetched(self, result: str) -> None:
        """Count a fetch of the provider's keys: ``good`` or ``failed``."""
        self._keys_fetched.labels(result).inc()

    def render(self, accept: str) -> tuple[bytes, str]:
        """Return all numbers as text, and its kind, by what is accepted."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    def listen(self, address: str) -> None:
        """Show them to scrapers without a key at an address of their own, as long as the process lives.

        Parameters
        ----------
        address : str
            ``host:port``; ``off``: nowhere. Where it is taken, that is logged, and the service goes on.
        """
        if address == OFF:
            return
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise ParameterError("HERD_METRICS_ADDRESS", address, "be host:port, or off")
        try:
            start_http_server(int(port), host.strip("[]"), self.registry)
        except OSError as error:
            log.warning("metrics are not shown at %s: %s", address, error)


def _require_own_numbers() -> None:
    """Refuse a folder for the numbers of several processes: those of the store would stand there doubled."""
    if Settings.read().prometheus_multiproc_dir:
        rule = "not be set: a service is one process, whose numbers are its own"
        raise ParameterError("PROMETHEUS_MULTIPROC_DIR", "a folder", rule)
