"""One synthetic farm, exported at two dates: what a rewound herd should be is then known."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.model.animals import NO_DAY
from herd_engine.sample import DEFAULT_FARM
from herd_engine.sample.equilibrium import equilibrium
from herd_engine.sample.export import export_csv
from herd_engine.sample.herd import SampleHerd
from herd_engine.sample.lives import Calendar, Lactation, live
from herd_engine.sample.snapshot import Rows, join_rows, last_lactations
from herd_engine.sample.tally import Tally

REPORT_DATE = date(2026, 3, 1)
N_BIRTHS = 7000
DAY_FIELDS = ("birth", "start", "services", "conception", "dry_off", "next_calving", "exit", "flag")


class TwoExports(NamedTuple):
    """The earlier and the later file, and what really was.

    Attributes
    ----------
    earlier, later : HerdFile
    hidden : dict of str to int
        Animals of the earlier export that are pregnant though it does not know: id → day of conception.
    tally : Tally
        Stocks by true state on ``days``.
    lactations : tuple of Lactation
        Days from the later report date.
    """

    earlier: HerdFile
    later: HerdFile
    hidden: dict[str, int]
    tally: Tally
    lactations: tuple[Lactation, ...]


@cache
def two_exports(days_back: int, days: tuple[int, ...] = (0,), seed: int = 5) -> TwoExports:
    """Live the same lives once and export them twice; ``days`` count from the later report date."""
    farm, rng = DEFAULT_FARM, np.random.Generator(np.random.PCG64(seed))
    calendar = Calendar(report_weekday=REPORT_DATE.weekday(), last_day=1)
    births = rng.integers(-int(farm.history_years * 365.25), 1, N_BIRTHS, dtype=np.int32)
    lactations = tuple(live(farm, births, equilibrium(farm).surplus_share, calendar, rng))
    tally = Tally(days=days)
    for lactation in lactations:
        tally.add(lactation)
    earlier_date = REPORT_DATE - timedelta(days=days_back)
    earlier = _rows([_seen_from(item, days_back) for item in lactations], earlier_date)
    later = _rows(list(lactations), REPORT_DATE)
    hidden = {
        str(animal + 1): int(day)
        for animal, day in zip(earlier.animal, earlier.hidden_conception, strict=True)
        if day != NO_DAY
    }
    return TwoExports(
        earlier=_file(earlier, earlier_date, tally),
        later=_file(later, REPORT_DATE, tally),
        hidden=hidden,
        tally=tally,
        lactations=lactations,
    )


def _seen_from(lactation: Lactation, days_back: int) -> Lactation:
    """Count days from an earlier date; what never happens stays far away."""
    return replace(lactation, **{name: getattr(lactation, name) + days_back for name in DAY_FIELDS})


def _rows(lactations: list[Lactation], report_date: date) -> Rows:
    rows = join_rows([last_lactations(DEFAULT_FARM, item, report_date.weekday()) for item in lactations])
    return rows.select(np.argsort(rows.animal, kind="stable"))


def _file(rows: Rows, report_date: date, tally: Tally) -> HerdFile:
    herd = SampleHerd(
        rows=rows, ids=rows.animal + 1, tally=tally, n_births=N_BIRTHS, first_birth_day=0, last_day=1
    )
    return read_herd_bytes(export_csv(DEFAULT_FARM, herd, report_date, {}), "farm.csv")
