"""The history: what it finds, chooses, deletes and verifies, and what is seen of that."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import ipywidgets
import pytest
import sqlalchemy as sa

from herd_engine.errors import NotFoundError
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.published import FileFault
from herd_engine.storage.run_rows import Outcome, Progress, RunRow, Skipped
from herd_engine.storage.tables import run as run_table
from herd_engine.workbench import Workbench
from tests.herd_engine.storage.rows import published
from tests.widgets.conftest import AtOnce
from widgets.controls.form import Form
from widgets.controls.run_list import RunList
from widgets.page import Page, all_of
from widgets.pages.history import history
from widgets.view_models.history import PAGE_SIZE, PastRuns, Wishes
from widgets.view_models.page_model import PageModel
from widgets.view_models.run_panel import RunPanel
from widgets.views.history.run_filters import changed
from widgets.visit import Visit

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def submit(workbench: Workbench, sample_csv: bytes) -> Callable[..., RunRow]:
    """Queue a run of one dataset; each has a seed of its own."""
    dataset_id = workbench.kept.add_dataset(sample_csv, "farm.csv").id
    seeds = iter(range(1000))
    return lambda **payload: workbench.kept.submit(dataset_id, {"seed": next(seeds), **payload}).run


@pytest.fixture
def finish(workbench: Workbench, submit: Callable[..., RunRow]) -> Callable[..., RunRow]:
    """Make a run that has succeeded."""

    def make(**payload: object) -> RunRow:
        run = submit(**payload)
        claimed = workbench.kept.store.runs.claim("worker")
        assert claimed is not None
        assert workbench.kept.store.runs.publish(
            claimed.id, "worker", published(claimed.id.replace("-", "") * 2)
        )
        assert claimed.id == run.id
        return workbench.kept.get(run.id)

    return make


@pytest.fixture
def state(page: PageModel) -> PastRuns:
    return PastRuns(page, RunPanel(page, ensure=lambda _: None))


def ids(state: PastRuns) -> list[str]:
    return [row.id for row in state.rows]


def test_pages_are_turned_there_and_back(state: PastRuns, submit: Callable[..., RunRow]) -> None:
    newest_first = [submit().id for _ in range(PAGE_SIZE + 3)][::-1]
    state.open()
    assert ids(state) == newest_first[:PAGE_SIZE]
    assert (state.has_newer, state.has_older) == (False, True)

    state.older()
    assert ids(state) == newest_first[PAGE_SIZE:]
    assert (state.has_newer, state.has_older) == (True, False)

    state.newer()
    assert ids(state) == newest_first[:PAGE_SIZE]


def test_runs_are_found_by_state_text_pin_and_day(
    state: PastRuns, workbench: Workbench, submit: Callable[..., RunRow]
) -> None:
    plain, pinned, old = submit().id, submit().id, submit().id
    workbench.kept.pin(pinned)
    workbench.kept.cancel(plain)
    with workbench.kept.store.database.transaction() as connection:
        moment = datetime(2026, 1, 15, 23, 30).astimezone()
        connection.execute(sa.update(run_table).where(run_table.c.id == old).values(queued_at=moment))
    day = date(2026, 1, 15)
    state.open()

    def found(**wishes: object) -> list[str]:
        state.wish(Wishes(**wishes))  # type: ignore[arg-type]
        return ids(state)

    assert found() == [pinned, plain, old]
    assert found(status=RunStatus.CANCELED) == [plain]
    assert found(pinned=True) == [pinned]
    assert found(text=f"  {old[:8]} ") == [old]
    assert found(first=day, last=day) == [old]
    assert found(last=day - timedelta(days=1)) == []
    assert found(first=day + timedelta(days=1)) == [pinned, plain]
    assert state.is_filtered


def test_another_wish_begins_on_the_first_page(state: PastRuns, submit: Callable[..., RunRow]) -> None:
    for _ in range(PAGE_SIZE + 1):
        submit()
    state.open()
    state.older()

    state.wish(Wishes(status=RunStatus.QUEUED))

    assert (len(state.rows), state.has_newer) == (PAGE_SIZE, False)


def test_two_to_six_finished_runs_can_be_compared(
    state: PastRuns, submit: Callable[..., RunRow], finish: Callable[..., RunRow]
) -> None:
    done, active = [finish().id for _ in range(7)], submit().id
    state.open()

    verdicts = []
    for run_id in done:
        state.choose([run_id], chosen=True)
        verdicts.append(state.is_comparable)
    assert verdicts == [False, True, True, True, True, True, False]
    assert list(state.chosen) == done

    state.choose(done[2:], chosen=False)
    assert state.is_comparable
    state.choose([active], chosen=True)
    assert not state.is_comparable
    state.choose_none()
    assert not state.chosen


def test_only_runs_that_are_listed_can_be_chosen_or_pinned(
    state: PastRuns, workbench: Workbench, submit: Callable[..., RunRow]
) -> None:
    run = submit()
    state.open()
    state.wish(Wishes(pinned=True))

    state.choose([run.id, NOBODY], chosen=True)
    state.pin(run.id, pinned=True)

    assert not state.chosen
    assert not workbench.kept.get(run.id).pinned


def test_a_pin_is_set_and_taken_away(state: PastRuns, submit: Callable[..., RunRow]) -> None:
    run = submit()
    state.open()

    state.pin(run.id, pinned=True)
    assert state.rows[0].pinned
    state.pin(run.id, pinned=False)
    assert not state.rows[0].pinned


def test_nothing_is_deleted_before_the_question_is_answered(
    state: PastRuns, workbench: Workbench, submit: Callable[..., RunRow], finish: Callable[..., RunRow]
) -> None:
    done, active = finish().id, submit().id
    state.open()
    state.choose([done, active], chosen=True)

    state.delete()
    state.ask_to_delete()
    state.keep()
    state.delete()
    assert len(workbench.kept.list_runs().items) == 2

    state.ask_to_delete()
    state.delete()
    assert state.deleted is not None
    assert state.deleted.deleted_ids == (done,)
    assert state.deleted.skipped == (Skipped(active, "active"),)
    assert ids(state) == [active]
    assert (state.chosen, state.is_asking) == ({}, False)


def test_choosing_anew_takes_the_question_back(state: PastRuns, finish: Callable[..., RunRow]) -> None:
    first, second = finish().id, finish().id
    state.open()
    state.choose([first], chosen=True)
    state.ask_to_delete()

    state.choose([second], chosen=True)
    state.delete()

    assert len(state.rows) == 2


def test_the_run_that_is_looked_at_is_left_when_it_is_deleted(
    state: PastRuns, finish: Callable[..., RunRow]
) -> None:
    run = finish()
    state.open()
    state.run_panel.run = run
    state.choose([run.id], chosen=True)
    state.ask_to_delete()

    state.delete()

    assert state.run_panel.run is None


def test_what_becomes_of_an_active_run_is_seen_at_the_next_look(
    state: PastRuns, workbench: Workbench, submit: Callable[..., RunRow]
) -> None:
    run = submit(mc_runs=200)
    state.open()
    state.choose([run.id], chosen=True)
    runs = workbench.kept.store.runs
    runs.claim("worker")
    runs.report_progress(run.id, "worker", Progress(stage="simulate", completed_runs=50, total_runs=200))

    assert state.poll()
    assert state.rows[0].status == RunStatus.RUNNING
    assert state.chosen[run.id].status == RunStatus.RUNNING

    runs.finish(
        run.id,
        "worker",
        Outcome(status=RunStatus.FAILED, error_code="OF_TOMORROW", error_params={"said": "No room."}),
    )
    assert not state.poll()
    assert state.rows[0].error_message == "The program said: No room."


def test_a_look_that_finds_nothing_new_draws_nothing(state: PastRuns, submit: Callable[..., RunRow]) -> None:
    submit()
    state.open()
    drawn: list[None] = []
    state.changed.connect(lambda: drawn.append(None))

    state.poll()

    assert drawn == []


def test_a_run_whose_files_are_gone_or_changed_is_told_apart_from_a_whole_one(
    state: PastRuns, workbench: Workbench, finish: Callable[..., RunRow]
) -> None:
    run = finish()  # its one artifact, result.json, was never written
    state.run_panel.run = run

    state.verify()
    assert state.faults == (FileFault("result.json", is_missing=True),)

    workbench.kept.store.files.put(f"runs/{run.id}/result.json", b"{}")
    state.verify()
    assert state.faults == (FileFault("result.json", is_missing=False),)
    assert workbench.kept.verify(run.id) == ("result.json has been changed",)


def test_a_run_of_nobody_is_not_found(state: PastRuns) -> None:
    with pytest.raises(NotFoundError, match="There is no run"):
        state.show(NOBODY)


def test_where_users_are_told_apart_each_sees_their_own_history(
    workbench: Workbench, tmp_path: Path, submit: Callable[..., RunRow]
) -> None:
    shared = submit()
    dataset_id = shared.dataset_id
    for owner in ("anna", "boris"):
        Workbench(tmp_path / "home", owner, None).kept.submit(dataset_id, {"mc_runs": len(owner)})

    def seen(visit: Visit) -> list[str]:
        state = PastRuns(PageModel(workbench, visit, AtOnce()))
        state.open()
        return [row.owner for row in state.rows]

    assert seen(Visit(owner="anna", is_named=True)) == ["anna"]
    assert seen(Visit(owner="boris", is_named=True)) == ["boris"]
    assert seen(Visit(owner="clara", is_named=True)) == []
    assert seen(Visit(owner="local", is_named=True)) == ["local"]
    assert seen(Visit()) == ["boris", "anna", "local"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("text", "herd", Wishes(text="herd")),
        ("text", None, Wishes()),
        ("status", "failed", Wishes(status=RunStatus.FAILED)),
        ("status", "lost", Wishes()),
        ("first", "2026-02-01", Wishes(first=date(2026, 2, 1))),
        ("last", "2026-02", Wishes()),
        ("pinned", "pinned", Wishes(pinned=True)),
    ],
)
def test_fields_of_the_browser_become_wishes(name: str, value: object, expected: Wishes) -> None:
    assert changed(Wishes(), name, value) == expected


def test_days_are_days_of_this_machine() -> None:
    first, last = Wishes(first=date(2026, 2, 1), last=date(2026, 2, 1)).between

    assert first == datetime(2026, 2, 1).astimezone()
    assert last == datetime(2026, 2, 2).astimezone()
    assert first.astimezone(UTC) < last.astimezone(UTC)


def texts_of(page: Page) -> str:
    return " ".join(w.value for w in all_of(page.root) if isinstance(w, ipywidgets.HTML))


def one(page: Page, kind: type) -> ipywidgets.Widget:
    return next(widget for widget in all_of(page.root) if isinstance(widget, kind))


def press(page: Page, label: str) -> None:
    buttons = [w for w in all_of(page.root) if isinstance(w, ipywidgets.Button)]
    next(button for button in buttons if button.description == label).click()
    page.pump.turn()


def test_an_empty_history_says_what_will_be_here(page: PageModel) -> None:
    shown = history(page)

    assert "No forecasts yet" in texts_of(shown)
    one(shown, Form)._on_change("text", "nothing")
    shown.pump.turn()
    assert "Nothing fits these filters" in texts_of(shown)


def test_runs_are_listed_with_scenario_file_settings_state_and_moment(
    page: PageModel, workbench: Workbench, submit: Callable[..., RunRow]
) -> None:
    plain = submit(mc_runs=50, horizon_months=12)
    purchase = {"date_in": "2026-09-15", "count": 34, "days_pregnant": 150}
    workbench.catalog.scenarios.save("Buy in autumn", {"purchases": [purchase]})
    scenario = workbench.catalog.scenarios.find("Buy in autumn")
    workbench.kept.submit(plain.dataset_id, scenario_id=scenario.id)
    submit(purchases=[purchase])
    submit(purchase_policy="auto_forecast")

    rows = one(history(page), RunList).rows

    titles = [
        "Buy when milking cows will be missing",
        "Purchase of 34 heifers",
        "Buy in autumn",
        "Without purchases",
    ]
    assert [row["title"] for row in rows] == titles
    assert rows[-1]["settings"] == "12 months, 50 futures"
    assert (rows[-1]["file"], rows[-1]["state"], rows[-1]["percent"]) == ("farm.csv", "Waiting", None)
    assert rows[-1]["owner"] == ""


def test_choosing_comparing_and_deleting_are_said_in_words(
    page: PageModel, submit: Callable[..., RunRow], finish: Callable[..., RunRow]
) -> None:
    first, second, active = finish().id, finish().id, submit().id
    shown = history(page)
    runs = one(shown, RunList)

    runs._hear(runs, {"type": "choose", "ids": [first, second], "chosen": True}, [])
    runs._hear(runs, {"type": "pin", "id": second, "pinned": True}, [])
    shown.pump.turn()
    assert f'href="compare?lang=en&amp;runs={first},{second}"' in texts_of(shown)

    runs._hear(runs, {"type": "choose", "ids": [active], "chosen": True}, [])
    shown.pump.turn()
    assert "To compare, choose 2 to 6 finished forecasts." in texts_of(shown)

    press(shown, "Delete …")
    assert "Delete 3 forecasts?" in texts_of(shown)
    assert "1 of them is pinned." in texts_of(shown)
    press(shown, "Delete")
    assert "2 forecasts were deleted." in texts_of(shown)
    assert f"{active[:8]} was left: it is not finished." in texts_of(shown)
    assert [row["id"] for row in runs.rows] == [active]


def test_a_failed_run_says_why_what_to_do_and_what_it_was_made_of(
    page: PageModel, workbench: Workbench, submit: Callable[..., RunRow]
) -> None:
    run = submit()
    workbench.kept.store.runs.claim("worker")
    failed = Outcome(status=RunStatus.FAILED, error_code="OF_TOMORROW", error_params={"said": "No <room>."})
    workbench.kept.store.runs.finish(run.id, "worker", failed)
    shown = history(page)

    runs = one(shown, RunList)
    runs._hear(runs, {"type": "show", "id": run.id}, [])
    shown.pump.turn()

    assert "The forecast failed" in texts_of(shown)
    assert "No &lt;room&gt;." in texts_of(shown)
    assert run.id in texts_of(shown)
    assert shown.query == {"run": run.id}
    assert runs.rows[0]["shown"]


def test_an_active_run_is_canceled_from_its_panel(
    page: PageModel, workbench: Workbench, submit: Callable[..., RunRow]
) -> None:
    run = submit()
    shown = history(page)
    one(shown, RunList)._hear(None, {"type": "show", "id": run.id}, [])
    shown.pump.turn()

    press(shown, "Cancel")

    assert workbench.kept.get(run.id).status == RunStatus.CANCELED


def test_files_that_are_not_whole_are_said_in_russian_too(
    page: PageModel, workbench: Workbench, finish: Callable[..., RunRow]
) -> None:
    run = finish()
    page.speak("ru")
    shown = history(page)
    shown.model.workbench.kept.store.files.put(f"runs/{run.id}/result.json", b"{}")
    one(shown, RunList)._hear(None, {"type": "show", "id": run.id}, [])
    press(shown, "Проверить файлы")

    assert "result.json: файл изменён" in texts_of(shown)


@pytest.mark.parametrize(
    "message", [{}, {"type": "choose", "ids": "all"}, {"type": "pin", "id": 3}, {"type": "x"}]
)
def test_messages_that_mean_nothing_change_nothing(message: dict[str, object]) -> None:
    heard: list[object] = []
    runs = RunList(
        on_choose=lambda *what: heard.append(what),
        on_pin=lambda *what: heard.append(what),
        on_show=heard.append,
    )

    runs._hear(runs, message, [])

    assert heard == []
