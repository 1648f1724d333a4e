"""What can be seen of a run while it goes."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from herd_engine.errors import NotFoundError
from herd_engine.model.forecast import Metric
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.datasets import DatasetRow
from tests.herd_engine.runs.conftest import PAYLOAD, work


def test_progress_is_told_at_most_four_times_a_second_and_at_the_end(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    run = kept.submit(dataset.id, PAYLOAD | {"mc_runs": 20_000, "horizon_months": 120}).run
    work(kept)

    *during, last = [event for event in kept.events(run.id) if event.type == "progress"]

    assert len(during) >= 2
    for earlier, later in pairwise(during):
        assert later.at - earlier.at >= timedelta(seconds=0.25)
        more = later.data["completed_runs"] - earlier.data["completed_runs"]
        assert more > 0 or (more == 0 and later.at - earlier.at >= timedelta(seconds=5))  # only news is told
    assert last.data["completed_runs"] == last.data["total_runs"] == 20_000
    assert kept.get(run.id).progress.completed_runs == 20_000


def test_a_run_that_ends_at_once_has_its_whole_progress(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)

    progress = kept.get(run.id).progress

    assert (progress.completed_runs, progress.total_runs, progress.eta_seconds) == (60, 60, 0.0)
    assert progress.runs_per_second > 0
    assert progress.workers == 2
    milking = kept.draws(run.id).values(Metric.MILKING_COUNT)  # all 60 of them
    for name, level in (("p05", 0.05), ("p50", 0.5), ("p95", 0.95)):
        assert progress.partial[name] == np.quantile(milking, level, axis=0).tolist()


def test_events_can_be_resumed_after_any_number(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)

    events = kept.events(run.id)

    assert [event.type for event in events][:2] == ["queued", "running"]
    assert events[-1].type == "succeeded"
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    for n in range(len(events) + 2):
        assert kept.events(run.id, n) == events[n:]


def test_the_version_of_events_changes_with_each_event_and_only_then(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    assert kept.events_version(run.id) == f"{run.id}:1"
    kept.pin(run.id)
    assert kept.events_version(run.id) == f"{run.id}:1"

    work(kept)

    assert kept.events_version(run.id) == f"{run.id}:{kept.events(run.id)[-1].seq}" != f"{run.id}:1"
    with pytest.raises(NotFoundError):
        kept.events_version("00000000-0000-0000-0000-000000000000")
