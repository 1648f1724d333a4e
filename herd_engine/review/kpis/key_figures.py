"""All key figures of a herd file (`herd kpis`)."""

import numpy as np

from herd_engine.engine.exact.long_run import equilibrium
from herd_engine.model.animals import AnimalRecords, Herd
from herd_engine.model.kpi import Basis, KeyFigures, Kpi, KpiLine, KpiUnit, WhyUnknown, unknown
from herd_engine.model.tables import Tables
from herd_engine.model.targets import FarmTargets
from herd_engine.review.kpis.fertility import cycles, fertility
from herd_engine.review.kpis.filed_lives import COHORT_DAYS, CYCLE_DAYS, FiledLives, filed_lives
from herd_engine.review.kpis.herd_life import herd_life

MONEY = {
    "milk_per_milking_cow": (KpiUnit.KILOGRAMS, WhyUnknown.NEEDS_MILK),
    "iofc": (KpiUnit.MONEY, WhyUnknown.NEEDS_PRICES),
}


def resolved_targets(lives: FiledLives, stated: FarmTargets) -> FarmTargets:
    """Return a farm's targets with its own habits where nobody has set one."""
    return stated.resolved(wait=lives.wait, lag=lives.lag, heifer_wait=lives.heifer_wait)


def key_figures(records: AnimalRecords, herd: Herd, tables: Tables | None, stated: FarmTargets) -> KeyFigures:
    """Return the key figures of a herd file.

    Parameters
    ----------
    records : AnimalRecords
    herd : Herd
    tables : Tables or None
        Of the calibrated mode, for what the herd tends to; None where the file has too little for them.
    stated : FarmTargets
        As the farm has set them.
    """
    lives = filed_lives(records)
    targets = resolved_targets(lives, stated)
    found = cycles(lives, targets.vwp or lives.wait)
    windows = {
        "cohort_days": COHORT_DAYS,
        "conception": [found[-1].first - 1, found[0].last] if found else None,
        "cycles": len(found),
        "cycle_days": CYCLE_DAYS,
        "confirmation_lag": lives.lag,
        "vwp": targets.vwp,
    }
    kpis = (
        *herd_life(lives, herd, targets),
        *fertility(lives, targets, records.report_date),
        *_long_run(tables),
        *(unknown(key, unit, reason) for key, (unit, reason) in MONEY.items()),
    )
    return KeyFigures(as_of=records.report_date, windows=windows, kpis=kpis)


def _long_run(tables: Tables | None) -> tuple[Kpi, ...]:
    """Return what the herd tends to with its own rates and nothing bought."""
    units = {"r0": KpiUnit.RATIO, "growth": KpiUnit.SHARE}
    if tables is None:
        return tuple(unknown(key, unit, WhyUnknown.NOT_IN_FILE) for key, unit in units.items())
    found = equilibrium(tables)
    values = {"r0": found.reproduction_number, "growth": found.yearly_growth}
    if not all(np.isfinite(value) for value in values.values()):
        return tuple(unknown(key, unit, WhyUnknown.NOT_APPLICABLE) for key, unit in units.items())
    one = KpiLine(value=1.0, source="", is_default=True)
    return tuple(
        Kpi(
            key=key, unit=unit, value=values[key], basis=Basis.ESTIMATED,
            limits=("if_rates_stay",), usual=one if key == "r0" else None,
        )
        for key, unit in units.items()
    )  # fmt: skip
