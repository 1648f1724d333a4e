"""Make a sample file and its truth; nothing is written here."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from herd_engine.datasets.sample.export import Edits, export_csv
from herd_engine.datasets.sample.farm import DEFAULT_FARM, SampleFarm
from herd_engine.datasets.sample.herd import make_herd
from herd_engine.datasets.sample.problems import Sheet, inject
from herd_engine.datasets.sample.truth import make_truth
from herd_engine.errors import ParameterError
from herd_engine.model.scenario import MAX_SEED

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
    """

    csv: bytes
    truth: dict[str, Any]


def make_sample(
    *,
    animals: int = 1000,
    seed: int = 1,
    report_date: date = DEFAULT_REPORT_DATE,
    problems: bool = False,
    farm: SampleFarm = DEFAULT_FARM,
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

    Returns
    -------
    Sample

    Notes
    -----
    A pregnancy here is one that holds to term: earlier losses count as services that failed. There are no
    twins, no seasons and no purchases.

    Examples
    --------
    >>> sample = make_sample(animals=50)
    >>> sample.truth["on_report_date"]["animals_on_farm"]
    50
    """
    _check_whole("animals", animals, _FEWEST_ANIMALS, _MOST_ANIMALS)
    _check_whole("seed", seed, 0, MAX_SEED)
    if not _EARLIEST_YEAR <= report_date.year <= _LATEST_YEAR:
        raise ParameterError("report_date", str(report_date), f"lie within {_EARLIEST_YEAR} … {_LATEST_YEAR}")
    rng = np.random.Generator(np.random.PCG64(seed))
    herd = make_herd(farm, animals, report_date, rng)
    edits: Edits = {}
    listing: list[dict[str, Any]] = []
    if problems:
        edits, listing = inject(Sheet(farm=farm, herd=herd, report_date=report_date), rng)
    return Sample(
        csv=export_csv(farm, herd, report_date, edits),
        truth=make_truth(farm, herd, report_date, seed, listing),
    )


def _check_whole(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ParameterError(name, value, f"be a whole number within {low} … {high}")
