"""The page of deliveries: what others were told, every attempt, and sent again on a wish."""

import json
from pathlib import Path

import pytest

from herd_engine.errors import NotFoundError
from herd_engine.model.visitor import Role, Visitor
from herd_engine.workbench import Workbench
from tests.widgets.conftest import AtOnce, texts_of
from widgets.controls.form import Form
from widgets.controls.items import Items
from widgets.controls.plot import Plot
from widgets.page import Page, all_of
from widgets.pages.deliveries import deliveries
from widgets.view_models.page_model import PageModel
from widgets.visit import Visit

CHANNELS = """
version: 1
channels:
  - {id: barn, kind: folder, folder: told}
  - {id: lost, kind: folder, folder: a_file}
"""


@pytest.fixture
def home(workbench: Workbench) -> Path:
    """A home that knows a folder that takes messages, and one that cannot be made."""
    workbench.farms.current()
    (workbench.home / "channels.yaml").write_text(CHANNELS)
    (workbench.home / "a_file").write_text("in the way")
    return workbench.home


def lists(page: Page) -> dict[str, Items]:
    return {widget.label: widget for widget in all_of(page.root) if isinstance(widget, Items)}


def hear(page: Page, label: str, **content: object) -> None:
    items = lists(page)[label]
    items._hear(items, content, [])
    page.pump.turn()


def test_a_test_message_arrives_and_is_sent_again_on_a_wish(
    page: PageModel, workbench: Workbench, home: Path
) -> None:
    shown = deliveries(page)
    assert "No messages were sent yet" in texts_of(shown)

    hear(shown, "Who is told", type="act", name="test", id="barn", value="")
    (waiting,) = lists(shown)["Messages"].items
    assert (waiting["title"], waiting["badge"]) == ("Test: this channel works", "waits")
    assert waiting["actions"] == []  # what waits is not sent twice

    workbench.deliveries.dispatch()
    page.seen.emit()
    shown.pump.turn()
    assert "1 message arrived." in texts_of(shown)
    (plot,) = (widget for widget in all_of(shown.root) if isinstance(widget, Plot))
    assert plot.figure["layout"]["title"]["text"] == "Within 30 days 1 arrived; attempts that failed: 0"
    assert [sum(bars["y"]) for bars in plot.figure["data"]] == [1, 0, 0]
    assert [row[1:] for row in plot.table["rows"]] == [("1", "0", "0")]

    hear(shown, "Messages", type="act", name="replay", id=waiting["id"], value="")
    assert "1 message is sent again." in texts_of(shown)
    workbench.deliveries.dispatch()
    told = next((home / "told").glob("*.jsonl")).read_text("utf-8")
    events = [json.loads(line) for line in told.splitlines()]
    assert [event["type"] for event in events] == ["test.ping"]  # the same event: the folder has it once


def test_a_failed_attempt_says_why_and_the_list_is_filtered(
    page: PageModel, workbench: Workbench, home: Path
) -> None:
    workbench.deliveries.test("lost")
    workbench.deliveries.dispatch()
    shown = deliveries(page)
    (item,) = lists(shown)["Messages"].items
    assert item["badge"] == "is tried again"

    hear(shown, "Messages", type="pick", id=item["id"], picked=True)
    assert shown.query == {"message": item["id"]}
    assert "the folder could not be written to" in texts_of(shown)

    form = next(w for w in all_of(shown.root) if isinstance(w, Form))
    form._on_change("state", "SENT")
    shown.pump.turn()
    assert lists(shown)["Messages"].items == []


def test_a_message_that_is_not_there_is_said_once(page: PageModel, workbench: Workbench, home: Path) -> None:
    asked = PageModel(workbench, Visit(message="0" * 36), AtOnce())

    deliveries(asked)
    assert asked.failure is not None
    assert isinstance(asked.failure.error, NotFoundError)

    asked.dismiss()
    asked.seen.emit()
    assert asked.failure is None


@pytest.mark.parametrize(("role", "acts"), [(Role.MANAGER, []), (Role.ADMIN, ["test"])])
def test_only_who_directs_the_service_sends(
    workbench: Workbench, home: Path, role: Role, acts: list[str]
) -> None:
    workbench.farms.grant(workbench.farms.current().name, "anna", role)
    guest = workbench.of(Visitor(name="anna"))

    shown = deliveries(PageModel(guest, Visit(owner="anna", is_named=True), AtOnce()))

    assert [action["name"] for action in lists(shown)["Who is told"].items[0]["actions"]] == acts
