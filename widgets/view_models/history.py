"""The runs of a farm: found, chosen, pinned, compared, verified, deleted; one of them looked at closely."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from psygnal import Signal

from herd_engine.model.run_status import RunStatus
from herd_engine.workbench.answer_types import Deleted, FileFault
from herd_engine.workbench.answers import Listed, Run
from herd_engine.workbench.runs import Runs
from widgets.view_models.page_model import PageModel
from widgets.view_models.run_names import RunNames
from widgets.view_models.run_panel import RunPanel

PAGE_SIZE = 20
FEWEST_COMPARED, MOST_COMPARED = 2, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Which runs are wanted: ``first`` and ``last`` are days of the visitor's machine, both included."""

    status: RunStatus | None = None
    text: str = ""
    first: date | None = None
    last: date | None = None
    pinned: bool = False

    @property
    def between(self) -> tuple[datetime | None, datetime | None]:
        """The moments from which, and before which, the runs were queued; None where that is open."""
        first = None if self.first is None else _midnight(self.first)
        return first, None if self.last is None else _midnight(self.last + timedelta(days=1))

    def page(self, runs: Runs, owner: str | None, cursor: str | None) -> Listed[Run]:
        """Return a page of the runs; ``owner`` is None where visitors share a history."""
        after, before = self.between
        return runs.list(
            status=() if self.status is None else (self.status,),
            text=self.text.strip() or None,
            queued_after=after,
            queued_before=before,
            pinned=True if self.pinned else None,
            owner=owner,
            cursor=cursor,
            limit=PAGE_SIZE,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list the visitor is: what is wanted, and the cursors of all pages up to this one.

    It is replaced as a whole, because it is read on one thread and changed on another.
    """

    wishes: Wishes = Wishes()
    cursors: tuple[str | None, ...] = (None,)


class PastRuns:
    """What the history shows.

    Attributes
    ----------
    rows : tuple of Run
        One page of runs, newest first.
    chosen : dict of str to Run
        By id, in the order of choosing, also of other pages.
    is_asking : bool
        Whether the visitor is asked if the chosen runs are to be deleted.
    deleted : Deleted or None
        What became of the last wish to delete.
    faults : tuple of FileFault or None
        Of the run that is looked at, once its files have been verified.
    run_panel : RunPanel
        The run that is looked at.
    """

    changed = Signal()

    def __init__(self, page: PageModel, run_panel: RunPanel | None = None) -> None:
        self.page = page
        self.run_panel = run_panel or RunPanel(page)
        self.names = RunNames(page.workbench)
        self.rows: tuple[Run, ...] = ()
        self.chosen: dict[str, Run] = {}
        self.is_asking = False
        self.deleted: Deleted | None = None
        self.faults: tuple[FileFault, ...] | None = None
        self._place = Place()
        self._next: str | None = None

    def open(self) -> None:
        """Show the newest runs, and the one that the address of the page asks for."""
        self._read()
        if self.page.visit.run is not None:
            self.show(self.page.visit.run)

    def poll(self) -> bool:
        """Look at the page of runs again; tell whether one of them is active."""
        self.run_panel.poll()
        self._read()
        return any(row.is_active for row in self.rows)

    @property
    def wishes(self) -> Wishes:
        """Which runs are wanted."""
        return self._place.wishes

    def wish(self, wishes: Wishes) -> None:
        """Want other runs."""
        self._go(Place(wishes))

    @property
    def is_filtered(self) -> bool:
        """Whether only some of all runs are wanted."""
        return self.wishes != Wishes()

    @property
    def has_newer(self) -> bool:
        """Whether there is a page before."""
        return len(self._place.cursors) > 1

    @property
    def has_older(self) -> bool:
        """Whether there is a page after."""
        return self._next is not None

    def older(self) -> None:
        """Turn the page."""
        if self._next is not None:
            self._go(replace(self._place, cursors=(*self._place.cursors, self._next)))

    def newer(self) -> None:
        """Turn the page back."""
        if self.has_newer:
            self._go(replace(self._place, cursors=self._place.cursors[:-1]))

    def choose(self, ids: list[str], *, chosen: bool) -> None:
        """Choose runs of the page, or no longer; others are ignored."""
        listed = {row.id: row for row in self.rows}
        for run_id in ids:
            if run_id in listed and chosen:
                self.chosen[run_id] = listed[run_id]
            elif run_id in listed:
                self.chosen.pop(run_id, None)
        self.is_asking = False
        self.changed.emit()

    def choose_none(self) -> None:
        """Choose no run."""
        self.chosen, self.is_asking = {}, False
        self.changed.emit()

    @property
    def is_comparable(self) -> bool:
        """Whether the chosen runs can be compared."""
        statuses = {row.status for row in self.chosen.values()}
        return FEWEST_COMPARED <= len(self.chosen) <= MOST_COMPARED and statuses == {RunStatus.SUCCEEDED}

    def pin(self, run_id: str, *, pinned: bool) -> None:
        """Pin a run of the page, or no longer."""
        if any(row.id == run_id for row in self.rows):
            self.page.workbench.runs.pin(run_id, pinned=pinned)
            self._read()

    def show(self, run_id: str) -> None:
        """Look at a run closely; NotFoundError where the farm has none of this id."""
        self.faults = None
        self.run_panel.follow(run_id)
        self.changed.emit()

    def verify(self) -> None:
        """Hash the files of the run that is looked at again, in the background."""
        if self.run_panel.run is not None:
            run_id = self.run_panel.run.id
            self.page.later(lambda: self._verify(run_id))

    def ask_to_delete(self) -> None:
        """Ask whether the chosen runs are to be deleted."""
        self.is_asking, self.deleted = bool(self.chosen), None
        self.changed.emit()

    def keep(self) -> None:
        """Delete nothing."""
        self.is_asking = False
        self.changed.emit()

    def delete(self) -> None:
        """Delete the chosen runs, if that was asked for."""
        if not self.is_asking:
            return
        self.deleted = self.page.workbench.runs.delete(list(self.chosen))
        self.chosen, self.is_asking = {}, False
        if self.run_panel.run is not None and self.run_panel.run.id in self.deleted.deleted_ids:
            self.run_panel.leave()
        self._read()
        if not self.rows:
            self.newer()
        self.changed.emit()

    def _verify(self, run_id: str) -> None:
        faults = self.page.workbench.runs.file_faults(run_id)
        if self.run_panel.run is not None and self.run_panel.run.id == run_id:
            self.faults = faults
            self.changed.emit()

    def _go(self, place: Place) -> None:
        self._place = place
        self._read()
        self.changed.emit()

    def _read(self) -> None:
        place, visit = self._place, self.page.visit
        owner = visit.owner if visit.is_named else None
        page = place.wishes.page(self.page.workbench.runs, owner, place.cursors[-1])
        if place is not self._place or (page.items, page.next_cursor) == (self.rows, self._next):
            return
        self.rows, self._next = page.items, page.next_cursor
        for row in self.rows:
            if row.id in self.chosen:
                self.chosen[row.id] = row
        self.changed.emit()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone()
