"""A store of the oldest tables that can be upgraded, full of rows, and the newest: nothing is lost."""

import uuid

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from herd_engine.storage.artifacts import Artifacts
from herd_engine.storage.database import open_database
from herd_engine.storage.datasets import DatasetTable
from herd_engine.storage.events import Events
from herd_engine.storage.farms import FarmTable
from herd_engine.storage.maintenance import integrity_faults
from herd_engine.storage.presets import PresetTable
from herd_engine.storage.runs import RunTable
from herd_engine.storage.scenarios import ScenarioTable
from herd_engine.storage.scope import Scope
from herd_engine.storage.submissions import SubmissionTable
from herd_engine.storage.tables import metadata, now
from herd_engine.storage.upgrading import revisions, upgrade
from tests.herd_engine.storage.test_database import HEAD, insert_old, is_ours, tables_of


def fill_old(database):
    """Insert a row into every table of the oldest tables that can be upgraded; return the ids."""
    farm_id = FarmTable(database).default().id
    ids = {name: str(uuid.uuid4()) for name in ("dataset", "scenario", "preset", "run", "queued")}
    moment, owned = now(), {"farm_id": farm_id, "owner": "anna"}
    with database.transaction() as connection:
        insert_old(connection, "dataset", id=ids["dataset"], sha256="a" * 64, name="Barn", **owned)
        insert_old(
            connection,
            "scenario",
            id=ids["scenario"],
            name="Plan",
            tags=["wide"],
            params={"seed": 1},
            **owned,
        )
        insert_old(connection, "scenario_version", scenario_id=ids["scenario"], params={"seed": 1})
        insert_old(connection, "preset", id=ids["preset"], name="Mine", params={"seed": 2}, **owned)
        of_run = owned | {"dataset_id": ids["dataset"], "scenario_id": ids["scenario"]}
        ended = {"status": "succeeded", "finished_at": moment, "content_hash": "c", "run_hash": "r"}
        insert_old(connection, "run", id=ids["run"], **of_run, **ended)
        insert_old(connection, "run", id=ids["queued"], status="queued", run_hash="q", **of_run)
        insert_old(connection, "run_event", run_id=ids["run"], seq=1, type="succeeded", data={})
        insert_old(connection, "artifact", run_id=ids["run"], name="result.json", size=7)
        insert_old(connection, "manifest_ledger", farm_id=farm_id, seq=1, run_id=ids["run"])
    return ids


def test_a_store_of_the_oldest_tables_is_brought_to_the_newest_with_all_that_is_in_it(
    empty_url, tmp_path, monkeypatch
):
    with open_database(empty_url) as database:
        with tables_of("0003", monkeypatch, tmp_path):
            upgrade(database)
        ids = fill_old(database)

        upgrade(database)

        assert revisions(database) == (HEAD, HEAD)
        with database.transaction() as connection:
            context = MigrationContext.configure(connection, opts={"include_name": is_ours})
            assert compare_metadata(context, metadata) == []
        scope = Scope(FarmTable(database).default().id)
        runs = RunTable(database)
        assert {run.id for run in runs.list_runs(scope).items} == {ids["run"], ids["queued"]}
        assert runs.get(scope, ids["run"]).content_hash == "c"
        assert [row.name for row in PresetTable(database).list_presets(scope).items] == ["Mine"]
        assert DatasetTable(database).get(scope, ids["dataset"]).name == "Barn"
        plan = ScenarioTable(database).get(scope, ids["scenario"])
        assert (plan.name, plan.params, plan.tags) == ("Plan", {"seed": 1}, ("wide",))
        assert [event.type for event in Events(database).after(ids["run"])] == ["succeeded"]
        assert [row.name for row in Artifacts(database).list_artifacts(scope, ids["run"])] == ["result.json"]
        assert [each.principal for each in SubmissionTable(database).of_run(scope, ids["queued"])] == ["anna"]
        assert runs.claim("worker").id == ids["queued"]
        if database.is_sqlite:
            assert integrity_faults(database) == ()
