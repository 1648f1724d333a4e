"""Every page of the apps in a third language: nothing that people read stays English."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest

from herd_engine.model.forecast import Metric
from herd_engine.monitoring.watch import watch_of
from herd_engine.presentation.export_guide import export_guide
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.clocks import in_march
from tests.herd_engine.runs.conftest import work
from tests.third_language import english_in, seen_in, seen_in_figure, third_language
from tests.widgets.conftest import AtOnce
from widgets.page import Page, all_of
from widgets.pages.alerts import alerts
from widgets.pages.compare import compare
from widgets.pages.data import data
from widgets.pages.deliveries import deliveries
from widgets.pages.history import history
from widgets.pages.overview import overview
from widgets.pages.studio import studio
from widgets.pages.system import system
from widgets.pages.work import work as to_do
from widgets.view_models.page_model import PageModel
from widgets.visit import Visit

FEBRUARY = make_sample(animals=300, seed=2, report_date=date(2026, 2, 1), problems=True)
MARCH = make_sample(animals=300, problems=True)
READ = {
    "Button": ("description", "tooltip"),
    "Download": ("label",),
    "FileDrop": ("texts",),
    "Form": ("fields", "problems", "notes"),
    "HTML": ("value",),
    "Items": ("label", "items", "empty", "texts"),
    "Plot": ("figure", "table", "texts"),
    "PurchasePlan": ("texts", "rows", "problems"),
    "RunList": ("rows", "texts"),
    "Text": ("description", "placeholder"),
    "Shell": ("texts", "apps", "title", "report_words", "bell", "service"),
}
"""What people read of each control; all else are paths, ids, values and names of pictures."""
NOT_READ = ("path", "kind", "id", "name", "icon", "status", "owner")
"""Of an object among these."""


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workbench, list[str]]]:
    """A farm with two herd files and three forecasts."""
    workbench = Workbench(tmp_path_factory.mktemp("home"), "local", None)
    kept = workbench.kept
    workbench.catalog.farms.rename(workbench.catalog.farms.find().id, "Ψ")
    older, newer = (kept.add_dataset(made.csv, "1.csv").id for made in (FEBRUARY, MARCH))
    wanted = [(older, {}), (newer, {}), (newer, {"model": {"culling_intensity": 0.8}})]
    plain = {"mc_runs": 40, "horizon_months": 24}
    runs = [kept.submit(dataset, plain | changes).run.id for dataset, changes in wanted]
    work(kept)
    _alert(workbench, runs[1])
    yield workbench, runs
    kept.close()


def _alert(workbench: Workbench, run: str) -> None:
    """Let there be an alert that is looked after and silenced, and something else that is watched."""
    text = "version: 1\nchannels: [{id: '1', kind: folder, folder: told, events: []}]\n"
    (workbench.home / "channels.yaml").write_text(text, encoding="utf-8")
    workbench.runs.star(run)
    workbench.alerts.set_floor(Metric.MILKING_COUNT, 1000)
    workbench.alerts.set_policy(
        {"id": "old", "metric": "snapshot_age_days", "threshold": 20_000, "channels": ["1"]}
    )
    watch_of(workbench.kept.store, lambda _: None, in_march).turn()
    (alert,) = workbench.alerts.list(active=True)
    workbench.alerts.acknowledge(alert.id, "1")
    workbench.alerts.silence({"policy": alert.policy_id}, datetime.now(UTC) + timedelta(days=1), "1")


@pytest.fixture(scope="module")
def third(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with third_language(tmp_path_factory.mktemp("third")) as language:
        yield language


def texts_in(state: Any) -> Iterator[str]:
    """Yield what is read of a control's state; of a choice, a pair of value and label, the label."""
    if isinstance(state, str):
        yield from seen_in(state)
    elif isinstance(state, dict):
        for name, item in state.items():
            if name in ("choices", "quick"):
                yield from texts_in([label for _, label in item])
            elif name not in NOT_READ:
                yield from texts_in(item)
    elif isinstance(state, list | tuple):
        for item in state:
            yield from texts_in(item)


def english_on(page: Page) -> dict[str, set[str]]:
    """Return what stays English, by the control and trait that shows it."""
    found: dict[str, set[str]] = {}
    for widget in all_of(page.root):
        kind = type(widget).__name__
        for name in READ.get(kind, ()):
            value = getattr(widget, name)
            texts = seen_in_figure(value) if name == "figure" else texts_in(value)
            if words := english_in(texts):
                found.setdefault(f"{kind}.{name}", set()).update(words)
    return found


def words_of_files(language: str) -> set[str]:
    """Return headings and status words that the guide to exports names: its last columns."""
    told = export_guide(language)
    named = english_in(str(row[-1]) for row in (*told.columns.rows, *told.statuses.rows))
    return named | {"nan"}  # a marker of what is missing, in a note


BOXES = {"Box", "VBox", "HBox"}
PAGES = {"overview": overview, "studio": studio, "compare": compare, "history": history, "data": data,
         "alerts": alerts, "deliveries": deliveries, "system": system, "work": to_do}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_no_page_of_the_apps_stays_english(name: str, farm: tuple[Workbench, list[str]], third: str) -> None:
    workbench, runs = farm
    visit = Visit(language=third, run=runs[1] if name in ("history", "studio") else None,
                  runs=tuple(runs[1:]) if name == "compare" else ())  # fmt: skip
    page = PAGES[name](PageModel(workbench, visit, AtOnce()))
    for _ in range(3):
        page.pump.turn()

    try:
        kinds = {type(widget).__name__ for widget in all_of(page.root)}
        assert kinds - set(READ) <= BOXES
        found = english_on(page)
        if name == "data":  # it shows the words of files, which are as the programs write them
            found["HTML.value"] = found.get("HTML.value", set()) - words_of_files(third)
            found["Form.fields"] = found.get("Form.fields", set()) - english_in(available_timezones())
        assert {place: words for place, words in found.items() if words} == {}
    finally:
        page.root.close()


def test_what_stays_english_would_be_seen(farm: tuple[Workbench, list[str]], third: str) -> None:
    page = overview(PageModel(farm[0], Visit(language="en"), AtOnce()))
    page.pump.turn()

    english = english_on(page)
    page.root.close()

    assert {"HTML.value", "Plot.figure", "Plot.table", "Shell.texts"} <= set(english)
