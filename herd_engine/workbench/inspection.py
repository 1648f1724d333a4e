"""What a herd file holds: the herd, its quality, and what calibration makes of it."""

from dataclasses import asdict, dataclass
from typing import Any

from herd_engine.calibration.fit import Fit
from herd_engine.datasets.herd_file import HerdFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a herd file holds: the herd, its quality, and what calibration makes of it."""

    herd_file: HerdFile
    fit: Fit

    def document(self) -> dict[str, Any]:
        """Return the inspection as plain data for JSON."""
        herd_file, herd = self.herd_file, self.herd_file.herd
        return {
            "schema": "herd-inspection/1",
            "dataset": {
                "name": herd_file.name,
                "sha256": herd_file.sha256,
                "file_sha256": herd_file.file_sha256,
                "answers": herd_file.answers.document(),
                "rows": herd_file.n_rows,
            },
            "report_date": herd.report_date.isoformat(),
            "counts": herd.counts(),
            "mean_days_in_milk": herd.mean_days_in_milk,
            "cull_flagged": int(herd.is_flagged.sum()),
            "excluded": herd.excluded,
            "status_counts": herd_file.status_counts,
            "quality": [asdict(issue) for issue in (*herd_file.issues, *self.fit.issues)],
            "fit": self.fit.document(),
        }
