"""Runs that are kept: submit, watch, name, star, list, read, verify, reproduce, pin, delete, prune."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from herd_engine.errors import ParameterError, StorageError
from herd_engine.model.source import Source
from herd_engine.model.visitor import Visitor
from herd_engine.runs.judging import Judging
from herd_engine.runs.published import PublishedRuns
from herd_engine.runs.store import Store
from herd_engine.runs.submitting import Submitting
from herd_engine.storage.run_rows import Deleted, RunRow, Skipped

if TYPE_CHECKING:
    from herd_engine.runs.outputs import KeptOutputs


class KeptRuns(Submitting, PublishedRuns):
    """Everything that can be done with the runs of one farm."""

    def __init__(
        self, store: Store, owner: str | Visitor, farm: str | None = None, source: Source = Source.CLI
    ) -> None:
        super().__init__(store, owner, farm, source)
        self.judging = Judging(self)
        self.catalog.datasets.arrived = self.judging.arrived

    @cached_property
    def outputs(self) -> "KeptOutputs":
        """What the runs say, row by row."""
        # The libraries of the table take longer to import than most commands take.
        from herd_engine.runs.outputs import KeptOutputs  # noqa: PLC0415

        return KeptOutputs(self.store, self.scope)

    def close(self) -> None:
        """Let go of the database."""
        if "outputs" in self.__dict__:
            self.outputs.close()
        self.store.close()

    def of_farm(self, name: str) -> "KeptRuns":
        """Return what is kept of another farm, or raise NotFoundError."""
        return KeptRuns(self.store, self._visitor, name, self._source)

    def of(self, visitor: Visitor, source: Source) -> "KeptRuns":
        """Return the same of somebody else, who comes through another door."""
        return KeptRuns(self.store, visitor, self.catalog.farm.name, source)

    def rename(self, run_id: str, name: str | None) -> RunRow:
        """Give a forecast a name, or take it away; names need not be unique."""
        return self.store.runs.rename(self._own(run_id), run_id, name)

    def star(self, run_id: str, *, starred: bool = True) -> RunRow:
        """Make a forecast the plan of its farm, in place of the one that was; or no longer.

        Raises
        ------
        ConflictError
            It ended without a result.
        NotFoundError
        """
        return self.store.runs.star(self._own(run_id), run_id, starred=starred)

    def starred(self, farm: str | None = None) -> RunRow | None:
        """Return the forecast that is the plan of a farm, this one unless named; None where none is."""
        farm_id = self.scope.farm_id if farm is None else self.catalog.farms.find(farm).id
        return self.store.runs.starred(farm_id)

    def pin(self, run_id: str, *, pinned: bool = True) -> RunRow:
        """Keep a run from being pruned, or no longer."""
        return self.store.runs.pin(self._own(run_id), run_id, pinned=pinned)

    def delete(self, ids: Sequence[str], *, for_everybody: bool = False) -> Deleted:
        """Delete finished runs with their files; their links in the chain of manifests stay.

        Parameters
        ----------
        ids : sequence of str
        for_everybody : bool
            Delete also what others asked for; otherwise that leaves one's own history alone.

        Returns
        -------
        Deleted
            ``skipped`` runs are ``active``, ``starred``, ``wanted_by_others`` or ``not_found``. A run whose
            files could not be deleted is gone nevertheless; it is in both lists, with the reason
            ``files_left``.
        """
        self._require(for_everybody=for_everybody)
        own = None if for_everybody else self.access.owner
        deleted = self.store.runs.delete(self.scope, ids, own, only_own=not self.access.is_above_others)
        left = []
        for run_id in deleted.deleted_ids:
            try:
                self.store.files.delete_prefix(f"runs/{run_id}")
            except StorageError:
                left.append(Skipped(run_id, "files_left"))
        return replace(deleted, skipped=(*deleted.skipped, *left))

    def prune(self, keep: int = 100, *, dry_run: bool = True) -> tuple[RunRow, ...]:
        """Delete the succeeded runs that are neither pinned, nor starred, nor among the newest ``keep``.

        Returns
        -------
        tuple of RunRow
            What was deleted or, by default, only would be; oldest first.
        """
        if keep < 0:
            raise ParameterError("keep", keep, "be 0 or more")
        rows = self.store.runs.prune_candidates(self.scope.farm_id, keep)
        if dry_run:
            return rows
        deleted = set(self.delete([row.id for row in rows], for_everybody=True).deleted_ids)
        return tuple(row for row in rows if row.id in deleted)

    def cancel(self, run_id: str, *, for_everybody: bool = False) -> RunRow:
        """Ask a run to stop; a queued one is canceled at once, a finished one stays as it is.

        Where others asked for the run too, only this wish is taken back and the run goes on, unless it is
        canceled for everybody.

        Raises
        ------
        ConflictError
            Only others asked for it.
        NotFoundError
        """
        self._require(for_everybody=for_everybody)
        own = None if for_everybody else self.access.owner
        return self.store.runs.request_cancel(self._own(run_id), run_id, own)
