"""What to do: key figures, rules, work lists, plans; computed from a herd file, without anything kept."""

from typing import TYPE_CHECKING

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.errors import HerdDataError, ParameterError
from herd_engine.model.scenario import Mode, ModelParameters
from herd_engine.model.tables import Tables
from herd_engine.model.targets import FarmTargets
from herd_engine.workbench.forecasting import Forecasting

if TYPE_CHECKING:
    from herd_engine.model.kpi import KeyFigures
    from herd_engine.review.detective.findings import Findings
    from herd_engine.review.work_lists import DailySheet

DEFAULT_TARGETS = FarmTargets()
DAYS_AHEAD, MOST_DAYS_AHEAD = 7, 60
"""What is due within a week is on the sheet."""


class Deciding(Forecasting):
    """From a herd file to what its people do next."""

    def kpis(self, herd_file: HerdFile, targets: FarmTargets = DEFAULT_TARGETS) -> "KeyFigures":
        """Return the key figures of a herd file, each by its written definition.

        Parameters
        ----------
        herd_file : HerdFile
        targets : FarmTargets
            What nobody has set is the farm's own habit.
        """
        # The interval of a share comes with libraries that take longer to import than a forecast takes.
        from herd_engine.review.kpis.key_figures import key_figures  # noqa: PLC0415

        return key_figures(herd_file.records, herd_file.herd, self._rates(herd_file), targets)

    def findings(self, herd_file: HerdFile, targets: FarmTargets = DEFAULT_TARGETS) -> "Findings":
        """Return what is not as the farm wants it: rates of the rules, and the animals that they catch.

        Parameters
        ----------
        herd_file : HerdFile
        targets : FarmTargets
            What nobody has set is the farm's own habit.
        """
        from herd_engine.review.detective.findings import findings  # noqa: PLC0415

        return findings(herd_file.records, targets)

    def daily_sheet(
        self, herd_file: HerdFile, targets: FarmTargets = DEFAULT_TARGETS, *, days: int = DAYS_AHEAD
    ) -> "DailySheet":
        """Return which animals to breed, check, dry off, calve, look at and sell.

        Parameters
        ----------
        herd_file : HerdFile
        targets : FarmTargets
            What nobody has set is the farm's own habit.
        days : int
            How far ahead, 0…60.

        Raises
        ------
        ParameterError
        """
        from herd_engine.review.work_lists import daily_sheet  # noqa: PLC0415

        if not 0 <= days <= MOST_DAYS_AHEAD:
            raise ParameterError("days", days, f"be within 0 … {MOST_DAYS_AHEAD}")
        return daily_sheet(herd_file.records, targets, days)

    def _rates(self, herd_file: HerdFile) -> Tables | None:
        """Return the tables of the calibrated mode; None where the file has too little for them."""
        try:
            return self._fits.of(herd_file)(herd_file.records, Mode.CALIBRATED, ModelParameters())
        except HerdDataError:
            return None
