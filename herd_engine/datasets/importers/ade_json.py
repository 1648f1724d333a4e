"""ICAR ADE's JSON → tables of texts: one for animals, one for lactations, one for each kind of event."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pyarrow as pa

from herd_engine.datasets.issue_kinds import make_issue, refusal
from herd_engine.datasets.text_table import TextTable, text_column

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


def looks_like_ade(data: bytes) -> bool:
    """Tell whether bytes are JSON that speaks of ICAR's resources."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith((b"{", b"[")) and any(
        word in data for word in (b'"resourceType"', b'"managementTag"', b'"eventDateTime"')
    )


def ade_tables(contents: Sequence[bytes], name: str) -> list[TextTable]:
    """Return the tables of documents that come together; the line of a row is its place among the resources.

    What is marked as deleted is left out, and what it takes back.

    Parameters
    ----------
    contents : sequence of bytes
        Each a document, or one a line; pages of one collection may stand in several.
    name : str

    Raises
    ------
    HerdDataError
        One is no JSON, or pages are missing.
    """
    try:
        documents = [document for data in contents for document in _documents(data)]
        resources = _not_deleted(list(_resources(documents)))
    except (ValueError, RecursionError) as error:
        raise refusal(name, [make_issue("damaged_file", format="JSON", reason=str(error))]) from error
    _require_all_pages(documents, name)
    offset = _offset([one["birthDate"] for one in resources if isinstance(one.get("birthDate"), str)])
    rows: dict[str, list[tuple[int, dict[str, str | None]]]] = defaultdict(list)
    for line, resource in enumerate(resources, 1):
        part = _part(resource)
        if part is not None:
            rows[part].append((line, _cells(resource, part, offset)))
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


def _cells(resource: dict[str, Any], part: str, offset: timedelta) -> dict[str, str | None]:
    identifier = _identifier(resource.get("identifier" if part == ANIMALS else "animal"))
    cells: dict[str, str | None] = {part: identifier}
    if part != ANIMALS:
        cells["animal"] = identifier
    for key in _TEXTS:
        if isinstance(resource.get(key), str | int | float):
            cells[key] = str(resource[key])
    for key in _DAYS:
        if isinstance(resource.get(key), str):
            cells[key] = local_day(resource[key], offset)
    return cells


def _identifier(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        return f"{value.get('scheme', '')}:{value.get('id', '')}"
    return "" if value is None else str(value)


def _offset(births: list[str]) -> timedelta:
    """Return how far the farm's clock is ahead of UTC, told by its midnights.

    Midnight in Moscow is written 21:00Z of the day before, in New York 05:00Z. With summer time there are
    two such hours; the larger offset puts both into the right day.
    """
    hours = [moment.hour for moment in map(_moment, births) if moment is not None]
    found, counts = np.unique(np.array(hours, np.int64), return_counts=True)
    usual = [int(hour) for hour, n in zip(found, counts, strict=True) if n >= _RARE * len(hours)]
    ahead = [-hour if hour < 12 else 24 - hour for hour in usual]
    return timedelta(hours=max(ahead, default=0))


def _moment(text: str) -> datetime | None:
    """Return a moment that is stated in UTC; None for a plain date, a local time, or anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.utcoffset() == timedelta(0) else None


def local_day(text: str, offset: timedelta) -> str:
    """Return the farm's date of a moment as a typed cell; other texts as they are.

    Examples
    --------
    >>> local_day("2026-02-28T21:00:00Z", timedelta(hours=3)), local_day("2026-03-01", timedelta(0))
    ('2026-03-01T', '2026-03-01T')
    """
    moment = _moment(text)
    if moment is not None:
        return f"{moment.astimezone(timezone(offset)).date().isoformat()}T"
    try:
        return f"{datetime.fromisoformat(text).date().isoformat()}T"
    except ValueError:
        return text


def _table(part: str, rows: list[tuple[int, dict[str, str | None]]]) -> TextTable:
    headers = list(dict.fromkeys([part, *(key for _, cells in rows for key in cells)]))
    return TextTable(
        headers=tuple(headers),
        columns=tuple(
            text_column(pa.array([cells.get(key) for _, cells in rows], pa.string())) for key in headers
        ),
        lines=np.array([line for line, _ in rows], np.int64),
    )
