"""A sample farm as DairyComp 305 writes it: an item list, an event list."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.importers.written import Files, Pages, Texts, numbers, picked
from herd_engine.model.animals import NO_DAY
from herd_engine.model.events import AnimalEvents, EventKind, join_events
from herd_engine.sample.make import Sample
from herd_engine.sample.snapshot import (
    CLOSE_UP,
    DEAD,
    DRY,
    FLAGGED,
    FRESH,
    HEIFER,
    INSEMINATED,
    PREGNANT,
    READY,
    SOLD,
)

_WORDS = {
    SOLD: "SLD/DIE", DEAD: "SLD/DIE", FLAGGED: "NO BRED", HEIFER: "", FRESH: "FRESH", INSEMINATED: "BRED",
    READY: "OK/OPEN", PREGNANT: "PREG", DRY: "DRY", CLOSE_UP: "DRY",
}  # fmt: skip
_CODES = {"": "0", "NO BRED": "1", "FRESH": "2", "OK/OPEN": "3", "BRED": "4", "PREG": "5", "DRY": "6",
          "SLD/DIE": "7"}  # fmt: skip
_EVENTS = {
    EventKind.CALVING: "FRESH", EventKind.EMPTY: "OPEN", EventKind.ABORTION: "ABORT",
    EventKind.INSEMINATION: "BRED", EventKind.PREGNANT: "PREG", EventKind.DRY_OFF: "DRY",
    EventKind.DO_NOT_BREED: "DNB", EventKind.SOLD: "SOLD", EventKind.DEAD: "DIED",
}  # fmt: skip
_VACCINATED = "VACC"
_VACCINATED_DAYS = 5

ITEM_HEADERS = ("ID", "BDAT", "LACT", "FDAT", "DIM", "RPRO", "HDAT", "CDAT", "DCC", "DDAT", "DUE", "ARDAT")
EVENT_HEADERS = (
    "ID", "PEN", "REG", "EID", "CBRD", "BDAT", "EDAT", "LACT", "RC", "HDAT", "FDAT", "CDAT", "DDAT", "PODAT",
    "ABDAT", "VDAT", "ARDAT", "Event", "DIM", "Date", "Remark", "R", "T", "B", "Protocols", "Technician",
)  # fmt: skip


def write_items(sample: Sample) -> Files:
    """Return the item list: cells padded, a comma behind every line, dates MM/DD/YY, 00000000 for none."""
    pages = _pages(sample)
    rows = pages.rows
    age = np.where(rows.lactation == 0, -rows.birth, rows.days_in_milk).astype(np.int64)
    due = np.where(rows.conception == NO_DAY, NO_DAY, rows.conception + sample.farm.calving_plan_days)
    columns = [
        pages.ids, pages.days(rows.birth), numbers(rows.lactation), pages.days(rows.calving), numbers(age),
        _repro(sample), pages.days(rows.insemination), pages.days(rows.conception),
        numbers(rows.days_pregnant), pages.days(rows.dry_off), pages.days(due), pages.days(rows.archive),
    ]  # fmt: skip
    header = "".join(f'"{name}",' for name in ITEM_HEADERS)
    return {"items.csv": _padded(header, columns).encode()}


def write_events(sample: Sample) -> Files:
    """Return the event list: every row repeats what the program knows of the animal."""
    pages = _pages(sample)
    rows = pages.rows
    events = _with_calves(pages)
    names = [
        _EVENTS[EventKind(kind)] if kind < len(EventKind) else _VACCINATED for kind in events.kind.tolist()
    ]
    start = _lactation_start(events, rows.birth)
    of_animal = {
        "ID": pages.ids,
        "BDAT": pages.days(rows.birth),
        "EDAT": pages.days(rows.birth),
        "LACT": numbers(rows.lactation),
        "RC": [_CODES[word] for word in _repro(sample)],
        "HDAT": pages.days(rows.insemination),
        "FDAT": pages.days(rows.calving),
        "CDAT": pages.days(rows.conception),
        "DDAT": pages.days(rows.dry_off),
        "ARDAT": pages.days(rows.archive),
    }
    columns = {name: picked(texts, events.animal) for name, texts in of_animal.items()}
    columns |= {"Event": names, "DIM": numbers(events.day - start), "Date": pages.days(events.day)}
    empty = [""] * len(events)
    header = ",".join(EVENT_HEADERS) + ","
    return {"events.csv": _padded(header, [columns.get(name, empty) for name in EVENT_HEADERS]).encode()}


def _pages(sample: Sample) -> Pages:
    return Pages(sample=sample, form="%m/%d/%y", nothing="00000000")


def _repro(sample: Sample) -> Texts:
    """Return RPRO; a heifer close to calving is pregnant, not dry."""
    rows = sample.herd.rows
    words = [_WORDS[code] for code in rows.status.tolist()]
    is_heifer = (rows.lactation == 0).tolist()
    return [
        "PREG" if heifer and word == "DRY" else word for heifer, word in zip(is_heifer, words, strict=True)
    ]


def _with_calves(pages: Pages) -> AnimalEvents:
    """Return the events, and a vaccination of every animal: without any event a calf is not in the list."""
    n = len(pages.ids)
    first = np.minimum(pages.rows.birth.astype(np.int64) + _VACCINATED_DAYS, 0)
    last = np.where(pages.rows.archive == NO_DAY, 0, pages.rows.archive)
    vaccinations = AnimalEvents(
        animal=np.arange(n), kind=np.full(n, len(EventKind), np.int8), day=np.minimum(first, last)
    )
    return join_events([pages.events, vaccinations]).ordered()


def _lactation_start(events: AnimalEvents, birth: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the last calving at or before each event, else the birth; events are in order."""
    is_calving = events.is_of(EventKind.CALVING)
    place = np.maximum.accumulate(np.where(is_calving, np.arange(len(events)), -1))
    is_own = (place >= 0) & (events.animal[place] == events.animal)
    return np.where(is_own, events.day[place], birth[events.animal])


def _padded(header: str, columns: Sequence[Texts]) -> str:
    widths = [max(map(len, column), default=0) + 1 for column in columns]
    padded = [[text.rjust(width) for text in column] for column, width in zip(columns, widths, strict=True)]
    return "\n".join([header, *(",".join(line) + "," for line in zip(*padded, strict=True)), ""])
