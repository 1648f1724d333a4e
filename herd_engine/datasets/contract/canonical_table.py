"""The canonical table of a herd file: what rules are asked about, a value an animal and column."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.model.animals import NO_DAY, PRESENCE_CODES

_DAYS = {
    "birth_date": "birth",
    "archive_date": "archive",
    "lactation_start_date": "calving",
    "insemination_date": "insemination",
    "successful_insemination_date": "conception",
    "dryoff_date": "dry_off",
    "expected_dryoff_date": "expected_dry_off",
    "expected_calving_date": "expected_calving",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalTable:
    """A file as its contract sees it.

    Attributes
    ----------
    columns : mapping of str to ndarray
        Numbers and days are floats (ordinals), NaN where unknown; texts are objects, empty where unknown.
    report_day : int
        Ordinal of the day of the file.
    counts : mapping of str to int
        Animals of the herd by state, and ``animals``.
    """

    columns: Mapping[str, NDArray[np.generic]]
    report_day: int
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return max((len(column) for column in self.columns.values()), default=0)


def canonical_table(herd_file: HerdFile) -> CanonicalTable:
    """Return the table of a herd file that was read: an animal a row, corrected as the forecast sees it.

    ``status`` says where the animal is; ``days_in_milk`` and ``days_pregnant`` are counted from its days.
    The farm's own columns stand behind the others.
    """
    records = herd_file.records
    day = records.report_date.toordinal()
    days = {ours: _ordinals(getattr(records, theirs), day) for ours, theirs in _DAYS.items()}
    left = np.fmin(days["archive_date"], days["dryoff_date"])
    herd = herd_file.herd
    return CanonicalTable(
        columns={
            "animal_id": records.animal_ids,
            "lactation": records.lactation.astype(float),
            "status": np.array([presence.value for presence in PRESENCE_CODES], object)[records.presence],
            "days_in_milk": np.fmin(left, day) - days["lactation_start_date"],
            "days_pregnant": np.fmin(days["archive_date"], day) - days["successful_insemination_date"],
            **days,
            **herd_file.own,
        },
        report_day=day,
        counts={**herd.counts(), "animals": herd.n_animals},
    )


def _ordinals(days: NDArray[np.int32], report_day: int) -> NDArray[np.float64]:
    return np.where(days == NO_DAY, np.nan, days.astype(float) + report_day)
