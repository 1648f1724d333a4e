"""The farm's plan is judged by the farm's next herd file, and made anew of it, without being asked."""

from datetime import date

import pytest

from herd_engine.errors import ConflictError
from herd_engine.model.forecast import Metric
from herd_engine.model.source import STAR, Source
from herd_engine.runs.kept import KeptRuns
from herd_engine.sample import make_sample
from herd_engine.storage.run_rows import RunStatus
from tests.herd_engine.runs.conftest import PAYLOAD, work


@pytest.fixture
def plan(kept: KeptRuns, farm_file: bytes) -> str:
    """Return the farm's starred forecast, made of a herd a month ago."""
    row = kept.add_dataset(farm_file_of(date(2026, 2, 1)), "february.csv")
    run = kept.submit(row.id, PAYLOAD, name="Plan").run
    work(kept)
    kept.star(run.id)
    return run.id


def farm_file_of(day: date) -> bytes:
    """Return the farm's export; births count from its day: within a month they read as corrections."""
    return make_sample(animals=200, seed=2, report_date=day).csv


def test_the_next_file_judges_the_plan_and_asks_for_it_again(kept: KeptRuns, plan: str) -> None:
    added = kept.catalog.datasets.add_or_find(farm_file_of(date(2026, 3, 1)), "march.csv")

    assert added.arrival.troubles == ()
    record = kept.judging.record()
    assert [judged.run_id for judged in record.forecasts] == [plan]
    assert record.tally is not None
    assert record.tally.of == added.arrival.verdicts > 0
    assert {verdict.day for verdict in record.forecasts[0].verdicts} == {date(2026, 3, 1)}
    assert all(v.pit is not None and 0 <= v.pit <= 1 for v in record.forecasts[0].verdicts)
    assert added.arrival.run_id is not None
    asked = kept.get(added.arrival.run_id)
    assert (asked.dataset_id, asked.status, asked.name) == (added.dataset.id, RunStatus.QUEUED, "Plan")
    wishes = kept.submissions(asked.id)
    assert [(wish.principal, wish.source) for wish in wishes] == [(STAR, Source.PLAN)]
    assert not asked.starred
    assert kept.starred().id == plan  # until the new one has a result


def test_the_star_goes_on_to_the_forecast_of_the_new_herd(kept: KeptRuns, plan: str) -> None:
    added = kept.catalog.datasets.add_or_find(farm_file_of(date(2026, 3, 1)), "march.csv")
    work(kept)

    assert kept.starred().id == added.arrival.run_id
    assert kept.get(plan).starred is False
    assert kept.get(added.arrival.run_id).name == "Plan"


def test_a_plan_that_somebody_chose_meanwhile_keeps_the_star(kept: KeptRuns, plan: str) -> None:
    added = kept.catalog.datasets.add_or_find(farm_file_of(date(2026, 3, 1)), "march.csv")
    other = kept.submit(added.dataset.id, {**PAYLOAD, "horizon_months": 6}, name="Other").run
    kept.star(other.id)
    work(kept)

    assert kept.starred().id == other.id


def test_skill_is_told_against_saying_that_all_stays(kept: KeptRuns, plan: str) -> None:
    kept.catalog.datasets.add_or_find(farm_file_of(date(2026, 3, 1)), "march.csv")
    record = kept.judging.record()
    verdicts = record.forecasts[0].verdicts
    milking = next(verdict for verdict in verdicts if verdict.metric is Metric.MILKING_COUNT)
    made_of = kept.catalog.datasets.load(kept.catalog.datasets.get(kept.get(plan).dataset_id))

    assert milking.persistence == made_of.herd.counts()["milking"]
    assert milking.crps is not None
    assert 0 <= milking.crps <= abs(milking.happened - milking.p50) + (milking.high - milking.low)
    draws = kept.draws(plan).values(Metric.MILKING_COUNT)[:, 1]
    # Gneiting and Raftery's definition, over all pairs.
    by_pairs = abs(draws - milking.happened).mean() - abs(draws[:, None] - draws).mean() / 2
    assert milking.crps == pytest.approx(by_pairs)
    known = [verdict for verdict in verdicts if verdict.persistence is not None]
    worst = sum(abs(verdict.happened - verdict.persistence) for verdict in known)
    assert record.tally.skill == pytest.approx(1 - sum(verdict.crps for verdict in known) / worst)


def test_the_same_file_again_leads_to_nothing(kept: KeptRuns, plan: str) -> None:
    first = kept.catalog.datasets.add_or_find(farm_file_of(date(2026, 3, 1)), "march.csv")
    again = kept.catalog.datasets.add_or_find(farm_file_of(date(2026, 3, 1)), "march.csv")

    assert first.arrival.verdicts > 0
    assert (again.is_new, again.arrival.verdicts, again.arrival.run_id) == (False, 0, None)


def test_an_older_file_judges_nothing(kept: KeptRuns, plan: str) -> None:
    added = kept.catalog.datasets.add_or_find(farm_file_of(date(2026, 1, 20)), "january.csv")

    assert (added.arrival.verdicts, added.arrival.run_id) == (0, None)
    with pytest.raises(ConflictError, match="No herd file is newer"):
        kept.judging.judge(plan)


def test_what_cannot_be_judged_is_told_and_the_file_is_kept(kept: KeptRuns, plan: str) -> None:
    data = make_sample(animals=200, seed=2, report_date=date(2026, 4, 1)).csv  # other births: other animals
    added = kept.catalog.datasets.add_or_find(data, "may.csv")

    assert added.is_new
    assert [error.code for error in added.arrival.troubles] == ["CONFLICT"]
    assert kept.judging.record().forecasts == ()


def test_any_forecast_is_judged_when_asked(kept: KeptRuns) -> None:
    row = kept.add_dataset(farm_file_of(date(2026, 2, 1)), "february.csv")
    run = kept.submit(row.id, PAYLOAD).run
    with pytest.raises(ConflictError, match="only a run that succeeded"):
        kept.judging.judge(run.id)
    work(kept)
    kept.add_dataset(farm_file_of(date(2026, 3, 1)), "march.csv")

    assert kept.judging.record().forecasts == ()  # it is nobody's plan
    assert kept.judging.judge(run.id) > 0
    kept.delete([run.id], for_everybody=True)
    assert [judged.run_id for judged in kept.judging.record().forecasts] == [run.id]


def test_a_month_is_judged_by_the_first_file_that_tells_it(kept: KeptRuns, plan: str) -> None:
    for day, name in ((date(2026, 3, 1), "march.csv"), (date(2026, 3, 2), "later.csv")):
        kept.add_dataset(farm_file_of(day), name)

    assert {one.judged_by for one in kept.judging.record().forecasts} == {date(2026, 3, 1)}
