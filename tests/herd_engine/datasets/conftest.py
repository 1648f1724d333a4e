"""Small farms in the farm software's format, and the two real herds."""

import csv
import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes, read_herd_file
from herd_engine.model.answers import Answers

HEADERS = {
    "animal_id": "Номер животного",
    "birth_date": "Дата рождения",
    "archive_date": "Дата архива",
    "lactation": "Лактация",
    "lactation_start_date": "Дата начала тек.лакт",
    "days_in_milk": "Дни в доении",
    "status": "Статус коровы",
    "insemination_date": "Дата осеменения",
    "successful_insemination_date": "Дата успешного осеменения",
    "days_pregnant": "Дни стельности",
    "dryoff_date": "Дата запуска тек.лакт",
    "expected_dryoff_date": "Дата ожидаемого запуска",
    "expected_calving_date": "Дата ожидаемого отела",
}

# One animal of each state and one that left; seen on 26.02.2026. Counted by hand, lines 2 to 7.
FARM = """\
1;01.01.2022;;1;01.12.2025;87;Новотельное животное;;;;;;
2;01.06.2021;;2;01.07.2025;240;Стельная;01.10.2025;01.10.2025;148;;09.05.2026;08.07.2026
3;01.01.2020;;3;01.03.2025;337;В сухостое;01.06.2025;01.06.2025;270;01.02.2026;07.01.2026;08.03.2026
4;01.05.2025;;0;;;Телка;;;;;;
5;01.09.2024;;0;;;Стельная;01.12.2025;01.12.2025;87;;09.07.2026;07.09.2026
6;01.01.2021;25.02.2026;2;01.09.2025;177;Продана;;;;;;
"""

Row = dict[str, str]


def farm_rows(changes: Mapping[int, Row] | None = None) -> list[Row]:
    """Return the small farm; ``changes`` gives new cells for rows 1 to 6."""
    lines = csv.reader(FARM.splitlines(), delimiter=";")
    rows = [dict(zip(HEADERS, line, strict=True)) for line in lines]
    return [row | (changes or {}).get(number, {}) for number, row in enumerate(rows, 1)]


def delimited(
    rows: list[Row],
    *,
    delimiter: str = ";",
    quoting: int = csv.QUOTE_ALL,
    headers: Mapping[str, str] = HEADERS,
) -> str:
    """Write rows as the farm software does; ``headers`` says which columns, and how they are called."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n")
    writer.writerow(headers.values())
    writer.writerows([[row[column] for column in headers] for row in rows])
    return text.getvalue()


@pytest.fixture(scope="session")
def farm() -> Callable[[], list[Row]]:
    """Make the rows of the small farm, with changes by row number."""
    return farm_rows


@pytest.fixture(scope="session")
def as_csv() -> Callable[..., bytes]:
    """Turn rows into the bytes of a CSV file; options are those of ``delimited`` and an encoding."""

    def encode(rows: list[Row], *, encoding: str = "utf-8-sig", **options: object) -> bytes:
        return delimited(rows, **options).encode(encoding)  # type: ignore[arg-type]

    return encode


@pytest.fixture(scope="session")
def read_farm() -> Callable[..., HerdFile]:
    """Read the small farm with changes by row number, and rows added; of so few a lost one is many."""

    def read(changes: Mapping[int, Row] | None = None, more: list[Row] | None = None) -> HerdFile:
        text = delimited([*farm_rows(changes), *(more or [])])
        return read_herd_bytes(text.encode("utf-8-sig"), "farm.csv", answers=Answers(accept_losses=True))

    return read


@pytest.fixture(scope="session")
def herd_data_dir() -> Path:
    """Folder of the two real herds; HERD_DATA_DIR overrides it."""
    default = Path(__file__).resolve().parents[4] / "shared" / "data"
    folder = Path(os.environ.get("HERD_DATA_DIR", default))
    if not (folder / "ds1.csv").is_file() and "HERD_DATA_DIR" not in os.environ:
        pytest.skip(f"the real herds are not in {folder}; set HERD_DATA_DIR")
    return folder


@pytest.fixture(scope="session")
def ds1(herd_data_dir: Path) -> HerdFile:
    """First real herd."""
    return read_herd_file(herd_data_dir / "ds1.csv")


@pytest.fixture(scope="session")
def ds2(herd_data_dir: Path) -> HerdFile:
    """Second real herd."""
    return read_herd_file(herd_data_dir / "ds2.csv")
