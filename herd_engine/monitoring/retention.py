"""Old runs go: planned at one look, said in the audit, deleted at the next."""

from herd_engine.model.run_status import RunStatus
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store
from herd_engine.storage.audit_rows import note_audit
from herd_engine.storage.database_clock import database_now
from herd_engine.storage.leases import Proof
from herd_engine.storage.run_retention import RunRetention
from herd_engine.storage.run_rows import RunRow

ACTOR = "system:watch"


class OldRuns:
    """Deletes runs that nobody needs any more.

    What is to go is looked for first, and said; only what was said an hour before, and still may go, is
    deleted. Its link in the chain of manifests stays, and the audit names it.

    Parameters
    ----------
    store : Store
    keep : int
        Newest finished runs of each farm that stay.
    """

    def __init__(self, store: Store, keep: int) -> None:
        self._store, self._keep = store, keep
        self._planned: dict[str, frozenset[str]] = {}

    def look(self, proof: Proof) -> int:
        """Delete what was planned, and plan what is to go next; return how many runs went."""
        n_deleted = 0
        for farm in self._store.farms.list_farms():
            rows = RunRetention(self._store.database).candidates(farm.id, self._keep)
            due = [row for row in rows if row.id in self._planned.get(farm.id, frozenset())]
            if due:
                n_deleted += self._delete(farm.id, farm.name, due, proof)
            left = [row for row in rows if row not in due]
            new = [row for row in left if row.id not in self._planned.get(farm.id, frozenset())]
            if new:
                self._say("RUNS_PLANNED", farm.id, new, proof)
            self._planned[farm.id] = frozenset(row.id for row in left)
        return n_deleted

    def _delete(self, farm_id: str, farm_name: str, rows: list[RunRow], proof: Proof) -> int:
        self._say("RUNS_DELETED", farm_id, rows, proof)
        kept = KeptRuns(self._store, ACTOR, farm_name)
        return len(kept.delete([row.id for row in rows], for_everybody=True).deleted_ids)

    def _say(self, action: str, farm_id: str, rows: list[RunRow], proof: Proof) -> None:
        told = {row.id: row.name or RunStatus(row.status).value for row in rows}
        with self._store.database.transaction() as connection:
            new = {"runs": told, "epoch": proof(connection)}
            at = database_now(connection)
            note_audit(connection, at, ACTOR, action, f"farm/{farm_id}", farm_id=farm_id, new=new)
