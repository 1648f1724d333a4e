"""ICAR ADE's JSON → tables of texts: one for animals, one for lactations, one for each kind of event."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from herd_engine.datasets.issue_kinds import make_issue, refusal, shown
from herd_engine.datasets.reader.date_order import which_time_zone
from herd_engine.datasets.reader.sheets import which_sheet
from herd_engine.datasets.text_table import TextTable, text_column
from herd_engine.model.answers import Question

ANIMALS, LACTATIONS = "animal identifier", "lactation of"
"""First headers, by which the importer knows the tables again."""
EVENT_PARTS = (
    "parturition", "insemination", "pregnancy_check", "abortion", "dry_off", "do_not_breed", "departure",
    "death",
)  # fmt: skip

_PART_OF = {
    "animalcore": ANIMALS, "animal": ANIMALS, "lactation": LACTATIONS, "lactations": LACTATIONS,
    "reproparturition": "parturition", "parturition": "parturition",
    "reproinsemination": "insemination", "insemination": "insemination",
    "repropregnancycheck": "pregnancy_check", "pregnancycheck": "pregnancy_check",
    "reproabortion": "abortion", "abortion": "abortion",
    "milkingdryoff": "dry_off", "dryoff": "dry_off", "lactationdryoff": "dry_off",
    "reprodonotbreed": "do_not_breed", "donotbreed": "do_not_breed",
    "movementdeparture": "departure", "departure": "departure",
    "movementdeath": "death", "death": "death",
}  # fmt: skip
"""Resource type without ``icar``, ``Event`` and ``Resource`` → table."""

_TEXTS = ("managementTag", "gender", "status", "reproductionStatus", "lactationStatus", "healthStatus",
          "parity", "damParity", "result", "foetalAge", "departureKind")  # fmt: skip
_DAYS = ("birthDate", "eventDateTime", "beginDate", "endDate")
_RARE = 0.01
"""Share of births of one time of day below which it is a slip."""
_MINUTES, _SUMMER_TIME = 1440, 60


def looks_like_ade(data: bytes) -> bool:
    """Tell whether bytes are JSON that speaks of ICAR's resources."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith((b"{", b"[")) and any(
        word in data for word in (b'"resourceType"', b'"managementTag"', b'"eventDateTime"')
    )


def ade_tables(contents: Sequence[bytes], name: str, time_zone: str = "", herd: str = "") -> list[TextTable]:
    """Return the tables of documents that come together; the line of a row is its place among the resources.

    What is marked as deleted is left out, and what it takes back.

    Parameters
    ----------
    contents : sequence of bytes
        Each a document, or one a line; pages of one collection may stand in several.
    name : str
    time_zone : str
        IANA name of the farm's zone; empty where it must be told by the moments themselves.
    herd : str
        Location of the herd that is meant, where there are several.

    Raises
    ------
    HerdDataError
        One is no JSON, pages are missing, nobody said which of several herds is meant, or moments do not
        tell on which day of the farm they are.
    """
    try:
        documents = [document for data in contents for document in _documents(data)]
        resources = _not_deleted(list(_resources(documents)))
    except (ValueError, RecursionError) as error:
        raise refusal(name, [make_issue("damaged_file", format="JSON", reason=str(error))]) from error
    _require_all_pages(documents, name)
    resources = _of_herd(resources, name, herd)
    clock = farm_clock(_texts(resources, _DAYS[:1]), _texts(resources, _DAYS[1:]), time_zone)
    if isinstance(clock, Question):
        raise refusal(name, [], [clock])
    rows: dict[str, list[tuple[int, dict[str, str | None]]]] = defaultdict(list)
    for line, resource in enumerate(resources, 1):
        part = _part(resource)
        if part is not None:
            rows[part].append((line, _cells(resource, part, clock)))
    return [_table(part, found) for part, found in rows.items()]


def _documents(data: bytes) -> Iterator[Any]:
    """Yield one document, or one a line."""
    text = data.decode("utf-8-sig")
    try:
        yield json.loads(text)
    except ValueError:
        for line in text.splitlines():
            if line.strip():
                yield json.loads(line)


def _nodes(documents: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield every object that holds a page of a collection."""
    waiting = [*documents]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("view"), dict) and isinstance(node.get("member"), list):
                yield node
            waiting += [value for value in node.values() if isinstance(value, list | dict)]
        elif isinstance(node, list):
            waiting += [value for value in node if isinstance(value, list | dict)]


def _require_all_pages(documents: list[Any], name: str) -> None:
    """Refuse collections of which pages, or members, are missing by what they say of themselves."""
    pages: dict[tuple[int, int], list[int]] = defaultdict(list)
    for node in _nodes(documents):
        view = node["view"]
        total, n_pages = (_count(view.get(key)) for key in ("totalItems", "totalPages"))
        pages[total, n_pages].append(len(node["member"]))
    for (total, n_pages), sizes in pages.items():
        # Without a number of pages, collections of the same size cannot be told from pages of one.
        lacks_members = total > (sum(sizes) if n_pages > 1 else min(sizes))
        if n_pages > len(sizes) or lacks_members:
            found = f"{len(sizes)} / {max(n_pages, 1)}, {sum(sizes):,} / {total:,}"
            raise refusal(name, [make_issue("pages_missing", found=found)])


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _of_herd(resources: list[dict[str, Any]], name: str, herd: str) -> list[dict[str, Any]]:
    """Return what is of the herd that is meant; of another location, and of animals there, nothing is."""
    place_of = {
        _identifier(one.get("identifier")): _identifier(one.get("location"))
        for one in resources
        if _part(one) == ANIMALS
    }
    herds = sorted({*place_of.values()} - {""})
    if len(herds) < 2:
        return resources
    if herd not in herds:
        asked = which_sheet(herds)
        raise refusal(name, [make_issue("several_tables", tables=[shown(one) for one in herds])], [asked])
    return [one for one in resources if place_of.get(_whose(one)) == herd]


def _whose(resource: dict[str, Any]) -> str:
    return _identifier(resource.get("identifier" if _part(resource) == ANIMALS else "animal"))


def _not_deleted(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    deleted = {_source(one) for one in resources if _is_deleted(one)} - {None}
    return [one for one in resources if not _is_deleted(one) and _source(one) not in deleted]


def _is_deleted(resource: dict[str, Any]) -> bool:
    meta = resource.get("meta")
    return isinstance(meta, dict) and meta.get("isDeleted") is True


def _source(resource: dict[str, Any]) -> tuple[str, str] | None:
    """Return by what a message is known again; None where it does not say."""
    meta = resource.get("meta")
    known = meta.get("sourceId") if isinstance(meta, dict) else None
    known = known or resource.get("id")
    return (str(resource.get("resourceType")), str(known)) if isinstance(known, str | int) else None


def _resources(documents: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield resources, however deep collections nest them."""
    waiting = documents[::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node[::-1]
        elif isinstance(node, dict) and ("member" in node or _part(node) is None):
            waiting += [value for value in node.values() if isinstance(value, list | dict)][::-1]
        elif isinstance(node, dict):
            yield node


def _part(resource: dict[str, Any]) -> str | None:
    """Return the table that a resource belongs to, by its type, else by what it holds."""
    stated = resource.get("resourceType")
    if isinstance(stated, str):
        bare = stated.rsplit(":", 1)[-1].rsplit("/", 1)[-1].lower().removesuffix(".json")
        for word in ("icar", "resource", "event"):
            bare = bare.replace(word, "")
        return _PART_OF.get(bare)
    if "identifier" in resource and "gender" in resource:
        return ANIMALS
    return LACTATIONS if "beginDate" in resource and "parity" in resource else None


def _cells(resource: dict[str, Any], part: str, clock: tzinfo) -> dict[str, str | None]:
    identifier = _whose(resource)
    cells: dict[str, str | None] = {part: identifier}
    if part != ANIMALS:
        cells["animal"] = identifier
    for key in _TEXTS:
        if isinstance(resource.get(key), str | int | float):
            cells[key] = str(resource[key])
    for key in _DAYS:
        if isinstance(resource.get(key), str):
            cells[key] = local_day(resource[key], clock)
    return cells


def _identifier(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        return f"{value.get('scheme', '')}:{value.get('id', '')}"
    return "" if value is None else str(value)


def _texts(resources: list[dict[str, Any]], keys: Sequence[str]) -> list[str]:
    return [one[key] for one in resources for key in keys if isinstance(one.get(key), str)]


def farm_clock(births: Sequence[str], others: Sequence[str], time_zone: str) -> tzinfo | Question:
    """Return the farm's clock; where nothing tells it, the question which it is.

    Parameters
    ----------
    births, others : sequence of str
        Texts of days and moments.
    time_zone : str
        IANA name of the farm's zone; empty where nobody said it.

    Notes
    -----
    Births are days: their moments are midnights. Midnight in Moscow is written 21:00Z of the day before, in
    New York 05:00Z. With summer time there are two such hours: the larger offset puts both into the right
    day, but does not tell the day of an event at any other hour.
    """
    if time_zone:
        return ZoneInfo(time_zone)
    born, happened = ([_moment(text) for text in texts] for texts in (births, others))
    in_utc = [one for one in (*born, *happened) if one is not None and not one.utcoffset()]
    if not in_utc:
        return UTC
    midnights = [one for one in born if one is not None and not one.utcoffset()] or in_utc
    ahead = {_ahead(one) for one in _usual(midnights)}
    if len(ahead) == 1 and midnights is not in_utc:
        return timezone(timedelta(minutes=ahead.pop()))
    ahead |= {_ahead(one) for one in in_utc}
    if max(ahead) - min(ahead) <= _SUMMER_TIME:
        return timezone(timedelta(minutes=max(ahead)))
    return which_time_zone(len(in_utc))


def _usual(moments: Sequence[datetime]) -> list[datetime]:
    """Return moments without those at times of day at which hardly any is."""
    counts = Counter(map(_ahead, moments))
    return [one for one in moments if counts[_ahead(one)] >= _RARE * len(moments)]


def _ahead(moment: datetime) -> int:
    """Return by how many minutes a clock is ahead of UTC that shows midnight at a moment."""
    minute = 60 * moment.hour + moment.minute
    return -minute if minute < _MINUTES // 2 else _MINUTES - minute


def _moment(text: str) -> datetime | None:
    """Return a moment; None for a plain date, a local time, or anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def local_day(text: str, clock: tzinfo) -> str:
    """Return the farm's date of a moment as a typed cell; other texts as they are.

    A moment with an offset of its own is written by the farm's clock already, unless its zone is known.

    Examples
    --------
    >>> local_day("2026-02-28T21:00:00Z", timezone(timedelta(hours=3))), local_day("2026-03-01", UTC)
    ('2026-03-01T', '2026-03-01T')
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    is_of_clock = moment.tzinfo is None or (moment.utcoffset() and not isinstance(clock, ZoneInfo))
    local = moment if is_of_clock else moment.astimezone(clock)
    return f"{local.date().isoformat()}T"


def _table(part: str, rows: list[tuple[int, dict[str, str | None]]]) -> TextTable:
    headers = list(dict.fromkeys([part, *(key for _, cells in rows for key in cells)]))
    return TextTable(
        headers=tuple(headers),
        columns=tuple(
            text_column(pa.array([cells.get(key) for _, cells in rows], pa.string())) for key in headers
        ),
        lines=np.array([line for line, _ in rows], np.int64),
    )
