"""Replicates of runs: kept, read back, the same for equal runs."""

import hashlib
import struct
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from herd_engine.errors import ConflictError, NotFoundError
from herd_engine.model.draws import MAX_REPLICATES, Draws
from herd_engine.model.forecast import COUNT_COLUMNS, Metric, Simulation
from herd_engine.runs.draws_file import DRAWS, draws_from_parquet, draws_parquet, draws_sha256
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.tables import artifact
from herd_engine.workbench import Workbench
from tests.herd_engine.runs.conftest import PAYLOAD, work

DATES = (date(2026, 2, 26), date(2026, 3, 1), date(2026, 4, 1))


def simulation(runs: int) -> Simulation:
    """Return runs of three records in which every number is another one."""
    shape = (runs, len(DATES), len(COUNT_COLUMNS))
    counts = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)
    sums = 10**10 + np.arange(runs * len(DATES), dtype=np.int64).reshape(shape[:2])
    return Simulation(counts=counts, days_in_milk_sum=sums, capped_out=0, capped_dry=0)


def test_a_file_gives_back_every_number_and_date() -> None:
    draws = Draws.of(simulation(7), DATES)

    again = draws_from_parquet(draws_parquet(draws))

    assert again.dates == DATES
    np.testing.assert_array_equal(again.counts, draws.counts, strict=True)
    np.testing.assert_array_equal(again.days_in_milk_sum, draws.days_in_milk_sum, strict=True)


def test_no_more_than_2000_replicates_are_kept() -> None:
    made = simulation(MAX_REPLICATES + 1)

    draws = Draws.of(made, DATES)

    assert draws.n_replicates == 2000
    np.testing.assert_array_equal(draws.counts, made.counts[:2000])


def test_the_content_hash_is_that_of_the_numbers() -> None:
    draws = Draws.of(simulation(1), DATES)
    names = ",".join(f'"{name}"' for name in COUNT_COLUMNS)
    head = f'{{"columns":[{names}],"dates":["2026-02-26","2026-03-01","2026-04-01"]}}'
    numbers = struct.pack("<30i", *range(30)) + struct.pack("<3q", 10**10, 10**10 + 1, 10**10 + 2)

    assert draws_sha256(draws) == hashlib.sha256(head.encode() + numbers).hexdigest()


def test_metrics_of_replicates_are_unknown_where_a_summary_has_none() -> None:
    counts = np.zeros((2, 3, len(COUNT_COLUMNS)), np.int32)
    counts[:, :, 0] = [[4, 0, 2], [5, 5, 5]]
    draws = Draws(dates=DATES, counts=counts, days_in_milk_sum=np.array([[400, 0, 300], [50, 55, 60]]))

    np.testing.assert_array_equal(draws.values(Metric.AVG_DAYS_IN_MILK), [[100, np.nan, 150], [10, 11, 12]])
    np.testing.assert_array_equal(draws.values(Metric.CULLS), [[np.nan, 0, 0]] * 2)


def test_a_run_keeps_the_replicates_that_its_forecast_sums_up(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)

    draws, forecast = kept.draws(run.id), kept.forecast(run.id)

    assert draws.dates == forecast.dates
    assert draws.counts.shape == (60, 13, len(COUNT_COLUMNS))
    for metric in Metric:
        np.testing.assert_allclose(draws.values(metric).mean(axis=0), forecast.series[metric].mean)
    assert not kept.verify(run.id)


def test_the_replicates_of_equal_runs_are_equal(kept: KeptRuns, dataset: DatasetRow) -> None:
    first, second = (kept.submit(dataset.id, PAYLOAD, force=True).run for _ in range(2))
    work(kept)

    assert draws_sha256(kept.draws(first.id)) == draws_sha256(kept.draws(second.id))
    assert kept.get(first.id).content_hash == kept.get(second.id).content_hash


def test_a_run_without_replicates_says_how_to_get_them(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    with pytest.raises(ConflictError, match=r"is queued; only a run that succeeded has replicates\.$"):
        kept.draws(run.id)
    work(kept)
    with kept.store.database.transaction() as connection:  # as older versions left it
        connection.execute(artifact.delete().where(artifact.c.name == DRAWS))

    with pytest.raises(ConflictError, match=r"before replicates were kept\. Submit it again with `force`"):
        kept.draws(run.id)
    with pytest.raises(NotFoundError):
        kept.draws("no-such-run")


def test_kept_runs_are_compared_by_their_replicates(
    kept: KeptRuns, dataset: DatasetRow, tmp_path: Path
) -> None:
    base = kept.submit(dataset.id, PAYLOAD).run.id
    other = kept.submit(dataset.id, PAYLOAD | {"purchase_policy": "auto_counter"}).run.id
    work(kept)

    workbench = Workbench.open(tmp_path / "home")
    comparison = workbench.compare([other, base], base)
    workbench.kept.close()

    (run,) = comparison.runs
    assert (comparison.base, run.key, run.is_paired, run.n_replicates) == (base, other, True, 60)
    apart = kept.draws(other).values(Metric.MILKING_COUNT) - kept.draws(base).values(Metric.MILKING_COUNT)
    np.testing.assert_array_equal(run.differences[Metric.MILKING_COUNT].series.p50, np.median(apart, axis=0))
    assert apart.any()
