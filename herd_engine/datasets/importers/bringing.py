"""What people bring: one table, a zip or a folder of several, a JSON document; of a known program or not."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from errno import ENOENT
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.importers.ade_json import ade_tables, looks_like_ade
from herd_engine.datasets.importers.interface import Imported, Reading
from herd_engine.datasets.importers.joining import is_whole, join
from herd_engine.datasets.importers.recognition import SourceTable, import_tables, recognise
from herd_engine.datasets.issue_kinds import make_issue, refusal
from herd_engine.datasets.text_table import TextTable
from herd_engine.model.animals import AnimalRecords

ReadTables = Callable[[bytes, str], Mapping[str, TextTable]]
ReadingOf = Callable[[bool], Reading]
"""How a file is read, by whether its serial numbers of days are counted from 1904."""

_ZIP = b"PK\x03\x04"
_MOST_MEMBERS = 200
_MOST_UNPACKED_BYTES = 240 << 20
_WORKBOOKS = frozenset(("[Content_Types].xml", "content.xml"))
"""Members of XLSX and of ODS."""
_STAMP = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold: the same files make the same bytes."""


def bring(
    data: bytes, name: str, read_tables: ReadTables, reading_of: ReadingOf, column_map: Mapping[str, str]
) -> Imported:
    """Return the herd's table of what was brought, with the animals' past where a program tells it.

    Parameters
    ----------
    data : bytes
        A file, or a zip of several.
    name : str
    read_tables : callable
        Reads one file: its sheets by name, the herd's first.
    reading_of : callable
    column_map : mapping of str to str
        Header → our name, as people say.

    Raises
    ------
    HerdDataError
        A file cannot be read, tables of a program are missing, or several tables make no herd.
    """
    told = reading_of(False)
    if looks_like_ade(data):
        tables = [
            SourceTable(name=name, table=table)
            for table in ade_tables([data], name, told.time_zone, told.sheet)
        ]
    elif is_zip_of_files(data):
        tables = list(_members(data, name, read_tables, told))
    else:
        tables = list(_of_file(read_tables(data, name)))
    reading = reading_of(any(source.table.is_1904 for source in tables))
    imported = import_tables(tables, reading, name) if _may_be_of_program(tables, column_map) else None
    if imported is not None:
        return imported
    return Imported(table=tables[0].table) if len(tables) == 1 else join(tables, reading, column_map, name)


def _of_file(tables: Mapping[str, TextTable], member: str = "") -> Iterator[SourceTable]:
    """Yield the tables of one file."""
    for place, (sheet, table) in enumerate(tables.items()):
        is_beside = place > 0
        shown_as = f"{member}: {sheet}" if member and is_beside else member or sheet
        yield SourceTable(name=shown_as, table=table, is_beside=is_beside)


def _may_be_of_program(tables: Sequence[SourceTable], column_map: Mapping[str, str]) -> bool:
    """Tell whether a program may be looked for: not beside a herd that is whole and of none."""
    own = [source.table.headers for source in tables if not source.is_beside]
    return any(map(recognise, own)) or not any(is_whole(headers, column_map) for headers in own)


def is_zip_of_files(data: bytes) -> bool:
    """Tell a zip of files from a workbook, which is a zip too."""
    if not data.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _WORKBOOKS.isdisjoint(archive.namelist())
    except zipfile.BadZipFile:
        return False


def _members(data: bytes, name: str, read_tables: ReadTables, told: Reading) -> Iterator[SourceTable]:
    """Read the files of a zip in order of their names, but for those that systems leave behind."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = sorted(
            (one for one in archive.infolist() if _is_brought(one.filename)), key=lambda one: one.filename
        )
        files = [one for one in files if one.filename == told.sheet] or files
        documents: dict[str, bytes] = {}
        unpacked = sum(one.file_size for one in files)
        if len(files) > _MOST_MEMBERS or unpacked > _MOST_UNPACKED_BYTES:
            size = f"{len(files)} files, {unpacked / (1 << 20):.0f} MiB"
            limit = f"{_MOST_MEMBERS} files, {_MOST_UNPACKED_BYTES >> 20} MiB"
            raise refusal(name, [make_issue("file_too_large", size=size, limit=limit)])
        for one in files:
            try:
                content = archive.read(one)
            except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
                reason = str(error)
                raise refusal(name, [make_issue("damaged_file", format="ZIP", reason=reason)]) from error
            if looks_like_ade(content):
                documents[one.filename] = content
            else:
                yield from _of_file(read_tables(content, one.filename), one.filename)
    # Together: the farm's clock and the pages of a collection are told by all of them.
    tables = ade_tables([*documents.values()], name, told.time_zone, told.sheet) if documents else []
    yield from (SourceTable(name=next(iter(documents)), table=table) for table in tables)


def _is_brought(path: str) -> bool:
    """Tell files from folders and from what macOS, Excel and this program leave beside them."""
    parts = PurePosixPath(path)
    is_left_behind = parts.name.startswith((".", "~$")) or "__MACOSX" in parts.parts
    return not path.endswith("/") and not is_left_behind and not path.endswith(".truth.json")


def bytes_of(path: Path) -> bytes:
    """Return the bytes of a file; a folder's files as a zip, the same files always the same bytes.

    Raises
    ------
    OSError
    """
    if not path.is_dir():
        return path.read_bytes()
    files = {one.name: one.read_bytes() for one in path.iterdir() if one.is_file()}
    if not files:
        raise FileNotFoundError(ENOENT, "it is a folder without files", str(path))
    return zipped(files)


def zipped(files: dict[str, bytes]) -> bytes:
    """Return files as a zip, in order of their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(name for name in files if _is_brought(name)):
            archive.writestr(zipfile.ZipInfo(name, _STAMP), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def with_past(records: AnimalRecords, lines: NDArray[np.int64], imported: Imported) -> AnimalRecords:
    """Return the records with what happened to the animals.

    Parameters
    ----------
    records : AnimalRecords
    lines : ndarray of int64, shape (n_animals,)
        Line of each record in the table that was imported.
    imported : Imported
    """
    if not len(imported.events):
        return records
    table_lines = imported.table.lines
    order = np.argsort(table_lines)
    row = order[np.searchsorted(table_lines[order], lines)]
    place = np.full(len(table_lines), -1)
    place[row] = np.arange(len(lines))
    day = records.report_date.toordinal()
    events = imported.events.of_animals(place).counted_from(day)
    return replace(records, events=events, complete_from=int(events.day.min(initial=0)))
