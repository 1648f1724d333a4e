"""Tables that programs write as HTML or as XML of spreadsheets and call .xls."""

import re
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from herd_engine.datasets.reader.sheets import ReadSheet

_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_MOST_COLUMNS = 1000
_CHARSET = re.compile(rb"charset=[\"']?([\w-]+)", re.IGNORECASE)


def html_sheets(data: bytes) -> list[ReadSheet]:
    """Return the tables of an HTML page; none where it has no table."""
    named = _CHARSET.search(data[:4096])
    try:
        text = data.decode(named[1].decode() if named else "utf-8")
    except (UnicodeDecodeError, LookupError):
        text = data.decode("cp1251", "replace")
    parser = _Tables()
    parser.feed(text)
    tables = [rows for rows in parser.tables if rows]
    return [ReadSheet(name=f"table {number}", rows=rows) for number, rows in enumerate(tables, 1)]


class _Tables(HTMLParser):
    """Collects the cells of all tables; tables within cells are tables of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self._end_cell()
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self._end_cell()
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None


def spreadsheet_xml_sheets(data: bytes) -> list[ReadSheet]:
    """Return the sheets of SpreadsheetML 2003."""
    root = ElementTree.fromstring(data, forbid_dtd=True)
    return [
        ReadSheet(
            name=sheet.get(f"{{{_SPREADSHEET}}}Name", ""),
            rows=[_cells(row) for row in sheet.iter(f"{{{_SPREADSHEET}}}Row")],
        )
        for sheet in root.iter(f"{{{_SPREADSHEET}}}Worksheet")
    ]


def is_spreadsheet_xml(data: bytes) -> bool:
    """Tell whether a file is SpreadsheetML 2003."""
    return data.lstrip().startswith(b"<?xml") and _SPREADSHEET.encode() in data[:4096]


def _cells(row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{{{_SPREADSHEET}}}Cell"):
        place = int(cell.get(f"{{{_SPREADSHEET}}}Index", len(cells) + 1))
        cells += [""] * (min(place, _MOST_COLUMNS) - 1 - len(cells))
        data = cell.find(f"{{{_SPREADSHEET}}}Data")
        text = "" if data is None else "".join(data.itertext())
        is_day = data is not None and data.get(f"{{{_SPREADSHEET}}}Type") == "DateTime"
        cells.append(f"{text[:10]}T" if is_day else text)
    return cells
