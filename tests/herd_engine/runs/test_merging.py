"""Two farms that are one: files, answers, scenarios and sheet come together, and nothing is lost."""

import pytest

from herd_engine.errors import ConflictError, FarmNotFoundError
from herd_engine.model.answers import Answers
from herd_engine.model.farm_sheet import FarmSheet
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.merging import merge
from herd_engine.sample import make_sample
from tests.herd_engine.runs.conftest import PAYLOAD


@pytest.fixture
def other(kept: KeptRuns) -> KeptRuns:
    """Return a farm that has one file of its own and one that the default farm has too."""
    kept.catalog.farms.add("South")
    south = kept.of_farm("South")
    sample = make_sample(animals=60, seed=3, earlier_days=60)
    kept.add_dataset(sample.csv, "march.csv")
    south.add_dataset(sample.csv, "march.csv")
    south.add_dataset(sample.earlier.csv, "december.csv")
    south.catalog.datasets.adopt(Answers.of(statuses={"Гуляет": "sold"}), "march.csv")
    south.catalog.farms.save_sheet("South", FarmSheet(cow_places=200, breed="Holstein"))
    south.catalog.scenarios.save("More heifers", PAYLOAD)
    return south


def test_what_a_farm_kept_comes_to_the_other_one(kept: KeptRuns, other: KeptRuns) -> None:
    kept.catalog.farms.save_sheet(None, FarmSheet(breed="Jersey"))

    merged = merge(kept, "South")

    assert (merged.files, merged.scenarios, merged.has_answers, merged.has_sheet) == (1, 1, True, True)
    exports = [export.name for export in kept.catalog.datasets.history().exports]
    assert exports == ["december.csv", "march.csv"]
    assert kept.catalog.datasets.answers() == Answers.of(statuses={"Гуляет": "sold"})
    assert kept.catalog.farms.sheet() == FarmSheet(cow_places=200, breed="Jersey")  # its own word stands
    assert [row.name for row in kept.catalog.scenarios.list().items] == ["More heifers"]
    assert [farm.name for farm in kept.catalog.farms.list() if farm.name == "South"] == []
    assert len(other.catalog.datasets.list().items) == 2  # nothing was taken away


def test_a_farm_is_not_merged_with_itself_nor_the_default_one_away(kept: KeptRuns, other: KeptRuns) -> None:
    with pytest.raises(ConflictError, match="itself"):
        merge(other, "South")
    with pytest.raises(ConflictError, match="default farm"):
        merge(other, kept.catalog.farm.name)
    with pytest.raises(FarmNotFoundError):
        merge(kept, "Nowhere")
