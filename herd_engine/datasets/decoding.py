"""Bytes of a herd file → tables of texts; the format is told by the content, not by the file's name."""

import zlib
from dataclasses import replace

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from herd_engine.datasets.contract.model import Limits
from herd_engine.datasets.contract.vocabulary import Vocabulary, vocabulary
from herd_engine.datasets.delimited_text import read_delimited_text
from herd_engine.datasets.issue_kinds import make_issue, refusal, shown
from herd_engine.datasets.reader.dbase import dbase_sheet, is_dbase
from herd_engine.datasets.reader.json_tables import json_sheet
from herd_engine.datasets.reader.markup import html_sheets, is_spreadsheet_xml, spreadsheet_xml_sheets
from herd_engine.datasets.reader.sheets import tables_of_sheets
from herd_engine.datasets.reader.workbooks import read_workbook
from herd_engine.datasets.text_table import TextTable, text_column
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import NO_ANSWERS, Answers

_ZIP, _PARQUET, _OLE, _GZIP = b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"
_HTML = (b"<html", b"<!doctype html", b"<table", b"<head", b"<meta")


def read_tables(data: bytes, name: str, answers: Answers = NO_ANSWERS) -> dict[str, TextTable]:
    """Return the cells of a herd file: by name of the sheet, that which holds the herd first.

    Delimited text, XLSX, XLS, ODS, HTML and XML that programs call .xls, Parquet, dBASE, JSON; packed
    by gzip too.

    Raises
    ------
    HerdDataError
        The content is none of these, is damaged, or is absurdly large.
    """
    words = vocabulary()
    limits = words.contract.limits
    if len(data) > limits.file_mb * (1 << 20):
        raise _too_large(name, f"{len(data) >> 20:,} MiB", f"{limits.file_mb:g} MiB")
    label = _label(data)
    if not label:
        return {name: read_delimited_text(data, name, dict(answers.columns))}
    try:
        return _read(label, data, name, words, answers)
    except HerdDataError:
        raise
    except Exception as error:  # a damaged file makes libraries fail in any way
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise refusal(name, [make_issue("damaged_file", format=label, reason=shown(reason))]) from error


def _label(data: bytes) -> str:
    """Return what a file looks like; empty for text."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    for label, is_so in {
        "a workbook": data.startswith(_ZIP),
        "Parquet": data.startswith(_PARQUET),
        "an old .xls workbook": data.startswith(_OLE),
        "gzip": data.startswith(_GZIP),
        "XML of a spreadsheet": is_spreadsheet_xml(data),
        "HTML": start.lower().startswith(_HTML) and b"<td" in data.lower(),
        "JSON": start.startswith((b"{", b"[")),
        "dBASE": is_dbase(data),
    }.items():
        if is_so:
            return label
    return ""


def _read(label: str, data: bytes, name: str, words: Vocabulary, answers: Answers) -> dict[str, TextTable]:
    limits = words.contract.limits
    match label:
        case "gzip":
            return read_tables(_unpacked(data, name, limits), name, answers)
        case "Parquet":
            return {name: _read_parquet(data, name, limits)}
        case "a workbook" | "an old .xls workbook":
            book = read_workbook(data, name, limits)
            tables = tables_of_sheets(book.sheets, name, words, answers, is_1904=book.is_1904)
            first = next(iter(tables))
            told = replace(tables[first], issues=(*tables[first].issues, *book.issues))
            return tables | {first: told}
        case "XML of a spreadsheet":
            sheets = spreadsheet_xml_sheets(data)
        case "HTML":
            sheets = html_sheets(data)
        case "JSON":
            sheets = [json_sheet(data)]
        case _:
            sheets = [dbase_sheet(data, words)]
    return tables_of_sheets(sheets, name, words, answers)


def _unpacked(data: bytes, name: str, limits: Limits) -> bytes:
    most = int(limits.decoded_mb * (1 << 20))
    unpacker = zlib.decompressobj(wbits=31)
    content = unpacker.decompress(data, most)
    if unpacker.unconsumed_tail:
        raise _too_large(name, "more", f"{limits.decoded_mb:g} MiB")
    if content.startswith(_GZIP):
        raise refusal(name, [make_issue("unknown_file_format", reason="an archive in an archive")])
    return content


def _read_parquet(data: bytes, name: str, limits: Limits) -> TextTable:
    """Read all columns; row 1 of the table is line 2, as if under a header."""
    file = parquet.ParquetFile(pa.BufferReader(data))
    metadata = file.metadata
    if metadata.num_rows > limits.rows:
        raise _too_large(name, f"{metadata.num_rows} rows", f"{limits.rows} rows")
    if metadata.num_columns > limits.columns:
        raise _too_large(name, f"{metadata.num_columns} columns", f"{limits.columns} columns")
    groups = range(metadata.num_row_groups)
    n_bytes = sum(metadata.row_group(group).total_byte_size for group in groups)
    if n_bytes > limits.decoded_mb * (1 << 20):
        raise _too_large(name, f"{n_bytes >> 20:,} MiB", f"{limits.decoded_mb:g} MiB")
    # Texts stay in their dictionaries: a long one that every row holds is held once.
    texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
    table = parquet.read_table(pa.BufferReader(data), read_dictionary=texts)
    return TextTable(
        headers=tuple(table.column_names),
        columns=tuple(map(text_column, table.columns)),
        lines=np.arange(2, table.num_rows + 2),
    )


def _too_large(name: str, size: str, limit: str) -> HerdDataError:
    return refusal(name, [make_issue("file_too_large", size=size, limit=limit)])
