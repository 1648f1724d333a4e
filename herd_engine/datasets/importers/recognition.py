"""Which program a file comes from: told by the headers of its tables, and said."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import entry_points

from herd_engine.datasets.importers.ade import ADE
from herd_engine.datasets.importers.dc305 import EVENT_LIST, ITEMS
from herd_engine.datasets.importers.delpro import DELPRO
from herd_engine.datasets.importers.interface import Imported, Importer, Reading, joined_tables
from herd_engine.datasets.importers.lely import LELY
from herd_engine.datasets.importers.russian_lists import ONE_C, SELEX
from herd_engine.datasets.issue_kinds import make_issue, refusal, shown
from herd_engine.datasets.text_table import TextTable
from herd_engine.model.quality import QualityIssue

GROUP = "herd_workbench.importers"
"""Entry points of packages that bring an importer: each names an ``Importer``."""
BUILT_IN: tuple[Importer, ...] = (EVENT_LIST, ITEMS, LELY, DELPRO, ADE, SELEX, ONE_C)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """One table of what was brought: a file, a sheet, a member of a zip; ``name`` says which.

    ``is_beside`` is a sheet beside the one that holds the herd, or would.
    """

    name: str
    table: TextTable
    is_beside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Importers:
    """All importers that can be had, those of other packages first, and what is wrong with others."""

    usable: tuple[Importer, ...]
    issues: tuple[QualityIssue, ...]


@lru_cache(maxsize=1)
def importers() -> Importers:
    """Find the importers of this program and of installed packages."""
    found: list[Importer] = []
    issues = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            importer = point.load()
        except Exception as error:  # noqa: BLE001  another's package may fail in any way
            issues.append(make_issue("importer_unusable", name=point.name, reason=str(error)))
            continue
        if isinstance(importer, Importer):
            found.append(importer)
        else:
            issues.append(make_issue("importer_unusable", name=point.name, reason="it is no importer"))
    return Importers(usable=(*found, *BUILT_IN), issues=tuple(issues))


def recognise(headers: Sequence[str]) -> Importer | None:
    """Return the importer whose program writes such headers; None for headers of no known program.

    Examples
    --------
    >>> recognise(["ID", "BDAT", "LACT", "FDAT", "RPRO"]).title
    'DairyComp 305, item list'
    """
    return next((one for one in importers().usable if one.part(headers) is not None), None)


def import_tables(tables: Sequence[SourceTable], reading: Reading, name: str) -> Imported | None:
    """Return the herd's table of an export of a known program; None where no table is one's.

    Parameters
    ----------
    tables : sequence of SourceTable
        All tables that were brought together.
    reading : Reading
    name : str
        Of the file or folder, for messages.

    Raises
    ------
    HerdDataError
        Tables are missing without which there is no herd, or the importer refuses what they hold.
    """
    importer, parts = _program(tables)
    if importer is None:
        return None
    filled = {part for part, found in parts.items() if any(len(one.table.lines) for one in found)}
    lacking = importer.lacks(frozenset(filled))
    issues = [*importers().issues, _recognised(importer)]
    if lacking:
        found = [shown(source.name) for sources in parts.values() for source in sources]
        missing = make_issue("tables_missing", program=importer.title, tables=list(lacking), found=found)
        raise refusal(name, [*issues, missing])
    used = {source.name for sources in parts.values() for source in sources}
    unused = [shown(source.name) for source in tables if source.name not in used]
    if unused:
        issues.append(make_issue("tables_not_used", program=importer.title, tables=unused))
    joined = {part: joined_tables([one.table for one in sources]) for part, sources in parts.items()}
    imported = importer.convert(joined, reading)
    return replace(imported, issues=(*issues, *imported.issues))


def _program(tables: Sequence[SourceTable]) -> tuple[Importer | None, dict[str, list[SourceTable]]]:
    """Return the program of most tables (a folder may hold other lists beside its own), and its tables."""
    parts_of: dict[str, dict[str, list[SourceTable]]] = defaultdict(lambda: defaultdict(list))
    by_key = {}
    for source in tables:
        importer = recognise(source.table.headers)
        if importer is not None:
            by_key[importer.key] = importer
            parts_of[importer.key][str(importer.part(source.table.headers))].append(source)
    if not parts_of:
        return None, {}
    key = max(parts_of, key=lambda one: sum(map(len, parts_of[one].values())))
    return by_key[key], dict(parts_of[key])


def _recognised(importer: Importer) -> QualityIssue:
    kind = "program_recognised" if importer.is_tried else "program_recognised_untried"
    return make_issue(kind, program=importer.title)
