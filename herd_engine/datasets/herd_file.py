"""A herd file, read whole: its records, the herd on the report date, and all that is remarkable."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from herd_engine.datasets.columns import match_columns
from herd_engine.datasets.completeness import completeness_issues
from herd_engine.datasets.decoding import read_table
from herd_engine.datasets.issue_kinds import by_severity, make_issue, refusal
from herd_engine.datasets.quality import correct_rows, herd_issues, row_issues
from herd_engine.datasets.row_reading import read_rows
from herd_engine.datasets.snapshot import animal_records, find_report_date, herd_on_report_date
from herd_engine.model.animals import AnimalRecords, Herd
from herd_engine.model.quality import QualityIssue

NO_MAP: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HerdFile:
    """A herd file of which a forecast can be made; equal to itself alone.

    Attributes
    ----------
    name : str
        File name without folder.
    sha256 : str
        Of the file's bytes.
    records : AnimalRecords
        Every row with an id of its own (of a repeated id the first row), a birth date, a lactation
        and no unreadable archive date, in the file's order. Days that cannot be are unknown.
    herd : Herd
        Those present on the report date; ``excluded`` counts all other rows of the file by reason.
    issues : tuple of QualityIssue
        Errors first, then by code.
    status_counts : dict of str to int
        Status text as in the file → rows; rows that could not be cut into cells are missing here.
    n_rows : int
        Rows of the file that are not blank.
    """

    name: str
    sha256: str
    records: AnimalRecords
    herd: Herd
    issues: tuple[QualityIssue, ...]
    status_counts: dict[str, int]
    n_rows: int


def read_herd_file(path: Path, *, column_map: Mapping[str, str] = NO_MAP) -> HerdFile:
    """Read a herd file: CSV, XLSX or Parquet.

    Parameters
    ----------
    path : Path
    column_map : mapping of str to str
        Header in the file → our name, for headers that are not known.

    Raises
    ------
    HerdDataError
        No forecast can be made of the file; the error lists all that was found wrong.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(str(path), [make_issue("file_unreadable", reason=reason)]) from error
    return read_herd_bytes(data, path.name, column_map=column_map)


def read_herd_bytes(data: bytes, name: str, *, column_map: Mapping[str, str] = NO_MAP) -> HerdFile:
    """Read the bytes of a herd file; as ``read_herd_file``."""
    table = read_table(data, name)
    match = match_columns(table.headers, column_map)
    issues = [*table.issues, *match.issues]
    if not len(table.lines) and not table.n_malformed:
        issues.append(make_issue("no_rows"))
    _refuse_if_blocked(name, issues)
    read = read_rows(table, match.positions)
    report_date = find_report_date(read.rows)
    issues += [*read.issues, *report_date.issues]
    if report_date.day is None:
        raise refusal(name, [*issues, make_issue("no_report_date")])
    corrected = correct_rows(read.rows.counted_from(report_date.day.toordinal()), report_date.day)
    is_born = np.isfinite(corrected.rows.birth)
    rows = corrected.rows.only(is_born)
    excluded = {
        "malformed_row": table.n_malformed,
        **read.excluded,
        "born_after_report_date": int((~is_born).sum()),
    }
    records = animal_records(rows, report_date.day)
    herd = herd_on_report_date(records, {reason: n for reason, n in excluded.items() if n})
    issues += [*corrected.issues, *row_issues(rows), *herd_issues(rows), *completeness_issues(rows)]
    if not herd.n_animals:
        reasons = [f"{reason}: {n}" for reason, n in herd.excluded.items()]
        issues.append(make_issue("no_animals_present", excluded=reasons))
    _refuse_if_blocked(name, issues)
    return HerdFile(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        records=records,
        herd=herd,
        issues=by_severity(issues),
        status_counts=read.status_counts,
        n_rows=len(table.lines) + table.n_malformed,
    )


def _refuse_if_blocked(name: str, issues: list[QualityIssue]) -> None:
    if any(issue.blocking for issue in issues):
        raise refusal(name, issues)
