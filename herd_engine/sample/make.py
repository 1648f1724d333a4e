"""Make a sample file and its truth; nothing is written here."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from herd_engine.errors import ParameterError
from herd_engine.model.scenario import MAX_SEED
from herd_engine.sample.export import (
    ARCHIVE,
    CONCEPTION,
    DAYS_IN_MILK,
    DAYS_PREGNANT,
    EXPECTED_CALVING,
    EXPECTED_DRY_OFF,
    STATUS,
    Edits,
    export_csv,
)
from herd_engine.sample.farm import DEFAULT_FARM, SampleFarm
from herd_engine.sample.herd import SampleHerd, make_herd
from herd_engine.sample.problems import FaultySheet, inject
from herd_engine.sample.snapshot import ARCHIVE_WINDOW_DAYS, SOLD
from herd_engine.sample.truth import make_truth

DEFAULT_REPORT_DATE = date(2026, 3, 1)
_FEWEST_ANIMALS, _MOST_ANIMALS = 10, 1_000_000
_EARLIEST_YEAR, _LATEST_YEAR = 1970, 2200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample file and what is true of its farm.

    Attributes
    ----------
    csv : bytes
        The export.
    truth : dict
        Fit for JSON; its entry ``about`` explains the others.
    farm : SampleFarm
    herd : SampleHerd
        What the writers of other programs' forms write.
    report_date : date
    earlier : Sample, optional
        The same farm's export of an earlier day.
    """

    csv: bytes
    truth: dict[str, Any]
    farm: SampleFarm
    herd: SampleHerd
    report_date: date
    earlier: "Sample | None" = None


def make_sample(  # noqa: PLR0913 - one argument a wish
    *,
    animals: int = 1000,
    seed: int = 1,
    report_date: date = DEFAULT_REPORT_DATE,
    problems: bool = False,
    farm: SampleFarm = DEFAULT_FARM,
    with_events: bool = False,
    sold_as: str = "",
    earlier_days: int = 0,
) -> Sample:
    """Return a synthetic export of a farm near its equilibrium, with the truth beside it.

    Parameters
    ----------
    animals : int
        Animals on the farm on the report date, calves to cows, 10…1,000,000: met exactly. The file has
        more rows, because it also holds those that left in the last 730 days.
    seed : int
        The same arguments give the same bytes.
    report_date : date
        Day of the export.
    problems : bool
        Put a handful of each known kind of fault into the file, otherwise the same; the truth lists them.
    farm : SampleFarm
        Biology and management.
    with_events : bool
        Keep what is on file of the animals' past, for the forms that hold it.
    sold_as : str
        Status word of the animals that were sold, of which nothing else then says that they are gone: no
        archive date, no counts of days, no pregnancy that ended. Empty: the program's word, and all of that.

    Returns
    -------
    Sample

    Notes
    -----
    A pregnancy here is one that holds to term: earlier losses count as services that failed. There are no
    twins, no seasons and no purchases.
    """
    _check_whole("animals", animals, _FEWEST_ANIMALS, _MOST_ANIMALS)
    _check_whole("seed", seed, 0, MAX_SEED)
    _check_whole("earlier_days", earlier_days, 0, ARCHIVE_WINDOW_DAYS)
    if not _EARLIEST_YEAR <= report_date.year <= _LATEST_YEAR:
        raise ParameterError("report_date", str(report_date), f"lie within {_EARLIEST_YEAR} … {_LATEST_YEAR}")
    rng = np.random.Generator(np.random.PCG64(seed))
    herd = make_herd(farm, animals, report_date, rng, with_events=with_events, earlier_days=earlier_days)
    edits: Edits = {}
    listing: list[dict[str, Any]] = []
    if problems:
        edits, listing = inject(FaultySheet(farm=farm, herd=herd, report_date=report_date), rng)
    sample = _sample_of(farm, herd, report_date, seed, edits, listing, sold_as)
    if herd.earlier is None:
        return sample
    day = report_date - timedelta(earlier_days)
    return replace(sample, earlier=_sample_of(farm, herd.earlier, day, seed, {}, [], sold_as))


def _sample_of(  # noqa: PLR0913, PLR0917 - all that a file and its truth are made of
    farm: SampleFarm,
    herd: SampleHerd,
    report_date: date,
    seed: int,
    edits: Edits,
    listing: list[dict[str, Any]],
    sold_as: str,
) -> Sample:
    edits = {**edits, **_sold_as(sold_as, herd)} if sold_as else edits
    return Sample(
        csv=export_csv(farm, herd, report_date, edits),
        truth=make_truth(farm, herd, report_date, seed, listing),
        farm=farm,
        herd=herd,
        report_date=report_date,
    )


def _sold_as(word: str, herd: SampleHerd) -> Edits:
    """Return the cells of animals that are gone by their status word alone."""
    silent = (ARCHIVE, DAYS_IN_MILK, CONCEPTION, DAYS_PREGNANT, EXPECTED_DRY_OFF, EXPECTED_CALVING)
    cells = {STATUS: word, **dict.fromkeys(silent, "")}
    return dict.fromkeys(np.flatnonzero(herd.rows.status == SOLD).tolist(), cells)


def _check_whole(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ParameterError(name, value, f"be a whole number within {low} … {high}")
