"""Farms, datasets, scenarios and presets."""

from datetime import timedelta
from functools import partial

import pytest

from herd_engine.errors import ConflictError, NotFoundError, ParameterError
from herd_engine.storage.datasets import DatasetFilters, DatasetTable
from herd_engine.storage.farms import FarmTable
from herd_engine.storage.presets import NewPresetRow, PresetTable
from herd_engine.storage.run_rows import Skipped
from herd_engine.storage.scenarios import NewScenarioRow, ScenarioEdit, ScenarioFilters, ScenarioTable
from herd_engine.storage.scope import Scope
from tests.herd_engine.storage.rows import new_dataset, no_files

UNKNOWN = "8c5b17bc-2d1c-4f6e-a3f4-0c8e3a4e9a11"


def new_scenario(scope, name="Plan", **changes):
    values = {"owner": "anna", "params": {"runs": 100}, "schema_version": "herd_m5_v2"}
    return NewScenarioRow(farm_id=scope.farm_id, name=name, **(values | changes))


def new_preset(scope, **changes):
    values = {"owner": "anna", "name": "Fewer heifers", "params": {"a": 1}, "content_hash": "h"}
    return NewPresetRow(farm_id=scope.farm_id, **(values | changes))


def ids_of(page):
    return [item.id for item in page.items]


# Farms


def test_one_farm_exists_from_the_start(database):
    farms = FarmTable(database)

    assert farms.list_farms() == (farms.default(),)
    assert farms.default().created_at.utcoffset() == timedelta(0)
    assert farms.version(farms.default().id) == 0


@pytest.mark.parametrize("same", ["FERME É", "ferme é", "  Ferme \n É "])
def test_names_of_farms_are_unique_whatever_their_case(database, same):
    farms = FarmTable(database)
    farms.add("Ferme É")
    other = farms.add("Other")

    with pytest.raises(ConflictError, match=r"A farm named .* exists already"):
        farms.add(same)
    with pytest.raises(ConflictError, match="exists already"):
        farms.rename(other.id, same)


def test_a_farm_is_renamed_made_default_and_archived(database):
    farms = FarmTable(database)
    first, second = farms.default(), farms.add("Second")

    assert farms.rename(second.id, "SECOND").name == "SECOND"
    assert farms.make_default(second.id).is_default
    assert farms.default().id == second.id
    assert farms.archive(first.id).archived_at is not None
    assert [farm.id for farm in farms.list_farms()] == [second.id]
    assert len(farms.list_farms(archived=True)) == 2
    with pytest.raises(ConflictError, match="default farm cannot be archived"):
        farms.archive(second.id)
    with pytest.raises(ConflictError, match="archived farm cannot be the default"):
        farms.make_default(first.id)
    assert farms.archive(first.id, archived=False).archived_at is None


def test_a_farm_that_does_not_exist_is_not_found(database):
    farms = FarmTable(database)

    for call in (farms.get, farms.archive, farms.make_default, lambda farm_id: farms.rename(farm_id, "x")):
        for farm_id in (UNKNOWN, "a\0b"):
            with pytest.raises(NotFoundError, match="There is no farm"):
                call(farm_id)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\0b", "a\u202eb"])
def test_a_name_can_be_shown(database, name):
    with pytest.raises(ParameterError, match="have 1 … 200 characters that can be shown"):
        FarmTable(database).add(name)


# Datasets


def test_the_same_bytes_are_one_dataset(database, scope, foreign):
    datasets = DatasetTable(database)
    first = datasets.add(new_dataset(scope, sha256="a" * 64, name="first.csv"), no_files)

    again = datasets.add(new_dataset(scope, sha256="a" * 64, name="second.csv"), no_files)
    elsewhere = datasets.add(new_dataset(foreign, sha256="a" * 64), no_files)

    assert (first.is_new, again.is_new, elsewhere.is_new) == (True, False, True)
    assert again.dataset == first.dataset == datasets.get(scope, first.dataset.id)
    assert elsewhere.dataset.id != first.dataset.id


def test_an_archived_dataset_comes_back_when_it_is_added_again(database, scope):
    datasets = DatasetTable(database)
    row = datasets.add(new_dataset(scope, sha256="a" * 64), no_files).dataset

    assert datasets.archive(scope, row.id).archived_at is not None
    assert datasets.list_datasets(scope).items == ()
    assert ids_of(datasets.list_datasets(scope, DatasetFilters(archived=True))) == [row.id]
    assert datasets.add(new_dataset(scope, sha256="a" * 64), no_files).dataset == row


def test_datasets_are_listed_and_renamed(database, scope):
    datasets = DatasetTable(database)
    rows = [
        datasets.add(new_dataset(scope, name=name), no_files).dataset
        for name in ("Весна.csv", "b_1.csv", "bx1.csv")
    ]

    def found(**filters):
        return ids_of(datasets.list_datasets(scope, DatasetFilters(**filters)))

    assert found() == [row.id for row in reversed(rows)]
    assert found(name="ВЕСНА") == [rows[0].id]
    assert found(name="b_1") == [rows[1].id]
    assert found(created_from=rows[1].created_at, created_to=rows[2].created_at) == [rows[1].id]
    assert datasets.rename(scope, rows[0].id, "Осень.csv").name == "Осень.csv"
    assert found(name="осень") == [rows[0].id]


def test_a_dataset_that_a_run_uses_cannot_be_deleted(database, scope, runs, queued):
    datasets = DatasetTable(database)
    used, unused = (
        datasets.get(scope, queued().dataset_id),
        datasets.add(new_dataset(scope), no_files).dataset,
    )

    with pytest.raises(ConflictError, match="is used by runs"):
        datasets.delete(scope, used.id, no_files)
    datasets.delete(scope, unused.id, no_files)

    assert ids_of(datasets.list_datasets(scope)) == [used.id]
    assert (datasets.n_runs(scope, used.id), used.quality) == (
        1,
        [{"code": "missing_status", "row_count": 2}],
    )


def test_datasets_of_others_are_not_found(database, scope, foreign):
    datasets = DatasetTable(database)
    row_id = datasets.add(new_dataset(scope), no_files).dataset.id

    for other in (foreign, Scope(scope.farm_id, "boris")):
        delete = partial(datasets.delete, delete_files=no_files)
        for call in (datasets.get, datasets.archive, delete, datasets.n_runs):
            with pytest.raises(NotFoundError, match=f"There is no dataset {row_id}"):
                call(other, row_id)
        with pytest.raises(NotFoundError, match=f"There is no dataset {row_id}"):
            datasets.rename(other, row_id, "x")
    with pytest.raises(NotFoundError, match="There is no farm"):
        datasets.add(new_dataset(Scope(UNKNOWN)), no_files)


# Scenarios


def test_a_scenario_is_stored_whole(database, scope):
    scenarios = ScenarioTable(database)
    params = {"seed": 2**53 - 1, "share": 0.1, "name": "Зима", "none": None, "list": [1, {"a": True}]}

    row = scenarios.add(new_scenario(scope, "  My   plan ", description="d", tags=("a", "b"), params=params))

    assert (row.name, row.version, row.tags, row.params) == ("My plan", 1, ("a", "b"), params)
    assert scenarios.get(scope, row.id) == scenarios.find(scope, "MY PLAN") == row
    assert scenarios.find(scope, "My") is None


@pytest.mark.parametrize(("name", "same"), [("Straße", "STRASSE"), ("Зимний план", "зимний ПЛАН")])
def test_names_of_scenarios_are_unique_per_farm_whatever_their_case(database, scope, foreign, name, same):
    scenarios = ScenarioTable(database)
    first = scenarios.add(new_scenario(scope, name))
    other = scenarios.add(new_scenario(scope, "Other"))

    with pytest.raises(ConflictError, match=r"A scenario named .* exists already on this farm"):
        scenarios.add(new_scenario(scope, same))
    with pytest.raises(ConflictError, match="exists already"):
        scenarios.edit(scope, other.id, ScenarioEdit(name=same))
    assert scenarios.add(new_scenario(foreign, same)).name == same

    scenarios.delete(scope, first.id)
    assert scenarios.add(new_scenario(scope, same)).id != first.id


def test_an_edit_makes_a_new_version(database, scope):
    scenarios = ScenarioTable(database)
    row = scenarios.add(new_scenario(scope, tags=("a",)))

    edited = scenarios.edit(scope, row.id, ScenarioEdit(params={"runs": 200}, tags=()), expected_version=1)

    assert (edited.version, edited.params, edited.tags, edited.name) == (2, {"runs": 200}, (), "Plan")
    assert [(v.version, v.params) for v in scenarios.versions(scope, row.id)] == [
        (2, {"runs": 200}),
        (1, {"runs": 100}),
    ]


def test_an_edit_of_an_old_version_is_refused(database, scope):
    scenarios = ScenarioTable(database)
    row = scenarios.add(new_scenario(scope))
    current = scenarios.edit(scope, row.id, ScenarioEdit(description="new"))

    with pytest.raises(ConflictError, match="changed meanwhile"):
        scenarios.edit(scope, row.id, ScenarioEdit(description="lost"), expected_version=1)
    assert scenarios.get(scope, row.id) == current


def test_scenarios_are_filtered(database, scope):
    scenarios = ScenarioTable(database)
    tagged = scenarios.add(new_scenario(scope, "Spring", tags=("wet", 'a "b" \\ é')))
    other = scenarios.add(new_scenario(scope, "Summer", tags=("wetter",), schema_version="legacy_v1"))
    gone = scenarios.add(new_scenario(scope, "Autumn"))
    scenarios.delete(scope, gone.id)

    def found(**filters):
        return ids_of(scenarios.list_scenarios(scope, ScenarioFilters(**filters)))

    assert found() == [other.id, tagged.id]
    assert found(name="SPR") == found(tags=("wet",)) == found(tags=('a "b" \\ é',)) == [tagged.id]
    assert found(tags=("we",)) == found(name="autumn") == []
    assert found(deleted=True) == [gone.id]
    assert found(schema_version="legacy_v1") == found(created_from=other.created_at) == [other.id]
    assert found(created_to=other.created_at) == [tagged.id]


def test_runs_of_a_deleted_scenario_are_kept_and_marked(database, scope, runs, queued):
    scenarios = ScenarioTable(database)
    row = scenarios.add(new_scenario(scope))
    run = queued(scenario_id=row.id, scenario_version=1)
    assert scenarios.n_runs(scope, row.id) == 1

    assert scenarios.delete(scope, row.id) == 1

    kept = runs.get(scope, run.id)
    assert (kept.scenario_deleted, kept.scenario_id) == (True, row.id)
    assert scenarios.get(scope, row.id).deleted_at is not None
    with pytest.raises(NotFoundError, match="There is no scenario"):
        scenarios.delete(scope, row.id)
    with pytest.raises(NotFoundError, match="There is no scenario"):
        scenarios.edit(scope, row.id, ScenarioEdit(name="x"))
    with pytest.raises(NotFoundError, match="There is no scenario"):
        queued(scenario_id=row.id)


def test_scenarios_of_others_are_not_found(database, scope, foreign, queued):
    scenarios = ScenarioTable(database)
    row_id = scenarios.add(new_scenario(scope)).id

    for other in (foreign, Scope(scope.farm_id, "boris")):
        for call in (scenarios.get, scenarios.versions, scenarios.n_runs, scenarios.delete):
            with pytest.raises(NotFoundError, match=f"There is no scenario {row_id}"):
                call(other, row_id)
        with pytest.raises(NotFoundError, match=f"There is no scenario {row_id}"):
            scenarios.edit(other, row_id, ScenarioEdit(name="x"))
        assert scenarios.find(other, "Plan") is None
    foreign_scenario = scenarios.add(new_scenario(foreign))
    with pytest.raises(NotFoundError, match="There is no scenario"):
        queued(scenario_id=foreign_scenario.id)


# Presets


def test_the_same_content_is_one_preset(database, scope, foreign):
    presets = PresetTable(database)
    first = presets.put(new_preset(scope))

    again = presets.put(new_preset(scope, name="Other name"))
    assert (first.is_new, again.is_new, again.preset) == (True, False, first.preset)
    for other in (new_preset(scope, owner="boris"), new_preset(foreign), new_preset(scope, content_hash="i")):
        assert presets.put(other).preset.id != first.preset.id
    presets.delete(scope, [first.preset.id])
    assert presets.put(new_preset(scope)).preset.id != first.preset.id


def test_only_presets_of_ones_own_are_listed_and_deleted(database, scope):
    presets = PresetTable(database)
    mine = presets.put(new_preset(scope)).preset
    others = presets.put(new_preset(scope, owner="boris")).preset
    anna = Scope(scope.farm_id, "anna")

    assert ids_of(presets.list_presets(anna)) == [mine.id]
    deleted = presets.delete(anna, [mine.id, others.id, UNKNOWN])
    assert deleted.deleted_ids == (mine.id,)
    assert deleted.skipped == (Skipped(others.id, "not_found"), Skipped(UNKNOWN, "not_found"))


def test_a_preset_is_renamed(database, scope):
    presets = PresetTable(database)
    row = presets.put(new_preset(scope)).preset

    renamed = presets.rename(scope, row.id, " Нетели ")
    assert (renamed.name, renamed.params, renamed.content_hash) == ("Нетели", row.params, row.content_hash)
    assert ids_of(presets.list_presets(scope, "НЕТЕЛИ")) == [row.id]


def test_presets_of_others_are_not_found(database, scope, foreign):
    presets = PresetTable(database)
    row_id = presets.put(new_preset(scope)).preset.id

    for other in (foreign, Scope(scope.farm_id, "boris")):
        with pytest.raises(NotFoundError, match=f"There is no preset {row_id}"):
            presets.get(other, row_id)
        with pytest.raises(NotFoundError, match=f"There is no preset {row_id}"):
            presets.rename(other, row_id, "x")
