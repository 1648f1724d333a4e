"""The page of data: its models, and its views without a browser."""

import io
import re
from datetime import date
from typing import Any

import ipywidgets
import numpy as np
import pytest
from openpyxl import load_workbook

from herd_engine.errors import ConflictError
from herd_engine.model.animals import AnimalState, Herd
from herd_engine.model.answers import Answers
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from widgets.controls.download import Download
from widgets.controls.file_drop import FileDrop
from widgets.controls.items import Items
from widgets.controls.plot import Plot
from widgets.controls.shell import Shell
from widgets.page import Page, all_of
from widgets.pages.data import data
from widgets.view_models.holdings import Holdings
from widgets.view_models.key_figures import key_figures
from widgets.view_models.page_model import PageModel
from widgets.visit import Visit


@pytest.fixture
def holdings(page: PageModel, sample_csv: bytes) -> Holdings:
    """An opened page of a farm with one file."""
    page.workbench.kept.add_dataset(sample_csv, "farm.csv")
    holdings = Holdings(page)
    holdings.open()
    return holdings


def shown(page: PageModel) -> Page:
    view = data(page)
    view.pump.turn()
    return view


def texts_of(page: Page) -> str:
    return " ".join(w.value for w in all_of(page.root) if isinstance(w, ipywidgets.HTML))


def items(page: Page, label: str) -> Items:
    return next(w for w in all_of(page.root) if isinstance(w, Items) and w.label == label)


def herd_of(*animals: tuple[AnimalState, int, int]) -> Herd:
    """Return a herd of (state, lactation, days since calving)."""
    states, lactations, days = (np.array(column) for column in zip(*animals, strict=True))
    nothing = np.zeros(len(animals), np.int32)
    return Herd(
        report_date=date(2026, 3, 1),
        animal_ids=np.array([str(i) for i in range(len(animals))], object),
        state=states.astype(np.int8),
        is_flagged=np.array([False] * (len(animals) - 1) + [True]),
        lactation=lactations.astype(np.int32),
        birth=nothing - 900,
        calving=-days.astype(np.int32),
        conception=nothing,
        dry_off=nothing,
        expected_dry_off=nothing,
        expected_calving=nothing,
        insemination=nothing,
        excluded={},
    )


def test_key_figures_are_what_their_definitions_say() -> None:
    herd = herd_of(
        (AnimalState.HEIFER, 0, 0),
        (AnimalState.PREGNANT_HEIFER, 0, 0),
        (AnimalState.PREGNANT_HEIFER, 0, 0),
        (AnimalState.OPEN, 1, 100),
        (AnimalState.OPEN, 2, 201),
        (AnimalState.PREGNANT, 3, 200),
        (AnimalState.DRY, 1, 330),
    )

    figures = {item.name: item.value for item in key_figures(herd)}

    assert figures == {
        "milking": 3,
        "dry": 1,
        "heifer": 1,
        "pregnant_heifer": 2,
        "flagged": 1,
        "total": 7,
        "days_in_milk": pytest.approx((100 + 201 + 200) / 3),
        "milking_share": 75,
        "pregnant_share": 50,
        "late_share": pytest.approx(100 / 3),
        "first_share": 50,
        "heifers_a_cow": 0.75,
    }


def test_a_herd_without_cows_has_no_shares() -> None:
    figures = {item.name: item.value for item in key_figures(herd_of((AnimalState.HEIFER, 0, 0)))}

    assert [name for name, value in figures.items() if value is None] == [
        "days_in_milk",
        "milking_share",
        "pregnant_share",
        "late_share",
        "first_share",
        "heifers_a_cow",
    ]


def test_the_newest_herd_is_shown_and_calibrated(holdings: Holdings) -> None:
    assert holdings.data.row is not None
    assert holdings.data.row.name == "farm.csv"
    assert holdings.fit is not None
    assert holdings.fit.tables


def test_the_address_names_the_herd(page: PageModel, sample_csv: bytes) -> None:
    first = page.workbench.kept.add_dataset(sample_csv, "first.csv")
    page.workbench.kept.add_dataset(make_sample(animals=120, seed=3).csv, "second.csv")
    page.visit = Visit(dataset=first.id)

    holdings = Holdings(page)
    holdings.open()

    assert holdings.data.row.id == first.id


def test_of_two_wishes_the_latest_is_shown(workbench: Workbench, sample_csv: bytes, later: Any) -> None:
    first = workbench.kept.add_dataset(sample_csv, "first.csv")
    workbench.kept.add_dataset(make_sample(animals=120, seed=3).csv, "second.csv")
    holdings = Holdings(PageModel(workbench, Visit(), later))
    holdings.open()
    holdings.data.look_at(first.id)

    for task in reversed(later.tasks):
        task()

    assert holdings.data.row.id == first.id


def test_a_file_gets_another_name_everywhere(holdings: Holdings) -> None:
    assert holdings.data.row is not None

    holdings.files.rename(holdings.data.row.id, "  Barn   north ")

    assert holdings.data.row.name == "Barn north"
    assert [held.row.name for held in holdings.files.files] == ["Barn north"]
    assert [row.name for row in holdings.data.datasets] == ["Barn north"]


def test_a_file_that_a_run_uses_cannot_be_deleted_and_stays(holdings: Holdings) -> None:
    assert holdings.data.row is not None
    row = holdings.data.row
    holdings.page.workbench.kept.submit(row.id, {})
    holdings.files.refresh()
    assert [held.n_runs for held in holdings.files.files] == [1]

    with pytest.raises(ConflictError, match="archive it instead"):
        holdings.files.delete(row.id)

    assert holdings.data.row.id == row.id


def test_a_file_that_is_deleted_is_no_longer_shown(holdings: Holdings) -> None:
    assert holdings.data.row is not None

    holdings.files.delete(holdings.data.row.id)

    assert holdings.files.files == ()
    assert holdings.data.row is None
    assert holdings.data.herd_file is None
    assert holdings.fit is None


def test_archived_files_are_out_of_sight_until_they_are_asked_for(holdings: Holdings) -> None:
    assert holdings.data.row is not None
    holdings.files.archive(holdings.data.row.id, archived=True)
    assert holdings.files.files == ()

    holdings.files.show_archived(shown=True)
    assert len(holdings.files.files) == 1

    holdings.files.archive(holdings.data.row.id, archived=False)
    holdings.files.show_archived(shown=False)
    assert len(holdings.files.files) == 1


def test_files_are_found_by_a_part_of_their_name(holdings: Holdings) -> None:
    for text, n in (("FARM", 1), ("barn", 0), ("", 1)):
        holdings.files.search(text)
        assert len(holdings.files.files) == n


def test_farms_are_added_renamed_made_default_and_archived(holdings: Holdings) -> None:
    farms = holdings.farms
    old = farms.current
    farms.add("North")
    north = next(row for row in farms.rows if row.name == "North")

    farms.rename(north.id, "Far north")
    farms.make_default(north.id)
    farms.archive(old.id, archived=True)

    assert [(row.name, row.is_default, row.archived_at is None) for row in farms.rows] == [
        ("Far north", True, True),
        (old.name, False, False),
    ]
    assert not farms.current.is_default


def test_two_farms_cannot_have_one_name(holdings: Holdings) -> None:
    with pytest.raises(ConflictError, match="exists already"):
        holdings.farms.add(holdings.farms.current.name.upper())


def test_a_renamed_farm_stands_in_the_frame_and_in_the_address(page: PageModel) -> None:
    page.visit = Visit(farm="Home")
    view = shown(page)
    shell = next(w for w in all_of(view.root) if isinstance(w, Shell))
    current = page.workbench.catalog.farm

    items(view, "Farms")._on_act("rename", current.id, "Hill farm")
    view.pump.turn()

    assert shell.farm == "Hill farm"
    assert shell.query["farm"] == "Hill farm"


def test_an_empty_farm_is_asked_for_a_file(page: PageModel) -> None:
    view = shown(page)

    assert "Add the export of your herd" in texts_of(view)
    assert items(view, "Files of this farm").empty == "No file yet. Drop one on this page."
    assert all(w.figure == {} for w in all_of(view.root) if isinstance(w, Plot))


def test_a_herd_is_shown_in_tiles_charts_and_issues(page: PageModel, sample_csv: bytes) -> None:
    page.workbench.kept.add_dataset(sample_csv, "<farm>.csv")

    view = shown(page)

    assert '<h1 class="">&lt;farm&gt;.csv: 150 animals, ' in texts_of(view)
    assert len(re.findall('<li class="tile"', texts_of(view))) == 12
    assert "Quality of the file" in texts_of(view)
    drawn = {w.name: w for w in all_of(view.root) if isinstance(w, Plot) and w.figure}
    assert set(drawn) == {"dim", "parity", "audit", "fitted", "over-time"}
    for plot in drawn.values():
        assert plot.figure["data"]
        assert {len(row) for row in plot.table["rows"]} == {len(plot.table["columns"])}


def test_a_file_that_is_used_says_why_it_cannot_be_deleted(page: PageModel, sample_csv: bytes) -> None:
    row = page.workbench.kept.add_dataset(sample_csv, "farm.csv")
    free = page.workbench.kept.add_dataset(make_sample(animals=120, seed=3).csv, "free.csv")
    page.workbench.kept.submit(row.id, {})

    listed = {item["id"]: item for item in items(shown(page), "Files of this farm").items}

    assert listed[row.id]["actions"][-1]["reason"].startswith("1 forecast was made of this file")
    assert listed[free.id]["actions"][-1]["confirm"] == "Delete free.csv for good? No forecast uses it."


def test_the_list_acts_on_the_files(page: PageModel, sample_csv: bytes) -> None:
    row = page.workbench.kept.add_dataset(sample_csv, "farm.csv")
    view = shown(page)
    listed = items(view, "Files of this farm")

    listed._on_act("rename", row.id, "Barn")
    view.pump.turn()
    assert [item["title"] for item in listed.items] == ["Barn"]

    listed._on_act("archive", row.id, "")
    view.pump.turn()
    assert listed.items == []

    listed._on_act("delete", row.id, "")
    view.pump.turn()
    assert page.workbench.catalog.datasets.list().items == ()
    assert page.failure is None


def test_a_name_that_is_none_is_refused_in_words_and_nothing_changes(
    page: PageModel, sample_csv: bytes
) -> None:
    row = page.workbench.kept.add_dataset(sample_csv, "farm.csv")
    view = shown(page)

    items(view, "Files of this farm")._on_act("rename", row.id, "  ")
    view.pump.turn()

    assert "That did not work" in texts_of(view)
    assert page.workbench.catalog.datasets.get(row.id).name == "farm.csv"


def test_a_bad_file_is_refused_and_the_herd_before_stays(page: PageModel, sample_csv: bytes) -> None:
    page.workbench.kept.add_dataset(sample_csv, "farm.csv")
    view = shown(page)
    drop = next(w for w in all_of(view.root) if isinstance(w, FileDrop))

    drop._on_begin("odd.csv", 8)
    drop._on_piece("toys.csv", b"a,b\n1,2\n")
    view.pump.turn()

    assert "No forecast can be made of toys.csv" in texts_of(view)
    assert '<h1 class="">farm.csv' in texts_of(view)


def test_what_is_shown_is_grey_while_another_file_is_read(page: PageModel, sample_csv: bytes) -> None:
    page.workbench.kept.add_dataset(sample_csv, "farm.csv")
    view = shown(page)
    drop = next(w for w in all_of(view.root) if isinstance(w, FileDrop))
    title = next(w for w in all_of(view.root) if "herd-heading" in w._dom_classes)
    seen = []

    for act in (lambda: drop._on_begin("toys.csv", 8), lambda: drop._on_piece("toys.csv", b"a,b\n1,2\n")):
        act()
        view.pump.turn()
        seen.append("herd-stale" in title._dom_classes)

    assert seen == [True, False]  # the second one is refused: what is shown is of the file that is kept


def test_the_default_farm_and_the_one_that_is_shown_say_why_they_stay(page: PageModel) -> None:
    page.workbench.catalog.farms.add("North")

    listed = {item["title"]: item for item in items(shown(page), "Farms").items}

    home = page.workbench.catalog.farm.name
    assert "default" in listed[home]["actions"][-1]["reason"]
    assert "reason" not in listed["North"]["actions"][-1]


def test_the_page_speaks_russian(page: PageModel, sample_csv: bytes) -> None:
    page.language = "ru"
    page.workbench.kept.add_dataset(sample_csv, "farm.csv")

    view = shown(page)

    assert "150 животных" in texts_of(view)
    assert "обычно: 84–88" in texts_of(view)


def test_messages_of_strangers_do_nothing() -> None:
    heard: list[object] = []
    control = Items(on_pick=lambda *a: heard.append(a), on_act=lambda *a: heard.append(a))

    for message in (
        {},
        {"type": "act"},
        {"type": "pick", "id": 3, "picked": "yes"},
        {"type": "act", "id": "x"},
    ):
        control._hear(None, message, [])

    assert heard == []


def test_animals_that_were_left_out_can_be_saved(page: PageModel) -> None:
    answers = Answers.of(statuses={"На лечении": "present"}, accept_losses=True)
    faulty = make_sample(animals=300, problems=True).csv
    page.workbench.datasets.add(faulty, "faulty.csv", answers=answers)
    view = shown(page)
    button = next(w for w in all_of(view.root) if isinstance(w, Download) and "left out" in w.label)
    given: list[tuple[object, ...]] = []
    button.give = lambda *file: given.append(file)  # type: ignore[method-assign]

    button._hear(button, {"type": "wanted"}, [])

    ((content, name, _),) = given
    sheet = load_workbook(io.BytesIO(content))["Left out"]
    assert name == "left_out.xlsx"
    assert sheet.max_row > 1
    assert button.layout.display is None
