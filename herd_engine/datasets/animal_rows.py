"""The rows of a herd file as numbers: what the checks look at and the herd is made of."""

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.columns import Column
from herd_engine.datasets.statuses import STATUSES
from herd_engine.model.animals import PRESENCE_CODES, Presence

FACTS = {
    "birth": Column.BIRTH_DATE,
    "archive": Column.ARCHIVE_DATE,
    "calving": Column.LACTATION_START_DATE,
    "insemination": Column.INSEMINATION_DATE,
    "conception": Column.SUCCESSFUL_INSEMINATION_DATE,
    "dry_off": Column.DRYOFF_DATE,
}
"""Fields of ``AnimalRows`` that hold days on which something happened."""
PLANS = {
    "expected_dry_off": Column.EXPECTED_DRYOFF_DATE,
    "expected_calving": Column.EXPECTED_CALVING_DATE,
}
"""Fields of ``AnimalRows`` that hold days on which something is expected."""

_PRESENCE_OF_STATUS = np.array([PRESENCE_CODES.index(status.presence) for status in STATUSES], np.int8)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimalRows:
    """Rows of a herd file, one array per attribute, shape (n_rows,).

    Days are float64 with NaN where not known, so that no comparison with an unknown day holds. They
    are ordinals (``date.toordinal``) until ``counted_from`` counts them from the report date.

    Attributes
    ----------
    lines : ndarray of int64
        Line numbers in the file.
    animal_ids : ndarray of str
    status : ndarray of int8
        Positions in ``STATUSES``.
    birth, archive, calving, insemination, conception, dry_off : ndarray of float64
        What happened.
    expected_dry_off, expected_calving : ndarray of float64
        What the herd software expects.
    lactation, days_in_milk, days_pregnant : ndarray of float64
        NaN where not known.
    """

    lines: NDArray[np.int64]
    animal_ids: NDArray[np.object_]
    status: NDArray[np.int8]
    birth: NDArray[np.float64]
    archive: NDArray[np.float64]
    calving: NDArray[np.float64]
    insemination: NDArray[np.float64]
    conception: NDArray[np.float64]
    dry_off: NDArray[np.float64]
    expected_dry_off: NDArray[np.float64]
    expected_calving: NDArray[np.float64]
    lactation: NDArray[np.float64]
    days_in_milk: NDArray[np.float64]
    days_pregnant: NDArray[np.float64]

    def only(self, wanted: NDArray[np.bool_]) -> Self:
        """Return the rows for which ``wanted`` holds; the same rows where it holds for all."""
        if wanted.dtype == bool and wanted.all():
            return self
        return replace(self, **{field.name: getattr(self, field.name)[wanted] for field in fields(self)})

    def counted_from(self, day: int) -> Self:
        """Return the rows with ``day`` as day 0."""
        return replace(self, **{name: getattr(self, name) - day for name in (*FACTS, *PLANS)})

    def without(self, name: str, wrong: NDArray[np.bool_]) -> Self:
        """Return the rows with the days called ``name`` unknown where ``wrong`` holds."""
        return replace(self, **{name: np.where(wrong, np.nan, getattr(self, name))})

    def with_day(self, name: str, days: NDArray[np.float64]) -> Self:
        """Return the rows with other days called ``name``."""
        values: dict[str, Any] = {name: days}
        return replace(self, **values)

    def with_lactation(self, lactation: NDArray[np.float64]) -> Self:
        """Return the rows with other lactations."""
        return replace(self, lactation=lactation)

    def has_status(self, *names: str) -> NDArray[np.bool_]:
        """Tell which rows have a status of one of these names (``Status.name``)."""
        return np.array([status.name in names for status in STATUSES])[self.status]

    def has_presence(self, *wanted: Presence) -> NDArray[np.bool_]:
        """Tell which rows have a status that means one of ``wanted``."""
        return np.array([presence in wanted for presence in PRESENCE_CODES])[self.presence]

    @property
    def presence(self) -> NDArray[np.int8]:
        """What the statuses mean: positions in ``PRESENCE_CODES``."""
        return _PRESENCE_OF_STATUS[self.status]

    @property
    def is_present(self) -> NDArray[np.bool_]:
        """Animals on the farm: not archived, not sold, dead or moved."""
        return self.has_presence(Presence.ON_FARM, Presence.CULL_FLAGGED) & np.isnan(self.archive)

    @property
    def is_dry(self) -> NDArray[np.bool_]:
        """Cows with a dry-off of the current lactation (one before its calving is of an earlier one)."""
        return (self.lactation > 0) & np.isfinite(self.dry_off) & ~(self.dry_off < self.calving)

    @property
    def is_milking(self) -> NDArray[np.bool_]:
        """Cows on the farm that are not dry."""
        return self.is_present & (self.lactation > 0) & ~self.is_dry
