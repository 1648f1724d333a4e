"""The bytes of a farm's export: delimiter, quotes, dates and words of the herd software."""

import codecs
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.animals import NO_DAY
from herd_engine.sample.farm import SampleFarm
from herd_engine.sample.herd import SampleHerd
from herd_engine.sample.snapshot import STATUS_TEXTS, Rows

HEADERS = (
    "Номер животного",
    "Дата рождения",
    "Дата архива",
    "Лактация",
    "Дата начала тек.лакт",
    "Дни в доении",
    "Статус коровы",
    "Дата осеменения",
    "Дата успешного осеменения",
    "Дни стельности",
    "Дата запуска тек.лакт",
    "Дата ожидаемого запуска",
    "Дата ожидаемого отела",
)
(
    ID,
    BIRTH,
    ARCHIVE,
    LACTATION,
    CALVING,
    DAYS_IN_MILK,
    STATUS,
    INSEMINATION,
    CONCEPTION,
    DAYS_PREGNANT,
    DRY_OFF,
    EXPECTED_DRY_OFF,
    EXPECTED_CALVING,
) = range(13)
"""Positions in ``HEADERS``."""

_BLOCK_ROWS = 50_000
_EARLIEST_YEARS, _LATEST_YEARS = 60, 3

Edits = Mapping[int, Mapping[int, str]]
"""Texts that replace what a cell would hold: row → column → text."""


def export_csv(farm: SampleFarm, herd: SampleHerd, report_date: date, edits: Edits) -> bytes:
    """Return the file: UTF-8 with byte order mark, ``;``, every value quoted, LF between lines."""
    stream = io.BytesIO()
    stream.write(codecs.BOM_UTF8 + _line(HEADERS).encode())
    dates = DateTexts(report_date)
    for first in range(0, len(herd.ids), _BLOCK_ROWS):
        block = np.arange(first, min(first + _BLOCK_ROWS, len(herd.ids)))
        for row, cells in enumerate(_cells(farm, herd.rows.select(block), herd.ids[block], dates), first):
            edit = edits.get(row)
            shown = cells if edit is None else [edit.get(i, text) for i, text in enumerate(cells)]
            stream.write(b"\n" + _line(shown).encode())
    return stream.getvalue()


class DateTexts:
    """Dates as ``DD.MM.YYYY`` by day from the report date, looked up in a table; no day: empty."""

    def __init__(self, report_date: date) -> None:
        first = date(report_date.year - _EARLIEST_YEARS, 1, 1)
        last = date(report_date.year + _LATEST_YEARS, 12, 31)
        days = (first + timedelta(days=i) for i in range((last - first).days + 1))
        self._first = (first - report_date).days
        self._texts = np.array(["", *(f"{day:%d.%m.%Y}" for day in days)], dtype=object)

    def of(self, days: NDArray[np.int32]) -> list[str]:
        """Return the texts of many days."""
        places = np.where(days == NO_DAY, 0, days.astype(np.int64) - self._first + 1)
        texts: list[str] = self._texts[places].tolist()
        return texts


def _cells(
    farm: SampleFarm, rows: Rows, ids: NDArray[np.int64], dates: DateTexts
) -> Iterator[tuple[str, ...]]:
    """Yield the thirteen texts of each row."""
    return zip(
        [str(number) for number in ids.tolist()],
        dates.of(rows.birth),
        dates.of(rows.archive),
        _numbers(rows.lactation),
        dates.of(rows.calving),
        _numbers(rows.days_in_milk),
        [STATUS_TEXTS[code] for code in rows.status.tolist()],
        dates.of(rows.insemination),
        dates.of(rows.conception),
        _numbers(rows.days_pregnant),
        dates.of(rows.dry_off),
        dates.of(_planned(rows.conception, farm.dry_off_plan_days)),
        dates.of(_planned(rows.conception, farm.calving_plan_days)),
        strict=True,
    )


def _planned(conception: NDArray[np.int32], days: int) -> NDArray[np.int32]:
    """The software plans from every known conception, of heifers too."""
    return np.where(conception == NO_DAY, NO_DAY, conception + days).astype(np.int32)


def _numbers(values: NDArray[np.int32]) -> list[str]:
    return ["" if value == NO_DAY else str(value) for value in values.tolist()]


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return '"' + '";"'.join(cells) + '"'
