"""What is remarkable about a herd file, as rows that can be read and saved."""

import csv
import io
from dataclasses import dataclass

from herd_engine.model.quality import QualityIssue
from herd_engine.workbench.fitted import bends_forecast
from herd_engine.workbench.forecast_files import harmless

COLUMNS = ("severity", "code", "message", "row_count", "sample_rows")


@dataclass(frozen=True, slots=True)
class FileQuality:
    """Issues of a file, errors first."""

    issues: tuple[QualityIssue, ...]

    def counts(self) -> dict[str, int]:
        """Return how many kinds of issues there are of each severity."""
        severities = [str(issue.severity) for issue in self.issues]
        return {severity: severities.count(severity) for severity in dict.fromkeys(severities)}

    def by_effect(self) -> tuple[QualityIssue, ...]:
        """Return errors first; of each severity what bends the forecast itself, then by number of rows."""
        severities = list(self.counts())
        return tuple(
            sorted(
                self.issues,
                key=lambda issue: (
                    severities.index(str(issue.severity)),
                    not bends_forecast(issue),
                    -issue.row_count,
                ),
            )
        )

    def as_csv(self) -> bytes:
        """Return the issues for a spreadsheet; no text of it is a formula there."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for issue in self.issues:
            lines = " ".join(map(str, issue.sample_rows))
            row = (issue.severity, issue.code, issue.message, issue.row_count, lines)
            writer.writerow([harmless(cell) for cell in row])
        return out.getvalue().encode("utf-8-sig")
