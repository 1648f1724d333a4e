"""What runs are made of: farms, datasets, scenarios, presets, in a real store."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from herd_engine.errors import ConflictError, NotFoundError, ParameterError, ScenarioError
from herd_engine.model.visitor import Visitor
from herd_engine.runs.catalog import Catalog, legacy
from herd_engine.runs.kept import KeptRuns
from herd_engine.scenarios.presets import BUILT_IN
from herd_engine.storage.datasets import DatasetFilters, DatasetRow
from herd_engine.storage.paging import ListPage
from herd_engine.storage.scenarios import ScenarioEdit, ScenarioFilters
from tests.herd_engine.runs.conftest import PAYLOAD, work

LEGACY = {"dim_mode": "from_calving", "replacement": {"annual_heifer_ratio": 0.25}, "mc_runs": 1}
"""As the schema before herd_m5_v2 wrote it."""
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def catalog(kept: KeptRuns) -> Catalog:
    return kept.catalog


@pytest.fixture
def north(kept: KeptRuns) -> Catalog:
    """A second farm of the same store."""
    kept.catalog.farms.add("North")
    return KeptRuns(kept.store, "tester", "north").catalog


def names(page: ListPage[Any]) -> list[str]:
    return [row.name for row in page.items]


def test_one_default_farm_exists_from_the_start(catalog: Catalog) -> None:
    farms = catalog.farms.list()

    assert [farm.is_default for farm in farms] == [True]
    assert catalog.farm == farms[0]


def test_a_farm_is_found_whatever_the_case_of_its_name(north: Catalog) -> None:
    assert north.farm.name == "North"
    assert north.farms.find(" NORTH ") == north.farm


def test_an_unknown_farm_is_not_found(kept: KeptRuns) -> None:
    with pytest.raises(NotFoundError, match="no farm Nowhere"):
        KeptRuns(kept.store, "tester", "Nowhere")


def test_the_default_farm_can_be_changed_and_is_never_archived(north: Catalog) -> None:
    old = next(farm for farm in north.farms.list() if farm.is_default)

    north.farms.make_default("north")

    with pytest.raises(ConflictError, match="default farm cannot be archived"):
        north.farms.archive("North")
    assert north.farms.archive(old.name).archived_at is not None
    assert [farm.name for farm in north.farms.list()] == ["North"]


def test_farms_do_not_see_each_others_datasets_and_scenarios(
    catalog: Catalog, north: Catalog, dataset: DatasetRow
) -> None:
    scenario = catalog.scenarios.save("Base", PAYLOAD)

    assert names(north.datasets.list()) == names(north.scenarios.list()) == []
    with pytest.raises(NotFoundError, match="no dataset"):
        north.datasets.get(dataset.id)
    with pytest.raises(NotFoundError, match="no scenario"):
        north.scenarios.find(scenario.id)


def test_a_dataset_is_found_by_name_by_the_beginning_of_its_id_and_in_lists(
    catalog: Catalog, dataset: DatasetRow
) -> None:
    assert catalog.datasets.find("FARM.csv") == catalog.datasets.find(dataset.id[:8]) == dataset
    assert names(catalog.datasets.list(DatasetFilters(name="ARM"))) == ["farm.csv"]
    assert names(catalog.datasets.list(DatasetFilters(name="barn"))) == []


def test_an_archived_dataset_is_out_of_sight_but_still_found(catalog: Catalog, dataset: DatasetRow) -> None:
    catalog.datasets.archive(dataset.id)

    assert names(catalog.datasets.list()) == []
    assert catalog.datasets.find("farm.csv").archived_at is not None
    catalog.datasets.archive(dataset.id, archived=False)
    assert names(catalog.datasets.list()) == ["farm.csv"]


def test_two_datasets_of_one_name_are_told_apart_by_id_only(
    catalog: Catalog, dataset: DatasetRow, farm_file: bytes
) -> None:
    other = catalog.datasets.add(farm_file + b"\n", "farm.csv")

    with pytest.raises(ParameterError, match=f"several are called so: .*{dataset.id}"):
        catalog.datasets.find("farm.csv")
    assert catalog.datasets.find(other.id) == other


def test_a_renamed_dataset_leaves_finished_runs_reproducible(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)

    renamed = kept.catalog.datasets.rename(dataset.id, "spring")

    assert renamed.name == "spring"
    assert kept.forecast(run.id).meta.dataset_name == "farm.csv"
    assert kept.reproduce(run.id) == ()


def test_a_dataset_that_a_run_uses_cannot_be_deleted(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run

    with pytest.raises(ConflictError, match="used by runs"):
        kept.catalog.datasets.delete(dataset.id)

    kept.cancel(run.id)
    kept.delete([run.id])
    kept.catalog.datasets.delete(dataset.id)
    assert kept.store.files.list("datasets") == ()


def test_files_of_a_dataset_stay_while_another_farm_has_the_same_bytes(
    kept: KeptRuns, north: Catalog, dataset: DatasetRow, farm_file: bytes
) -> None:
    theirs = north.datasets.add(farm_file, "the same")

    kept.catalog.datasets.delete(dataset.id)

    assert kept.store.files.get(f"datasets/{dataset.sha256}/original") == farm_file
    north.datasets.delete(theirs.id)
    assert kept.store.files.list("datasets") == ()


def test_a_scenario_is_kept_with_all_defaults(catalog: Catalog) -> None:
    row = catalog.scenarios.save("Base", {"mc_runs": 60}, tags=(" spring ", "spring"))

    # Defaults of section 4 of the functional specification.
    assert row.params["horizon_months"] == 36
    assert row.params["seed"] == 42
    assert row.params["model"]["gestation_mu"] == 277.5
    assert (row.params["mc_runs"], row.tags, row.version) == (60, ("spring",), 1)
    assert legacy(row) is None


def test_a_scenario_with_problems_is_not_kept(catalog: Catalog) -> None:
    with pytest.raises(ScenarioError, match="Did you mean `mc_runs`"):
        catalog.scenarios.save("Base", {"mc_run": 60})

    assert names(catalog.scenarios.list()) == []


def test_a_name_is_taken_once_per_farm_whatever_the_case(catalog: Catalog, north: Catalog) -> None:
    catalog.scenarios.save("Ель", {})

    with pytest.raises(ConflictError, match="exists already"):
        catalog.scenarios.save("ЕЛЬ", {})
    assert north.scenarios.save("ЕЛЬ", {}).version == 1


def test_an_edit_makes_a_new_version_and_keeps_the_old_one(catalog: Catalog) -> None:
    row = catalog.scenarios.save("Base", {"mc_runs": 60})

    edited = catalog.scenarios.edit(row.id, ScenarioEdit(params={"mc_runs": 70}), row.version)

    assert (edited.version, edited.params["mc_runs"], edited.params["seed"]) == (2, 70, 42)
    kept = [(version.version, version.params["mc_runs"]) for version in catalog.scenarios.versions(row.id)]
    assert kept == [(2, 70), (1, 60)]
    with pytest.raises(ConflictError, match="changed meanwhile"):
        catalog.scenarios.edit(row.id, ScenarioEdit(name="Other"), row.version)


def test_scenarios_are_listed_by_name_tag_schema_and_date_in_pages(catalog: Catalog) -> None:
    for name in ("one", "two", "three"):
        catalog.scenarios.save(name, {}, tags=(name[0],))
    catalog.scenarios.save("old", LEGACY)
    tomorrow = datetime.now(UTC) + timedelta(1)

    first = catalog.scenarios.list(limit=3)

    assert names(first) == ["old", "three", "two"]
    assert names(catalog.scenarios.list(cursor=first.next_cursor, limit=3)) == ["one"]
    assert names(catalog.scenarios.list(ScenarioFilters(name="O"))) == ["old", "two", "one"]
    assert names(catalog.scenarios.list(ScenarioFilters(tags=("t",)))) == ["three", "two"]
    assert names(catalog.scenarios.list(ScenarioFilters(schema_version="legacy_v1"))) == ["old"]
    assert names(catalog.scenarios.list(ScenarioFilters(created_from=tomorrow))) == []


def test_a_legacy_scenario_is_kept_as_it_is_with_the_reason_and_never_run_or_edited(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    row = kept.catalog.scenarios.save("Old", LEGACY)

    assert (row.schema_version, row.params) == ("legacy_v1", LEGACY)
    assert "can be looked at but not run" in legacy(row).reason
    with pytest.raises(ConflictError, match="can be looked at but not run"):
        kept.submit(dataset.id, scenario_id=row.id)
    with pytest.raises(ConflictError, match="can be looked at but not run"):
        kept.catalog.scenarios.edit(row.id, ScenarioEdit(name="New"))
    assert kept.catalog.scenarios.delete(row.id) == 0


def test_a_run_of_a_scenario_remembers_its_version(kept: KeptRuns, dataset: DatasetRow) -> None:
    row = kept.catalog.scenarios.save("Base", PAYLOAD)
    kept.catalog.scenarios.edit(row.id, ScenarioEdit(params=PAYLOAD | {"mc_runs": 61}))

    run = kept.submit(dataset.id, scenario_id=row.id).run

    assert (run.scenario_id, run.scenario_version, run.runs_total) == (row.id, 2, 61)
    with pytest.raises(ParameterError, match="payload"):
        kept.submit(dataset.id, PAYLOAD, scenario_id=row.id)


def test_runs_of_a_deleted_scenario_are_kept_and_marked(kept: KeptRuns, dataset: DatasetRow) -> None:
    row = kept.catalog.scenarios.save("Base", PAYLOAD)
    run = kept.submit(dataset.id, scenario_id=row.id).run

    assert kept.catalog.scenarios.n_runs(row.id) == 1
    assert kept.catalog.scenarios.delete(row.id) == 1

    assert kept.get(run.id).scenario_deleted
    with pytest.raises(NotFoundError, match="no scenario"):
        kept.submit(dataset.id, scenario_id=row.id)
    assert kept.catalog.scenarios.save("Base", PAYLOAD).id != row.id


def test_every_farm_has_the_built_in_presets_and_looking_writes_nothing(
    catalog: Catalog, north: Catalog, kept: KeptRuns
) -> None:
    for farm in (catalog, north):
        page = farm.presets.list()
        assert [row.name for row in page.items] == list(BUILT_IN)
        assert all(row.built_in for row in page.items)
        assert {row.name for row in page.items if row.legacy} == {"conservative", "aggressive"}
        assert page.items == farm.presets.list().items
    assert {row.id for row in catalog.presets.list().items}.isdisjoint(
        row.id for row in north.presets.list().items
    )
    with kept.store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM preset").scalar() == 0


def test_a_farm_with_a_herd_can_hold_its_places(
    catalog: Catalog, north: Catalog, dataset: DatasetRow
) -> None:
    held = catalog.presets.find("hold the places")

    assert held.params["places_milking"] == dataset.counts["milking"] > 0
    assert held.params["places_head"] == sum(dataset.counts.values())
    assert catalog.presets.get(held.id) == held
    with pytest.raises(ConflictError):
        catalog.presets.rename(held.id, "Mine")
    with pytest.raises(NotFoundError):
        north.presets.find("hold the places")


def test_presets_come_in_pages_ones_own_first(catalog: Catalog) -> None:
    for seed in range(3):
        catalog.presets.save(f"Mine {seed}", {"seed": seed})
    pages, cursor = [], None
    while True:
        page = catalog.presets.list(None, cursor, 2)
        pages.append([row.name for row in page.items])
        cursor = page.next_cursor
        if cursor is None:
            break

    assert [len(page) for page in pages] == [2, 2, 2, 2, 2, 1]
    assert [name for page in pages for name in page] == ["Mine 2", "Mine 1", "Mine 0", *BUILT_IN]
    assert names(catalog.presets.list("FEWER")) == ["fewer culls", "sell fewer heifers"]
    with pytest.raises(ParameterError, match="`limit` must be within"):
        catalog.presets.list(None, "built-in:1", 0)


def test_known_content_under_a_new_name_says_which_preset_it_is_and_that_one_is_renamed(
    catalog: Catalog,
) -> None:
    first = catalog.presets.save("Mine", {"seed": 3, "mc_runs": 10})
    assert catalog.presets.save(" mine ", {"mc_runs": 10, "seed": 3}) == first

    with pytest.raises(ConflictError, match="kept already, as the preset 'Mine'") as refused:
        catalog.presets.save("Mine again", {"mc_runs": 10, "seed": 3})
    assert (refused.value.case, refused.value.name) == ("preset_known", "Mine")
    assert catalog.presets.rename(first.id, "Mine again").name == "Mine again"
    assert catalog.presets.save("Mine again", {"mc_runs": 10, "seed": 3}).id == first.id


def test_a_built_in_preset_keeps_its_name_and_a_copy_has_its_own(catalog: Catalog) -> None:
    built_in = catalog.presets.find("fewer culls")

    with pytest.raises(ConflictError, match="built-in preset cannot be renamed"):
        catalog.presets.rename(built_in.id, "x")
    copy = catalog.presets.save("My culls", built_in.params)
    assert (copy.name, copy.built_in) == ("My culls", False)


@pytest.mark.parametrize("field", ["dataset_id", "report_date"])
def test_a_preset_names_no_herd(catalog: Catalog, field: str) -> None:
    with pytest.raises(ParameterError, match="not be part of a preset"):
        catalog.presets.save("Mine", {field: "2026-01-01"})


def test_presets_of_others_are_not_found_and_built_in_ones_stay(kept: KeptRuns) -> None:
    mine, theirs = kept.catalog.presets, Catalog(kept.store, Visitor.at_the_machine("somebody else")).presets
    own, foreign = mine.save("Mine", {"seed": 3}), theirs.save("Theirs", {"seed": 3})
    built_in = mine.find("baseline")

    deleted = mine.delete([own.id, foreign.id, built_in.id, NOBODY, own.id])

    assert deleted.deleted_ids == (own.id,)
    assert {skipped.id: skipped.reason for skipped in deleted.skipped} == {
        foreign.id: "not_found",
        built_in.id: "built_in",
        NOBODY: "not_found",
    }
    assert theirs.find("theirs") == foreign
    assert json.dumps(mine.find("baseline").params) == json.dumps(built_in.params)
