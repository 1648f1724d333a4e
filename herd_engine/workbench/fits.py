"""What calibration makes of herd files, kept for the next plan of the same herd."""

from functools import partial
from typing import TYPE_CHECKING

from herd_engine.calibration.calibrate import Calibrate, calibrate
from herd_engine.calibration.calibrated import CalibratedFit, calibrated_tables, fit_calibrated
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.model.animals import AnimalRecords
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.model.tables import Tables
from herd_engine.workbench.remembered import Remembered

if TYPE_CHECKING:
    from herd_engine.engine.exact.expectation import Expectation

HERDS, PLANS = 4, 8
"""How many herds' fits are kept, and how many plans': a page shows two plans of a herd at a time."""


class Fits:
    """Fits by herd file, tables and expectations by herd file and parameters."""

    def __init__(self) -> None:
        self._fits = Remembered[CalibratedFit](HERDS)
        self._tables = Remembered[Tables](PLANS)
        self._expectations = Remembered["Expectation | None"](PLANS)

    def fit(self, herd_file: HerdFile) -> CalibratedFit:
        """Return the fit of the calibrated mode, which no scenario changes."""
        return self._fits.get(herd_file.sha256, lambda: fit_calibrated(herd_file.records))

    def of(self, herd_file: HerdFile) -> Calibrate:
        """Return ``calibrate`` for the records of a herd file, which remembers what it answered."""
        return partial(self._calibrated, herd_file)

    def expectation(self, herd_file: HerdFile, scenario: Scenario) -> "Expectation | None":
        """Return what is expected under a scenario; None where only a simulation can tell."""
        from herd_engine.forecasting.instant_preview import expectation  # noqa: PLC0415

        key = (herd_file.sha256, scenario)
        return self._expectations.get(key, lambda: expectation(herd_file, scenario, self.of(herd_file)))

    def _calibrated(
        self, herd_file: HerdFile, records: AnimalRecords, mode: Mode, parameters: ModelParameters
    ) -> Tables:
        def make() -> Tables:
            if mode is Mode.CALIBRATED:
                return calibrated_tables(self.fit(herd_file), parameters)
            return calibrate(records, mode, parameters)

        return self._tables.get((herd_file.sha256, mode, parameters), make)
