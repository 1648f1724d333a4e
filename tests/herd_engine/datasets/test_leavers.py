"""Animals that left on a day that is not told are dated by the counts that stood still; days by hand."""

from datetime import date

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.model.animals import NO_DAY

HEADER = (
    "Номер животного;Дата рождения;Дата архива;Лактация;Дата начала тек.лакт;Дни в доении;Статус коровы;"
    "Дата осеменения;Дата успешного осеменения;Дни стельности;Дата запуска тек.лакт"
)
COW = "1;01.01.2022;;1;01.12.2025;90;Новотельная;;;;"
"""Fresh on the report date, 1 March 2026."""


def read(row: str) -> HerdFile:
    return read_herd_bytes("\n".join([HEADER, COW, row]).encode(), "farm.csv")


def exit_of(row: str) -> str | None:
    """Return the exit date of the second animal."""
    records = read(row).records
    day = int(records.archive[1])
    return None if day == NO_DAY else date.fromordinal(records.report_date.toordinal() + day).isoformat()


@pytest.mark.parametrize(
    ("row", "left"),
    [
        # Calved 1 June 2025, 100 days in milk: 9 September.
        ("2;01.01.2022;;1;01.06.2025;100;Продана;;;;", "2025-09-09"),
        ("2;01.01.2022;;1;01.06.2025;100;Мертвое животное;;;;", "2025-09-09"),
        # In calf since 10 August, 60 days: 9 October; days in milk ended with the dry-off.
        ("2;01.01.2022;;1;01.02.2025;200;Продана;10.08.2025;10.08.2025;60;20.08.2025", "2025-10-09"),
        # A heifer in calf since 1 August, 45 days.
        ("2;01.01.2024;;0;;;Продана;01.08.2025;01.08.2025;45;", "2025-09-15"),
        # Dry, and no days pregnant: nothing stood still on the day of leaving.
        ("2;01.01.2022;;1;01.02.2025;200;Продана;;;;20.08.2025", None),
        # The count goes on until the report date: it never stood still.
        ("2;01.01.2022;;1;01.06.2025;273;Продана;;;;", None),
        # On the farm: nothing to date.
        ("2;01.01.2022;;1;01.06.2025;100;Новотельная;;;;", None),
        # Dated by the file itself.
        ("2;01.01.2022;20.09.2025;1;01.06.2025;100;Продана;;;;", "2025-09-20"),
    ],
)
def test_the_day_of_leaving_is_that_on_which_a_count_stood_still(row: str, left: str | None) -> None:
    assert exit_of(row) == left


def test_the_repair_is_said_with_the_rows_and_what_stays_open() -> None:
    rows = "2;01.01.2022;;1;01.06.2025;100;Продана;;;;\n3;01.01.2022;;1;01.06.2025;;Продана;;;;"
    (found,) = [issue for issue in read(rows).issues if issue.code == "leavers_dated"]

    assert (found.row_count, found.sample_rows, found.params["undated"]) == (1, (3,), 1)


def test_who_left_is_gone_with_or_without_a_day() -> None:
    herd = read("2;01.01.2022;;1;01.06.2025;100;Продана;;;;").herd

    assert np.array_equal(herd.animal_ids, ["1"])
