"""Plans carried out when they are due; what went by while nothing ran is made up for, once, or not."""

import fcntl
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Event

from herd_engine.errors import HerdError, ParameterError
from herd_engine.runs.exports.atomic_write import write_atomically
from pipelines.reports.cron import months_without, occasions
from pipelines.reports.journal import Journal
from pipelines.reports.plan import Plan, Schedule, read_plan

LONGEST_SLEEP_SECONDS = 30.0
"""Plans that were changed, and clocks that were set, are seen after so long."""
LATE_SECONDS = 3600
"""A plan that skips what it missed still takes a time that is no older than this."""
MOST_LOOKED_AT = 100_000

CarryOut = Callable[[Plan, datetime], int]
"""Carries out a plan for an occasion; returns an exit code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A plan and the occasion that it is carried out for."""

    plan: Plan
    occasion: datetime


class Book:
    """Until when each plan has been carried out, under ``HERD_HOME/reports``."""

    def __init__(self, journal: Journal) -> None:
        self._folder = journal.root / "schedule"
        self._folder.mkdir(parents=True, exist_ok=True)

    def done_until(self, plan: Plan, now: datetime) -> datetime:
        """Return the last occasion that is done with; a plan seen for the first time begins now."""
        path = self._path(plan)
        if not path.exists():
            self.note(plan, now)
        return datetime.fromisoformat(json.loads(path.read_bytes())["done_until"])

    def note(self, plan: Plan, occasion: datetime) -> None:
        """Remember that an occasion is done with."""
        write_atomically(self._path(plan), json.dumps({"done_until": occasion.isoformat()}).encode())

    def _path(self, plan: Plan) -> Path:
        return self._folder / f"{plan.name}.json"

    @contextmanager
    def alone(self, *, wait: bool) -> Iterator[bool]:
        """Yield whether nobody else carries out schedules of this home; with ``wait`` when nobody does."""
        with (self._folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True

    def is_attended(self) -> bool:
        """Tell whether somebody carries out schedules of this home."""
        with self.alone(wait=False) as free:
            return not free


def read_plans(paths: Sequence[Path], home: Path) -> list[Plan]:
    """Return the plans of these files; of ``HERD_HOME/plans`` where none is named.

    Raises
    ------
    PlanError
    ParameterError
        Two plans have one name.
    """
    plans = [read_plan(path) for path in (paths or sorted((home / "plans").glob("*.y*ml")))]
    names = [plan.name for plan in plans]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError("name", name, "be the name of one plan only")
    return plans


def next_occasions(schedule: Schedule, now: datetime, count: int) -> list[datetime]:
    """Return when a plan is due next, in UTC."""
    return list(islice(occasions(schedule.cron, schedule.time_zone, now), count))


def due_now(plan: Plan, book: Book, now: datetime) -> Due | None:
    """Return what a plan has to be carried out for, None where nothing is due.

    Several occasions that went by are one: the last of them.
    """
    if plan.schedule is None:
        return None
    since = book.done_until(plan, now)
    passed = _last_passed(plan.schedule, since, now)
    if passed is None:
        return None
    if plan.schedule.missed == "skip" and now - passed > timedelta(seconds=LATE_SECONDS):
        book.note(plan, passed)
        return None
    return Due(plan=plan, occasion=passed)


def run_due(plans: Sequence[Plan], book: Book, now: datetime, carry_out: CarryOut, stop: Event) -> list[int]:
    """Carry out the plans that are due; an occasion that is interrupted stays due.

    Returns
    -------
    list of int
        Exit code of each plan that was carried out.
    """
    codes = []
    for plan in plans:
        due = due_now(plan, book, now)
        if due is None or stop.is_set():
            continue
        codes.append(carry_out(plan, due.occasion))
        if not stop.is_set():
            book.note(plan, due.occasion)
    return codes


def attend(
    read: Callable[[], Sequence[Plan]],
    book: Book,
    carry_out: CarryOut,
    stop: Event,
    tell: Callable[[HerdError], None],
) -> None:
    """Carry out plans as they become due, until stopped.

    Parameters
    ----------
    read : callable
        Reads the plans: one that is changed counts as it is when it is due.
    book : Book
    carry_out : callable
    stop : Event
    tell : callable
        Gets an error of a plan; the others go on at the next look.
    """
    while not stop.is_set():
        now = datetime.now(UTC)
        try:
            plans = read()
            run_due(plans, book, now, carry_out, stop)
        except HerdError as error:
            tell(error)
            plans = []
        stop.wait(_pause(plans, datetime.now(UTC)))


def remarks(schedule: Schedule) -> list[str]:
    """Return what is surprising about a schedule, in words."""
    missing = months_without(schedule.cron)
    if not missing:
        return []
    day = schedule.cron.split()[2]
    return [
        f"Day {day} does not come in every {', '.join(missing)}: there is no edition then, and none instead. "
        "Write L for the last day of a month."
    ]


def _pause(plans: Sequence[Plan], now: datetime) -> float:
    nexts = [next_occasions(plan.schedule, now, 1)[0] for plan in plans if plan.schedule is not None]
    return min([LONGEST_SLEEP_SECONDS, *((moment - now).total_seconds() for moment in nexts)])


def _last_passed(schedule: Schedule, since: datetime, now: datetime) -> datetime | None:
    """Return the last occasion after ``since`` that is not later than ``now``."""
    last = None
    for moment in islice(occasions(schedule.cron, schedule.time_zone, since), MOST_LOOKED_AT):
        if moment > now:
            break
        last = moment
    return last
