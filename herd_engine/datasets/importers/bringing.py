"""What people bring: one table, a zip or a folder of several, a JSON document; of a known program or not."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from errno import ENOENT
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.importers.ade_json import ade_tables, looks_like_ade
from herd_engine.datasets.importers.interface import Imported, Reading
from herd_engine.datasets.importers.recognition import SourceTable, import_tables
from herd_engine.datasets.issue_kinds import make_issue, refusal, shown
from herd_engine.datasets.text_table import TextTable
from herd_engine.model.animals import AnimalRecords

ReadTable = Callable[[bytes, str], TextTable]

_ZIP = b"PK\x03\x04"
_MOST_MEMBERS = 200
_MOST_UNPACKED_BYTES = 240 << 20
_WORKBOOKS = frozenset(("[Content_Types].xml", "content.xml"))
"""Members of XLSX and of ODS."""
_STAMP = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold: the same files make the same bytes."""


def bring(data: bytes, name: str, read_table: ReadTable, reading: Reading) -> Imported:
    """Return the herd's table of what was brought, with the animals' past where a program tells it.

    Parameters
    ----------
    data : bytes
        A file, or a zip of several.
    name : str
    read_table : callable
        Reads one file.
    reading : Reading

    Raises
    ------
    HerdDataError
        A file cannot be read, tables of a program are missing, or several files are of no known program.
    """
    if looks_like_ade(data):
        tables = [SourceTable(name=name, table=table) for table in ade_tables(data, name)]
    elif is_zip_of_files(data):
        tables = list(_members(data, name, read_table))
    else:
        tables = [SourceTable(name=name, table=read_table(data, name))]
    imported = import_tables(tables, reading, name)
    if imported is not None:
        return imported
    if len(tables) != 1:
        found = [shown(source.name) for source in tables]
        raise refusal(name, [make_issue("several_tables", tables=found)])
    return Imported(table=tables[0].table)


def is_zip_of_files(data: bytes) -> bool:
    """Tell a zip of files from a workbook, which is a zip too."""
    if not data.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _WORKBOOKS.isdisjoint(archive.namelist())
    except zipfile.BadZipFile:
        return False


def _members(data: bytes, name: str, read_table: ReadTable) -> Iterator[SourceTable]:
    """Read the files of a zip in order of their names, but for those that systems leave behind."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = sorted(
            (one for one in archive.infolist() if _is_brought(one.filename)), key=lambda one: one.filename
        )
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
                yield from (SourceTable(name=one.filename, table=each) for each in
                            ade_tables(content, one.filename))  # fmt: skip
            else:
                yield SourceTable(name=one.filename, table=read_table(content, one.filename))


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
