"""The daily sheet for people: in words, as CSV, and as a page to print."""

import csv
import io
from html import escape

from herd_engine.charts.table import Table
from herd_engine.exports.cells import harmless
from herd_engine.i18n.wording import UNKNOWN, Wording
from herd_engine.review.work_lists import DailySheet, WorkListName, WorkRow

_HEADS = ("animal", "lactation", "days", "reason", "day")
_STYLE = """\
body { font: 14px/1.35 system-ui, sans-serif; margin: 1.5rem auto; max-width: 60rem; color: #111 }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 1.4rem 0 .3rem; break-after: avoid }
table { border-collapse: collapse; width: 100% } thead { display: table-header-group }
th, td { border-bottom: 1px solid #bbb; padding: .2rem .5rem; text-align: left }
tr { break-inside: avoid } .box { width: 1.2rem } .none { color: #555 }
@page { margin: 14mm } @media print { body { margin: 0; max-width: none } }"""


def row_cells(row: WorkRow, words: Wording) -> tuple[str, ...]:
    """Return a row as it is shown: animal, lactation, days, why, when."""
    return (
        row.animal,
        words.number(row.lactation),
        UNKNOWN if row.days is None else words.number(row.days),
        reason_text(row, words),
        UNKNOWN if row.day is None else words.day(row.day),
    )


def reason_text(row: WorkRow, words: Wording) -> str:
    """Return why an animal is on a list; what is late, or due, says by how many days."""
    late = row.reason in {"dry_off", "calve"} and row.measured > 0
    return words.text(f"work.{row.reason}_late" if late else f"work.{row.reason}", n=abs(row.measured))


def list_table(sheet: DailySheet, name: WorkListName, words: Wording) -> Table:
    """Return one list as a table."""
    return Table(
        columns=tuple(words.text(f"work_head.{head}") for head in _HEADS),
        rows=tuple(row_cells(row, words) for row in sheet.of(name)),
    )


def sheet_csv(sheet: DailySheet, words: Wording) -> bytes:
    """Return the sheet as CSV as spreadsheets of the language take it; no cell runs as a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if words.has_decimal_comma else ",", lineterminator="\n")
    writer.writerow(["list", "animal", "lactation", "days", "reason", "day"])
    for row in sheet.rows:
        day = "" if row.day is None else row.day.isoformat()
        cells = (str(row.list), row.animal, row.lactation, row.days, reason_text(row, words), day)
        writer.writerow(["" if cell is None else harmless(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def sheet_page(sheet: DailySheet, name: str, words: Wording) -> str:
    """Return the sheet as an HTML page to print, with a box to tick beside each animal.

    Parameters
    ----------
    sheet : DailySheet
    name : str
        Of the herd file.
    words : Wording
    """
    title = escape(words.text("work_title", day=sheet.as_of))
    parts = [_section(sheet, each, words) for each in WorkListName]
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f'<p class="none">{escape(name)} · {escape(words.text("work_ahead", n=sheet.days))}</p>'
        f"{''.join(parts)}</body></html>\n"
    )


def _section(sheet: DailySheet, name: WorkListName, words: Wording) -> str:
    table = list_table(sheet, name, words)
    heading = f"<h2>{escape(words.text(f'work_list.{name}'))} ({len(table.rows)})</h2>"
    if not table.rows:
        return f'{heading}<p class="none">{escape(words.text("work_none"))}</p>'
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "".join(
        '<tr><td class="box">☐</td>' + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in table.rows
    )
    return f'{heading}<table><thead><tr><th class="box"></th>{head}</tr></thead><tbody>{body}</tbody></table>'
