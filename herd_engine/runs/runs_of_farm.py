"""Runs of one farm as they stand: who asks, and what may they see and change."""

from typing import TYPE_CHECKING

from herd_engine.errors import (
    ForbiddenError,
    ParameterError,
)
from herd_engine.model.source import Source
from herd_engine.model.visitor import RUN, WRITE, Visitor
from herd_engine.runs.catalog import Catalog
from herd_engine.runs.store import Store
from herd_engine.storage.events import EventRow
from herd_engine.storage.paging import MAX_LIMIT, ListPage
from herd_engine.storage.run_history import EVERY_RUN
from herd_engine.storage.run_rows import RunFilters, RunRow
from herd_engine.storage.scope import Scope
from herd_engine.storage.submissions import SubmissionRow

if TYPE_CHECKING:
    pass


class RunsOfFarm:
    """Runs of one farm; ``catalog`` has what they are made of.

    Parameters
    ----------
    store : Store
    owner : str or Visitor
        Who asks; a bare name (``local``, ``plan:<name>``) is whoever sits at the machine.
    farm : str, optional
        The default one unless another is named.
    source : Source
        Through which door.
    """

    def __init__(
        self, store: Store, owner: str | Visitor, farm: str | None = None, source: Source = Source.CLI
    ) -> None:
        visitor = owner if isinstance(owner, Visitor) else Visitor.at_the_machine(owner)
        self.store, self._visitor, self._source = store, visitor, source
        self.catalog = Catalog(store, visitor, farm)
        self.access = self.catalog.access

    @property
    def scope(self) -> Scope:
        """The rows of the farm, for who may read them; FarmNotFoundError for all others."""
        return self.access.scope

    def get(self, run_id: str) -> RunRow:
        """Return a run as it stands; one whose runner was lost is running until another takes it up."""
        return self.store.runs.get(self.scope, run_id)

    def list_runs(
        self, filters: RunFilters = EVERY_RUN, cursor: str | None = None, limit: int = 20
    ) -> ListPage[RunRow]:
        """Return a page of runs, newest first."""
        return self.store.runs.list_runs(self.scope, filters, cursor, limit)

    def find(self, beginning: str) -> RunRow:
        """Return the one run whose id begins so.

        Raises
        ------
        ParameterError
            Several begin so.
        NotFoundError
        """
        page = self.list_runs(RunFilters(text=beginning), limit=MAX_LIMIT)
        found = [row for row in page.items if beginning and row.id.startswith(beginning)]
        if len(found) > 1:
            raise ParameterError("run", beginning, "name one run; several begin so")
        return found[0] if found else self.get(beginning)

    def submissions(self, run_id: str) -> tuple[SubmissionRow, ...]:
        """Return who asked for a run, oldest first."""
        return self.store.submissions.of_run(self.scope, self.get(run_id).id)

    def events(self, run_id: str, after: int = 0) -> tuple[EventRow, ...]:
        """Return what happened to a run after event number ``after``."""
        return self.store.events.after(self.get(run_id).id, after)

    def events_version(self, run_id: str) -> str:
        """Return what is the same as long as no event was added: the run and the number of the last one."""
        version = self.store.runs.version(self.scope, run_id)
        return f"{version.run_id}:{version.last_seq}"

    def is_mine(self, run_id: str) -> bool:
        """Tell whether who asks wished for a run, or made it."""
        wishes = {wish.principal for wish in self.submissions(run_id)}
        return self.access.owner in {self.get(run_id).owner, *wishes}

    def _own(self, run_id: str) -> Scope:
        """Return the rows of the farm for who may change this run: who asked for it, or in a role above."""
        self.access.require(RUN)
        if not (self.access.is_above_others or self.is_mine(run_id)):
            raise ForbiddenError(WRITE)
        return self.scope

    def _require(self, *, for_everybody: bool) -> None:
        self.access.require(RUN)
        if for_everybody and not self.access.is_above_others:
            raise ForbiddenError(WRITE)
