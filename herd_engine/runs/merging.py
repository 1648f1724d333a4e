"""Two farms that are one: what one of them has kept comes to the other."""

from dataclasses import dataclass

from herd_engine.errors import ConflictError
from herd_engine.model.farm_sheet import FarmSheet
from herd_engine.model.prices import PriceSet
from herd_engine.model.visitor import ADD, ADMIN, WRITE
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.kept_prices import KeptPrices
from herd_engine.runs.lists import all_of
from herd_engine.storage.datasets import EVERY_DATASET
from herd_engine.storage.paging import MAX_LIMIT
from herd_engine.storage.scenarios import EVERY_SCENARIO


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedFarms:
    """What came to a farm from another one.

    Attributes
    ----------
    files, scenarios, price_sets : int
        That it did not have.
    has_answers, has_sheet : bool
        Whether it took over words that were answered, and the sheet.
    """

    files: int
    scenarios: int
    has_answers: bool
    has_sheet: bool
    price_sets: int = 0


def merge(into: KeptRuns, name: str) -> MergedFarms:
    """Bring herd files, answers, scenarios, prices and sheet of another farm to this one; archive that farm.

    What this farm says itself stands. Forecasts stay with the archived farm, whose chain of manifests they
    are part of; nothing is deleted.

    Raises
    ------
    ConflictError
        It is the same farm, or the default one, which cannot be archived.
    FarmNotFoundError
    """
    other = into.of_farm(name)
    farm = other.catalog.farm
    if farm.id == into.catalog.farm.id:
        message = f"{farm.name} cannot be merged with itself."
        raise ConflictError(message, "farm_merged_with_itself", farm.name)
    if farm.is_default:
        message = f"{farm.name} is the default farm; make {into.catalog.farm.name} the default one first."
        raise ConflictError(message, "farm_default", farm.name)
    other.access.require(ADMIN)
    into.access.require(WRITE, ADD)
    merged = MergedFarms(
        files=_files(into, other),
        scenarios=_scenarios(into, other),
        has_answers=into.catalog.datasets.adopt(other.catalog.datasets.answers(), farm.name),
        has_sheet=_sheet(into, other),
        price_sets=_price_sets(into, other),
    )
    into.catalog.farms.archive(farm.id)
    return merged


def _files(into: KeptRuns, other: KeptRuns) -> int:
    datasets, store = other.catalog.datasets, into.store.datasets
    rows = all_of(lambda cursor: datasets.list(EVERY_DATASET, cursor, MAX_LIMIT))
    added = [
        store.add(into.scope.farm_id, into.access.owner, store.load(row), store.original(row))
        for row in sorted(rows, key=lambda row: row.report_date)
    ]
    return sum(each.is_new for each in added)


def _scenarios(into: KeptRuns, other: KeptRuns) -> int:
    scenarios = other.catalog.scenarios
    moved = 0
    for row in all_of(lambda cursor: scenarios.list(EVERY_SCENARIO, cursor, MAX_LIMIT)):
        try:
            into.catalog.scenarios.save(row.name, row.params, description=row.description, tags=row.tags)
        except ConflictError:  # one of that name is here
            continue
        moved += 1
    return moved


def _price_sets(into: KeptRuns, other: KeptRuns) -> int:
    mine, theirs = KeptPrices(into.store, into.access), KeptPrices(other.store, other.access)
    known = {row.name_key for row in mine.list()}
    new = [PriceSet.of(row.content) for row in theirs.list() if row.name_key not in known]
    for prices in new:
        mine.save(prices)
    return len(new)


def _sheet(into: KeptRuns, other: KeptRuns) -> bool:
    farms, here, there = into.catalog.farms, into.catalog.farm.id, other.catalog.farm.id
    said = farms.sheet(there).document()
    mine = farms.sheet(here).document()
    if said.keys() <= mine.keys():
        return False
    farms.save_sheet(here, FarmSheet.of(said | mine))
    return True
