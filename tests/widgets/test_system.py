"""The page of the system, and the dot of every page."""

from typing import Any

from herd_engine.monitoring.watch import watch_of
from herd_engine.workbench import Workbench
from tests.widgets.conftest import texts_of
from widgets.page import Page
from widgets.pages.system import system
from widgets.view_models.page_model import PageModel


def seen(page: Page) -> dict[str, Any]:
    page.model.seen.emit()
    page.pump.turn()
    return dict(page._shell.service)


def test_the_page_counts_what_waits_and_is_kept(
    page: PageModel, workbench: Workbench, sample_csv: bytes
) -> None:
    dataset = workbench.kept.add_dataset(sample_csv, "farm.csv")
    workbench.kept.submit(dataset.id, {"mc_runs": 20})
    animals = sum(dataset.counts.values())

    shown = texts_of(system(page))

    assert '<h3>Forecasts that wait</h3><p class="big">1 <small>the oldest since' in shown
    assert f'<h3>Animals</h3><p class="big">{animals}</p>' in shown
    assert "Something needs looking after" in shown  # it waits, and nobody computes


def test_the_dot_tells_good_from_alone_and_bad(
    page: PageModel, workbench: Workbench, sample_csv: bytes
) -> None:
    dataset = workbench.kept.add_dataset(sample_csv, "farm.csv")
    shown = system(page)
    assert seen(shown) == {
        "state": "alone",
        "label": "Nothing works in the background: alerts are not looked at",
    }

    watch_of(workbench.kept.store, lambda _: None).turn()
    assert seen(shown)["state"] == "good"
    assert "Looking at alerts" in texts_of(shown)

    workbench.kept.submit(dataset.id, {"mc_runs": 20})
    assert seen(shown)["state"] == "bad"
    assert "Something needs looking after" in texts_of(shown)
