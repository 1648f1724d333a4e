"""The overview: what it knows of a farm, and what is seen of that."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

import ipywidgets
import pytest

from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.runner import Runner
from herd_engine.model.forecast import Metric
from herd_engine.model.run_status import RunStatus
from herd_engine.model.verdicts import Verdict
from herd_engine.sample import make_sample
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.judgements import Judgements, NewJudgement
from herd_engine.storage.run_rows import Outcome
from herd_engine.workbench import Workbench
from tests.herd_engine.runs.conftest import work
from tests.widgets.conftest import AtOnce
from widgets.controls.plot import Plot
from widgets.page import Page, all_of
from widgets.pages.overview import overview
from widgets.view_models.overview import Overview, newest_two
from widgets.view_models.page_model import PageModel
from widgets.view_models.run_panel import RunPanel
from widgets.visit import Visit

FEBRUARY = make_sample(animals=150, seed=2, report_date=date(2026, 2, 1))
MARCH = make_sample(animals=150)


def texts_of(page: Page) -> str:
    return " ".join(w.value for w in all_of(page.root) if isinstance(w, ipywidgets.HTML))


def opened(page: PageModel) -> Overview:
    state = Overview(page, RunPanel(page, ensure=lambda _: None))
    state.open()
    return state


@pytest.fixture(scope="module")
def forecast_farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A farm with two herd files, and a forecast of each."""
    workbench = Workbench(tmp_path_factory.mktemp("home"), "local", None)
    kept = workbench.kept
    payload = {"mc_runs": 40, "horizon_months": 24}
    for sample, name in ((MARCH, "march.csv"), (FEBRUARY, "february.csv")):  # the older one was added later
        kept.submit(kept.add_dataset(sample.csv, name).id, payload)
    with open_cluster(ClusterSettings()) as cluster:
        Runner(kept.store, cluster).work(Event(), until_idle=True)
    yield workbench
    kept.close()


@pytest.fixture
def forecast_page(forecast_farm: Workbench) -> PageModel:
    return PageModel(forecast_farm, Visit(), AtOnce())


def row(day: date, added: int) -> DatasetRow:
    return DatasetRow(
        farm_id="farm", owner="anna", sha256=f"{day}{added}", file_sha256="", answers={},
        name="herd.csv", n_rows=1, report_date=day,
        quality=[], counts={}, id=f"{day}-{added}", created_at=datetime(2026, 6, added, tzinfo=UTC),
        archived_at=None,
    )  # fmt: skip


def test_the_newest_herd_is_that_of_the_newest_report_date_and_the_one_before_is_of_another_day() -> None:
    january, february, corrected = (row(date(2026, m, 1), d) for m, d in ((1, 9), (2, 1), (2, 3)))

    assert newest_two((january, february, corrected)) == (corrected, january)
    assert newest_two((february,)) == (february, None)
    assert newest_two(()) == (None, None)


def test_a_farm_without_a_herd_file_says_what_will_be_here_and_leads_to_the_studio(page: PageModel) -> None:
    shown = overview(page)
    shown.pump.turn()

    assert "No herd file yet" in texts_of(shown)
    assert 'href="studio?lang=en"' in texts_of(shown)
    assert all(plot.figure == {} for plot in all_of(shown.root) if isinstance(plot, Plot))


def test_a_herd_without_a_forecast_is_counted_as_on_its_report_date(page: PageModel) -> None:
    page.workbench.kept.add_dataset(MARCH.csv, "march.csv")
    truth = MARCH.truth["on_report_date"]["true_state"]

    now = opened(page).now

    assert now is not None
    assert now.value(Metric.MILKING_COUNT) == truth["milking"]
    assert now.value(Metric.DRY_COUNT) == truth["dry"]
    assert now.value(Metric.AVG_DAYS_IN_MILK) == pytest.approx(truth["average_days_in_milk"], abs=0.001)
    assert now.total == 150
    assert now.forecast is None


def test_one_button_forecasts_the_herd_with_the_defaults(page: PageModel) -> None:
    dataset = page.workbench.kept.add_dataset(MARCH.csv, "march.csv")
    state = opened(page)

    state.forecast_now()

    assert state.run_panel.run is not None
    assert (state.run_panel.run.dataset_id, state.run_panel.run.runs_total) == (dataset.id, 1000)
    state.forecast_now()  # pressed twice
    assert len(page.workbench.kept.list_runs().items) == 1


def test_the_overview_speaks_of_the_farms_plan_never_of_the_latest_trial(page: PageModel) -> None:
    kept = page.workbench.kept
    dataset = kept.add_dataset(MARCH.csv, "march.csv")
    model = {"culling_intensity": 0.5}
    trial = kept.submit(dataset.id, {"mc_runs": 20, "horizon_months": 12, "model": model}).run
    work(kept)

    state = opened(page)
    assert state.now is not None
    assert state.now.run is None  # as things go now has not been forecast

    kept.star(trial.id)
    latest = kept.submit(dataset.id, {"mc_runs": 20, "horizon_months": 6}).run
    work(kept)
    state.refresh()
    assert state.now.run is not None
    assert state.now.run.id == trial.id
    assert [run.id for run in state.latest] == [latest.id, trial.id]


def test_a_new_herd_file_is_forecast_with_the_farms_plan_which_that_forecast_then_is(page: PageModel) -> None:
    kept = page.workbench.kept
    before = kept.add_dataset(FEBRUARY.csv, "february.csv")
    model = {"culling_intensity": 0.5}
    plan = kept.submit(before.id, {"mc_runs": 20, "horizon_months": 12, "model": model}, name="Less").run
    work(kept)
    kept.star(plan.id)
    march = kept.add_dataset(MARCH.csv, "march.csv")
    state = opened(page)
    assert state.now is not None
    assert state.now.row.id == march.id
    assert state.now.run is None
    assert state.before is not None
    assert state.before.run is not None
    assert state.before.run.id == plan.id
    assert state.run_panel.is_active  # asked for when the file came

    work(kept)
    state.run_panel.poll()

    assert state.now.run is not None
    assert (state.now.run.dataset_id, state.now.run.name) == (march.id, "Less")
    assert state.now.forecast is not None
    assert state.now.forecast.meta.scenario.model.culling_intensity == 0.5


def test_a_forecast_on_its_way_is_followed_when_the_page_is_opened_again(page: PageModel) -> None:
    dataset = page.workbench.kept.add_dataset(MARCH.csv, "march.csv")
    run = page.workbench.kept.submit(dataset.id, {"mc_runs": 50}).run

    state = opened(page)

    assert state.run_panel.run.id == run.id


def test_a_forecast_that_failed_says_why_and_can_be_started_again(page: PageModel) -> None:
    page.workbench.kept.add_dataset(MARCH.csv, "march.csv")
    state = opened(page)
    state.forecast_now()
    runs = page.workbench.kept.store.runs
    claimed = runs.claim("worker")
    assert claimed is not None
    runs.finish(
        claimed.id,
        "worker",
        Outcome(status=RunStatus.FAILED, error_code="OF_TOMORROW", error_params={"said": "No room."}),
    )

    assert not state.run_panel.poll()
    assert state.run_panel.run is not None
    assert state.run_panel.run.error_message == "The program said: No room."
    state.forecast_now()
    assert state.run_panel.run.id != claimed.id


def test_where_users_are_told_apart_each_sees_their_own_runs(workbench: Workbench, tmp_path: Path) -> None:
    dataset = workbench.kept.add_dataset(MARCH.csv, "march.csv")
    for owner in ("anna", "boris"):
        Workbench(tmp_path / "home", owner, None).kept.submit(dataset.id, {"mc_runs": len(owner)})

    def seen(visit: Visit) -> list[str]:
        return [run.owner for run in opened(PageModel(workbench, visit, AtOnce())).latest]

    assert seen(Visit(owner="anna", is_named=True)) == ["anna"]
    assert seen(Visit()) == ["boris", "anna"]


@pytest.mark.slow
def test_a_farm_with_forecasts_is_shown_with_sentence_tiles_charts_and_what_changed(
    forecast_page: PageModel,
) -> None:
    shown = overview(forecast_page)
    shown.pump.turn()
    text = texts_of(shown)

    milking = [s.truth["on_report_date"]["true_state"]["milking"] for s in (FEBRUARY, MARCH)]
    assert '<h1 class="">Milking cows' in text
    assert "are sure to ±" in text
    assert text.count('<li class="tile"') == 6
    assert f"{milking[1] - milking[0]:+d} since 1 Feb 2026".replace("-", "\N{MINUS SIGN}") in text
    assert "Changes are against february.csv of 1 Feb 2026" in text
    assert f"<td>{milking[0]}</td><td>{milking[1]}</td>" in text
    assert "Had been expected" in text
    assert "How good has this been on your herd?" in text
    assert "Forecasts of milking cows were on average" in text
    plots = {plot.name: plot for plot in all_of(shown.root) if isinstance(plot, Plot)}
    assert set(plots) == {"milking", "events", "structure", "past-milking", "past-calvings"}
    assert all(plot.figure["data"] and plot.table["rows"] for plot in plots.values())
    assert shown.query == {}


@pytest.mark.slow
def test_the_calvings_tile_is_the_mean_of_the_first_whole_month(forecast_page: PageModel) -> None:
    shown = overview(forecast_page)
    shown.pump.turn()

    now = opened(forecast_page).now
    assert now is not None
    assert now.forecast is not None
    assert now.forecast.dates[:2] == (date(2026, 3, 1), date(2026, 4, 1))
    expected = round(float(now.forecast.series[Metric.CALVINGS].mean[1]))
    assert "Mar 2026: " in texts_of(shown)
    assert f'<p class="big">{expected} <small>a month</small>' in texts_of(shown)


@pytest.mark.slow
def test_a_forecast_that_has_ended_is_shown_in_place_of_its_progress(page: PageModel) -> None:
    dataset = page.workbench.kept.add_dataset(MARCH.csv, "march.csv")
    run = page.workbench.kept.submit(dataset.id, {"mc_runs": 20, "horizon_months": 6}).run
    state = opened(page)
    with open_cluster(ClusterSettings()) as cluster:
        Runner(page.workbench.kept.store, cluster).work(Event(), until_idle=True)

    state.run_panel.poll()

    assert state.now is not None
    assert state.now.run is not None
    assert state.now.run.id == run.id
    assert state.now.forecast is not None
    assert state.run_panel.run is None


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("Forecast then, file now", "Of 2 forecast numbers", "1 came out", "12 – outside (7–9)")),
        ("ru", ("Прогноз тогда, файл сейчас", "Из 2 чисел прогноза", "12 – вне полосы (7–9)")),
    ],
)
def test_what_the_next_file_said_of_the_plan_is_shown(
    page: PageModel, language: str, told: tuple[str, ...]
) -> None:
    kept = page.workbench.kept
    row = kept.add_dataset(MARCH.csv, "march.csv")
    about = {"day": row.report_date, "p50": 8.0, "low": 7.0, "high": 9.0}
    verdicts = [
        Verdict(metric=Metric.CULLS, happened=12.0, **about),
        Verdict(metric=Metric.CALVINGS, happened=9.0, **about),
    ]
    new = NewJudgement(
        run_id="8c5b2b9e-0000-4000-8000-000000000000",
        dataset_id=row.id,
        made=date(2026, 2, 1),
        judged_by=row.report_date,
        band=0.9,
        verdicts=verdicts,
    )
    Judgements(kept.store.database).add(kept.scope, new)
    page.language = language

    shown = overview(page)
    shown.pump.turn()
    text = texts_of(shown)

    assert [each for each in told if each not in text] == []


@pytest.mark.parametrize(("language", "name"), [("en", "Sample farm"), ("ru", "Пробная ферма")])
def test_who_has_no_herd_file_can_try_a_sample_farm_beside_their_own(
    page: PageModel, workbench: Workbench, monkeypatch: pytest.MonkeyPatch, language: str, name: str
) -> None:
    page.speak(language)
    shown, gone = overview(page), list[str]()
    shown.pump.turn()
    monkeypatch.setattr(shown, "go_to_farm", gone.append)
    words = {"en": "Try it with a sample farm", "ru": "Попробовать на пробной ферме"}
    buttons = [w for w in all_of(shown.root) if isinstance(w, ipywidgets.Button)]
    button = next(w for w in buttons if w.description == words[language])

    button.click()
    button.click()  # the same farm again

    assert page.failure is None
    assert gone == [name, name]
    (row,) = workbench.of_farm(name).datasets.all()
    assert sum(row.counts.values()) == 800
    assert workbench.datasets.all() == ()
    workbench.farms.archive(name)
    button.click()
    assert name in [farm.name for farm in workbench.farms.list()]
