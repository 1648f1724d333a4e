"""Records → tables, in the mode of the scenario."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.calibrated import calibrated_tables, fit_calibrated
from herd_engine.calibration.distributions import dry_off_mixture, empirical, log_normal, rounded_normal
from herd_engine.calibration.hazards import flagged_hazard, lactation_hazard, month_hazard
from herd_engine.calibration.samples import ages_at_conception, conception_to_dry_off, service_periods
from herd_engine.errors import HerdDataError
from herd_engine.i18n.catalogue import ENGLISH, catalogue
from herd_engine.model.animals import AnimalRecords
from herd_engine.model.quality import QualityIssue, Severity
from herd_engine.model.scenario import Mode, ModelParameters
from herd_engine.model.tables import DayDistribution, Tables

Fit = Callable[[NDArray[np.int64]], DayDistribution]
Calibrate = Callable[[AnimalRecords, Mode, ModelParameters], Tables]
"""``calibrate``, or what remembers its answers."""


def calibrate(records: AnimalRecords, mode: Mode, parameters: ModelParameters) -> Tables:
    """Estimate everything that the engine needs to know of a farm.

    Parameters
    ----------
    records : AnimalRecords
        All rows of the file: animals that left tell as much as those that stayed.
    mode : Mode
        `empirical`: uniform picks from the herd's own lists; `theoretical`: fitted formulas;
        `calibrated`: hazards over exposure, shrunk to what herds are like (``calibrated_tables``).
    parameters : ModelParameters
        Gestation is an assumption, not an estimate.

    Returns
    -------
    Tables

    Raises
    ------
    HerdDataError
        A list is empty that the mode cannot do without; ``issues`` names every such list.
    """
    if mode is Mode.CALIBRATED:
        return calibrated_tables(fit_calibrated(records), parameters)
    lists = {
        "age_at_conception": ages_at_conception(records),
        "service_period": service_periods(records),
        "conception_to_dry_off": conception_to_dry_off(records),
    }
    needed = [name for name in lists if mode is Mode.EMPIRICAL or name != "conception_to_dry_off"]
    _require_data({name: lists[name] for name in needed}, mode)
    fit: Fit = empirical if mode is Mode.EMPIRICAL else log_normal
    fit_dry_off: Fit = empirical if mode is Mode.EMPIRICAL else dry_off_mixture
    return Tables(
        age_at_conception=fit(lists["age_at_conception"]),
        service_period=fit(lists["service_period"]),
        conception_to_dry_off=fit_dry_off(lists["conception_to_dry_off"]),
        gestation=rounded_normal(
            parameters.gestation_mu,
            parameters.gestation_sigma,
            parameters.gestation_lo,
            parameters.gestation_hi,
        ),
        lactation_hazard=lactation_hazard(records),
        month_hazard=month_hazard(records),
        flagged_hazard=flagged_hazard(records),
    )


def _require_data(lists: dict[str, NDArray[np.int64]], mode: Mode) -> None:
    empty = [name for name, values in lists.items() if not len(values)]
    if not empty:
        return
    issues = tuple(
        QualityIssue(
            code=f"empty_{name}",
            severity=Severity.ERROR,
            message=catalogue(ENGLISH)["kinds"][f"empty_{name}"].format(mode=mode),
            params={"list": name, "mode": str(mode)},
            blocking=True,
        )
        for name in empty
    )
    message = " ".join(issue.message for issue in issues)
    if empty == ["conception_to_dry_off"]:
        message += " The theoretical mode does without."
    raise HerdDataError(message, issues)
