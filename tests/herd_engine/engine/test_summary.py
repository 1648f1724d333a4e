import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats.mstats import mjci

from herd_engine.engine.summary import quantile_standard_error, summarize
from herd_engine.model.forecast import COUNT_COLUMNS, Metric, Simulation

LEVELS = {"p_low": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p_high": 0.95}


def simulation(milking: list[int], days_in_milk_sum: list[int]) -> Simulation:
    """One record after the report date."""
    counts = np.zeros((len(milking), 2, len(COUNT_COLUMNS)), np.int32)
    counts[:, 1, 0] = milking
    counts[:, 1, COUNT_COLUMNS.index(Metric.CULLS)] = np.arange(len(milking))
    sums = np.zeros((len(milking), 2), np.int64)
    sums[:, 1] = days_in_milk_sum
    return Simulation(counts=counts, days_in_milk_sum=sums, capped_out=0, capped_dry=0)


def test_quantiles_interpolate_between_order_statistics() -> None:
    series = summarize(simulation([40, 10, 30, 20], [0, 0, 0, 0]), LEVELS)[Metric.MILKING_COUNT]

    # Of 10, 20, 30, 40: position (n - 1) * level from the first.
    assert series.p50[1] == 25
    assert series.p_low[1] == pytest.approx(10 + 0.15 * 10)
    assert series.p25[1] == pytest.approx(10 + 0.75 * 10)
    assert series.p75[1] == pytest.approx(30 + 0.25 * 10)
    assert series.p_high[1] == pytest.approx(30 + 0.85 * 10)
    assert series.mean[1] == 25
    # Standard deviation 12.9099 (n - 1), over the root of 4.
    assert series.mcse_mean[1] == pytest.approx(6.45497, abs=1e-5)


def test_days_in_milk_are_averaged_over_the_runs_that_have_milking_cows() -> None:
    series = summarize(simulation([2, 0, 4], [300, 0, 640]), LEVELS)[Metric.AVG_DAYS_IN_MILK]

    assert series.p50[1] == 155
    assert np.isnan(series.p50[0])


def test_events_are_unknown_at_the_report_date() -> None:
    series = summarize(simulation([1, 2, 3], [0, 0, 0]), LEVELS)[Metric.CULLS]

    assert np.isnan(series.p50[0])
    assert series.p50[1] == 1


@pytest.mark.parametrize("level", [0.05, 0.25, 0.5, 0.95])
def test_standard_errors_of_quantiles_are_those_of_scipy(level: float) -> None:
    ordered = np.sort(np.random.default_rng(3).normal(1000, 30, 2000))

    # SciPy places the quantile at the order statistic int(level * n + 0.5): nearly ours for large n.
    ours = quantile_standard_error(ordered[:, None], level)
    assert ours == pytest.approx(mjci(ordered, [level]), rel=0.05)


@pytest.mark.parametrize(("level", "rank"), [(0.05, 6), (0.5, 51), (0.95, 96)])
def test_standard_errors_are_right_for_few_runs(level: float, rank: int) -> None:
    n = 101
    samples = np.sort(np.random.default_rng(4).random((n, 3000)), axis=0)

    errors = quantile_standard_error(samples, level)

    # The estimator is known to be some 10 % too large in the tails of few runs.
    # Variance of the k-th of n uniform order statistics: k (n - k + 1) / ((n + 1)^2 (n + 2)).
    exact = np.sqrt(rank * (n - rank + 1) / ((n + 1) ** 2 * (n + 2)))
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(exact, rel=0.15)


def test_standard_errors_shrink_as_theory_says() -> None:
    # Large normal samples: sqrt(q (1 - q) / n) / density, for the median 1.2533 sd / sqrt(n).
    samples = np.sort(np.random.default_rng(5).normal(0, 1, (4000, 30)), axis=0)

    errors = quantile_standard_error(samples, 0.5)

    assert np.mean(errors) == pytest.approx(1.2533 / np.sqrt(4000), rel=0.05)


HASH_OF_A_SUMMARY = """
import hashlib
import numpy as np
from herd_engine.engine.summary import series_of

values = np.random.default_rng(1).integers(900, 1300, (20_000, 121)).astype(float)
series = series_of(values, {"p_low": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p_high": 0.95})
names = sorted(series.__slots__)
print(hashlib.sha256(b"".join(getattr(series, name).tobytes() for name in names)).hexdigest())
"""


def test_a_summary_has_the_same_bytes_however_many_threads_numpy_has() -> None:
    hashes = set()
    for threads in ("1", "2"):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        command = [sys.executable, "-c", HASH_OF_A_SUMMARY]
        hashes.add(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)

    assert len(hashes) == 1
