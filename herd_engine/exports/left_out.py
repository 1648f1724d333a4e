"""Animals that were left out, one row each, as CSV or as a workbook."""

import csv
import io

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.exports.cells import Cell, harmless
from herd_engine.exports.workbook import Sheet, add_sheet, new_workbook, workbook_bytes
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording

COLUMNS = ("line", "animal_id", "status", "reason", "may_be_here")


def left_out_csv(herd_file: HerdFile) -> bytes:
    """Return the rows that became no animal, the reasons that may move the forecast most first.

    ``may_be_here`` is yes where nothing readable in the row says that the animal left.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in herd_file.left_out.rows():
        here = "yes" if row.may_be_here else "no"
        writer.writerow(map(harmless, (str(row.line), row.animal_id, row.status, row.reason, here)))
    return out.getvalue().encode("utf-8-sig")


def left_out_xlsx(herd_file: HerdFile, language: str = ENGLISH) -> bytes:
    """Return the same as a workbook in words; equal files give equal bytes."""
    words = wording(language)
    rows: list[list[Cell]] = [
        [
            row.line,
            row.animal_id,
            row.status,
            words.text(f"left_out_{row.reason}"),
            words.text("left_out_yes" if row.may_be_here else "left_out_no"),
        ]
        for row in herd_file.left_out.rows()
    ]
    workbook = new_workbook(herd_file.herd.report_date, "herd-workbench")
    header = [words.text(f"left_out_column_{name}") for name in COLUMNS]
    add_sheet(workbook, Sheet(title=words.text("left_out_sheet"), header=header, rows=rows))
    return workbook_bytes(workbook)
