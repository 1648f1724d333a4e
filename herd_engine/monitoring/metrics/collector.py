"""What Prometheus is told of the store: asked at each scrape, so right with any number of processes.

A part that fails is left out, counted, and the rest is served. Whoever asks twice within five seconds gets
the same; what takes longer than two is not waited for.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from datetime import UTC, datetime
from threading import Lock

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from herd_engine.errors import HerdError
from herd_engine.monitoring.metrics.families import FAMILIES, StoreFamily
from herd_engine.monitoring.metrics.store_numbers import StoreNumbers, snapshot_ages

REMEMBERED_SECONDS, LONGEST_SECONDS = 5.0, 2.0


class StoreCollector(Collector):
    """Families about the store.

    Parameters
    ----------
    ask : callable
        Reads the numbers; what it raises of ours is counted.
    clock : callable, optional
        Seconds that never go back.
    """

    def __init__(self, ask: Callable[[], StoreNumbers], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._asking = ThreadPoolExecutor(1, "metrics")
        self._asked: Future[StoreNumbers] | None = None
        self._lock = Lock()
        self._numbers: StoreNumbers | None = None
        self._read_at = float("-inf")
        self._errors = 0

    def describe(self) -> Iterator[Metric]:
        """Say nothing before the first scrape: the store is not asked for being registered."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yield every family; without those of the store where it does not answer."""
        with self._lock:
            numbers = self._current()
            n_errors = self._errors
        yield _gauge("database_up", "Whether the database answers.", float(numbers is not None))
        errors = CounterMetricFamily("herd_metrics_render_errors", "Scrapes that could not show everything.")
        errors.add_metric((), n_errors)
        yield errors
        if numbers is not None:
            yield from (_metric(family, numbers) for family in FAMILIES)
            yield from _of_home(numbers)

    def _current(self) -> StoreNumbers | None:
        if self._numbers is not None and self._clock() - self._read_at < REMEMBERED_SECONDS:
            return self._numbers
        if self._asked is None or self._asked.done():  # one that hangs is not asked again beside
            self._asked = self._asking.submit(self._ask)
        try:
            self._numbers = self._asked.result(LONGEST_SECONDS)
        except (HerdError, OSError, TooLate):
            self._numbers = None
            self._errors += 1
        else:
            self._read_at = self._clock()
        return self._numbers


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"herd_{name}", text, value)


def _of_home(numbers: StoreNumbers) -> Iterator[Metric]:
    yield _gauge("runners_alive", "Whether a runner of this machine is alive.", numbers.is_runner_alive)
    invalid = not numbers.are_policies_valid
    yield _gauge("alert_policies_invalid", "Whether a file of policies cannot be used.", invalid)
    yield _gauge("disk_free_bytes", "Free on the disk of what is kept.", numbers.free_bytes)
    yield _gauge("disk_size_bytes", "Size of that disk.", numbers.disk_bytes)
    ages = GaugeMetricFamily(
        "herd_snapshot_age_seconds", "Age of a farm's newest herd file.", labels=["farm"]
    )
    for name, age in snapshot_ages(numbers, datetime.now(UTC)).items():
        ages.add_metric([name], age)
    yield ages


def _metric(family: StoreFamily, numbers: StoreNumbers) -> Metric:
    name, names = f"herd_{family.name}", list(family.label_names)
    if family.kind == "histogram":
        return _histogram(family, numbers)
    found = {labels: value for (of, labels), value in numbers.counts.items() if of == family.name}
    told = dict.fromkeys(family.known(numbers.channels), 0.0) | found
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = kind(name, family.help, labels=names)
    for labels, value in sorted(told.items()):
        metric.add_metric(labels, value)
    return metric


def _histogram(family: StoreFamily, numbers: StoreNumbers) -> Metric:
    metric = HistogramMetricFamily(f"herd_{family.name}", family.help, labels=list(family.label_names))
    borders = [*map(str, family.buckets), "+Inf"]
    for labels in family.known(numbers.channels):
        so_far, buckets = 0.0, []
        for border in borders:
            so_far += numbers.counts[family.name, (*labels, border)]
            buckets.append((border, so_far))
        metric.add_metric(labels, buckets, numbers.counts[f"{family.name}_sum", labels])
    return metric
