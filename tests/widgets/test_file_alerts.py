"""Warnings about herd files on the page of data."""

import ipywidgets

from herd_engine.model.visitor import Role, Visitor
from herd_engine.monitoring.watch import watch_of
from herd_engine.workbench import Workbench
from tests.widgets.conftest import AtOnce, texts_of
from widgets.page import Page, all_of
from widgets.pages.data import data
from widgets.view_models.file_alerts import FileAlerts
from widgets.view_models.page_model import PageModel
from widgets.visit import Visit

OLD = "Warn me when the newest file is older than 35 days"


def button(page: Page, label: str) -> ipywidgets.Button:
    buttons = [w for w in all_of(page.root) if isinstance(w, ipywidgets.Button)]
    return next(each for each in buttons if each.description == label)


def test_one_press_warns_of_an_old_file_which_then_is_said_with_a_way_to_its_alert(
    page: PageModel, workbench: Workbench, sample_csv: bytes
) -> None:
    workbench.kept.add_dataset(sample_csv, "farm.csv")  # of early 2026, which is more than 35 days ago
    shown = data(page)
    assert "Nothing is watched yet." in texts_of(shown)

    button(shown, OLD).click()
    shown.pump.turn()
    (held,) = workbench.alerts.policies()
    assert (str(held.policy.metric), held.policy.threshold) == ("snapshot_age_days", 35)
    assert button(shown, OLD).layout.display == "none"
    assert "Age of the newest herd file, in days: well" in texts_of(shown)

    watch_of(workbench.kept.store, lambda _: None).turn()
    page.seen.emit()
    shown.pump.turn()
    (alert,) = workbench.alerts.list(active=True)
    assert f'href="alerts?lang=en&amp;alert={alert.id}"' in texts_of(shown)
    assert "The newest herd file, farm.csv, is of" in texts_of(shown)


def test_whoever_may_only_read_the_farm_is_shown_and_offered_nothing(workbench: Workbench) -> None:
    workbench.farms.grant(workbench.farms.current().name, "anna", Role.VIEWER)
    guest = workbench.of(Visitor(name="anna"))

    found = FileAlerts(PageModel(guest, Visit(owner="anna", is_named=True), AtOnce()))
    found.refresh()

    assert (found.may_look, found.offered) == (False, ())
