"""A sample farm, written as another program writes it and read again, is the same farm."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from herd_engine.datasets.delimited_text import read_delimited_text
from herd_engine.datasets.importers.ade_json import ade_tables, looks_like_ade
from herd_engine.datasets.importers.ade_writing import write_ade
from herd_engine.datasets.importers.dc305_writing import write_events, write_items
from herd_engine.datasets.importers.delpro_writing import write_delpro
from herd_engine.datasets.importers.interface import Imported, Reading
from herd_engine.datasets.importers.lely_writing import write_lely
from herd_engine.datasets.importers.recognition import SourceTable, import_tables
from herd_engine.datasets.importers.written import Files
from herd_engine.datasets.text_table import TextColumn
from herd_engine.errors import HerdDataError
from herd_engine.model.animals import NO_DAY
from herd_engine.sample import Sample, make_sample

COLUMNS = {
    "birth": "birth_date",
    "archive": "archive_date",
    "lactation": "lactation",
    "calving": "lactation_start_date",
    "insemination": "insemination_date",
    "conception": "successful_insemination_date",
    "dry_off": "dryoff_date",
}


def read_dates(columns: list[TextColumn]) -> list[np.ndarray]:
    """Read typed dates, ISO dates and MM/DD/YY."""
    return [column.each(day_of, np.float64) for column in columns]


def day_of(text: str) -> float:
    if "-" in text:
        return date.fromisoformat(text[:10]).toordinal()
    month, _, rest = text.partition("/")
    day, _, year = rest.partition("/")
    return date(2000 + int(year), int(month), int(day)).toordinal() if year else np.nan


READING = Reading(dates=read_dates)


@pytest.fixture(scope="module")
def farm() -> Sample:
    return make_sample(animals=300, seed=5, with_events=True)


def imported(files: Files, reading: Reading = READING) -> Imported:
    tables = [
        SourceTable(name=name, table=table)
        for name, data in files.items()
        for table in (ade_tables([data], name) if looks_like_ade(data) else [read_delimited_text(data, name)])
    ]
    found = import_tables(tables, reading, "export")
    assert found is not None
    return found


def animals_in(found: Imported, *, typed: bool = True) -> dict[str, tuple[str, ...]]:
    texts = {
        name: [column.distinct[code] for code in column.codes]
        for name, column in zip(found.table.headers, found.table.columns, strict=True)
    }
    if not typed:
        for name in COLUMNS.values():
            if name != "lactation":
                days = [day_of(text) for text in texts[name]]
                texts[name] = ["" if np.isnan(d) else f"{date.fromordinal(int(d))}T" for d in days]
    rows = zip(*(texts[name] for name in COLUMNS.values()), strict=True)
    return dict(zip(texts["animal_id"], rows, strict=True))


def animals_of(farm: Sample) -> dict[str, tuple[str, ...]]:
    rows, today = farm.herd.rows, farm.report_date.toordinal()

    def text(name: str, value: int) -> str:
        if value == NO_DAY:
            return ""
        return str(value) if name == "lactation" else f"{date.fromordinal(today + value)}T"

    columns = [[text(name, value) for value in getattr(rows, name).tolist()] for name in COLUMNS]
    return dict(zip(map(str, farm.herd.ids.tolist()), zip(*columns, strict=True), strict=True))


@pytest.mark.parametrize("write", [write_events, write_lely, write_ade])
def test_every_animal_is_read_as_it_stands(write: Callable[[Sample], Files], farm: Sample) -> None:
    assert animals_in(imported(write(farm))) == animals_of(farm)


def test_an_item_list_is_the_same_herd_as_the_event_list_of_the_farm(farm: Sample) -> None:
    assert animals_in(imported(write_items(farm)), typed=False) == animals_in(imported(write_events(farm)))


def test_delpro_shows_who_is_here_and_of_the_gone_that_they_are_gone(farm: Sample) -> None:
    found = imported(write_delpro(farm))
    here = {number for number, cells in animals_of(farm).items() if not cells[1]}
    status = found.table.columns[found.table.headers.index("status")]
    gone = {
        number
        for number, code in zip(animals_in(found), status.codes, strict=True)
        if status.distinct[code] == "sold"
    }

    assert {number: cells for number, cells in animals_in(found).items() if number in here} == {
        number: cells for number, cells in animals_of(farm).items() if number in here
    }
    assert gone == set(animals_of(farm)) - here


def test_all_events_of_the_farm_come_along(farm: Sample) -> None:
    found = imported(write_events(farm)).events.counted_from(farm.report_date.toordinal())
    written = farm.herd.events

    assert (
        found.kind.tolist() == written.kind[np.lexsort((written.kind, written.day, written.animal))].tolist()
    )
    assert np.array_equal(np.sort(found.day), np.sort(written.day))


def test_a_form_that_was_never_seen_says_so(farm: Sample) -> None:
    (issue,) = [one for one in imported(write_lely(farm)).issues if one.code.startswith("program")]

    assert issue.code == "program_recognised_untried"
    assert "not yet tried on a real file" in issue.message
    assert "Lely" in issue.message


SMALL = make_sample(animals=12, seed=3, with_events=True)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_shuffled_doubled_and_split_events_are_the_same_herd(data: st.DataObject) -> None:
    header, *lines = write_events(SMALL)["events.csv"].decode().splitlines()
    more = data.draw(st.lists(st.sampled_from(lines), max_size=20))
    lines = data.draw(st.permutations([*lines, *more]))
    cut = data.draw(st.integers(1, len(lines) - 1))
    files = {
        name: "\n".join([header, *part]).encode() for name, part in (("1", lines[:cut]), ("2", lines[cut:]))
    }

    assert animals_in(imported(files)) == animals_of(SMALL)


def test_a_number_used_again_is_two_animals() -> None:
    text = (
        "ID,BDAT,LACT,Event,Date,Remark\n"
        "7,01/05/19,3,SOLD,06/01/25,\n"
        "7,04/02/24,0,BRED,07/01/25,\n"
        "7,04/02/24,0,PREG,08/15/25,\n"
    )
    found = imported({"events.csv": text.encode()})
    columns = dict(zip(found.table.headers, found.table.columns, strict=True))

    assert [columns["animal_id"].distinct[code] for code in columns["animal_id"].codes] == ["7", "7"]
    assert [columns["status"].distinct[code] for code in columns["status"].codes] == ["sold", "pregnant"]


def test_a_bull_calf_is_none_of_the_heifers() -> None:
    text = "ID,BDAT,LACT,RC,Event,Date,Remark\n1,01/05/25,0,8,VACC,,\n2,01/05/25,0,0,BRED,02/01/26,\n"
    found = imported({"events.csv": text.encode()})
    status = found.table.columns[found.table.headers.index("status")]

    assert [status.distinct[code] for code in status.codes] == ["bull", "inseminated"]


def test_dates_far_in_the_future_do_not_move_the_report_date(farm: Sample) -> None:
    files = write_events(farm)
    files["events.csv"] += b"101,01/05/19,3,3,VACC,,06/01/62,\n".replace(b"VACC", b"BRED")
    header, *lines = files["events.csv"].decode().splitlines()
    row = ",".join("06/01/62" if name == "Date" else "BRED" if name == "Event" else cell
                   for name, cell in zip(header.split(","), lines[0].split(","), strict=True))  # fmt: skip
    found = imported({"events.csv": "\n".join([header, *lines[:-1], row]).encode()})

    assert animals_in(found) == animals_of(farm)
    assert "events_after_report_date" in {issue.code for issue in found.issues}


def test_a_day_that_somebody_says_leaves_out_what_is_later(farm: Sample) -> None:
    week_ago = Reading(dates=read_dates, report_day=farm.report_date.toordinal() - 7)
    found = imported(write_events(farm), week_ago)

    assert found.events.day.max() <= week_ago.report_day
    assert "report_date_from_latest_event" not in {issue.code for issue in found.issues}


def test_tables_that_are_missing_are_asked_for(farm: Sample) -> None:
    files = write_lely(farm)
    del files["RemLactation.csv"]

    with pytest.raises(HerdDataError, match="tables are missing: RemLactation") as caught:
        imported(files)
    assert [issue.code for issue in caught.value.issues if issue.blocking] == ["tables_missing"]


def test_rows_of_animals_that_are_nowhere_are_named(farm: Sample) -> None:
    files = write_lely(farm)
    header, first, *rest = files["HemAnimal.csv"].decode().splitlines()
    files["HemAnimal.csv"] = "\n".join([header, *rest]).encode()
    codes = {issue.params.get("table") for issue in imported(files).issues}

    assert first
    assert "RemLactation" in codes


def test_a_list_of_no_known_program_is_none() -> None:
    table = read_delimited_text("Номер;Что\n1;2\n".encode(), "x")

    assert import_tables([SourceTable(name="x", table=table)], READING, "x") is None
