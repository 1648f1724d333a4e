"""What Prometheus is told of the caches of a process."""

from collections.abc import Iterator
from dataclasses import asdict

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from herd_engine.runs.outputs_cache import OF_PROCESS

HELP = {
    "hits": "Answers that were remembered.",
    "misses": "Answers that had to be found out.",
    "invalidations": "Answers that were let go of for newer ones.",
}


class CacheCollector(Collector):
    """Families about what was remembered, from the first scrape on."""

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        for name, count in asdict(OF_PROCESS).items():
            metric = CounterMetricFamily(f"herd_cache_{name}", HELP[name], labels=["cache"])
            metric.add_metric(["outputs"], count)
            yield metric
