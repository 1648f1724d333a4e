"""Plans carried out when they are due; what went by while nothing ran is made up for, once, or not."""

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from threading import Event

from filelock import lock_descriptor

from herd_engine.errors import ClusterError, HerdError, ParameterError, ServiceError, StorageError
from herd_engine.model.file_names import is_by_the_way
from herd_engine.workbench.files import write_atomically
from pipelines.reports.cron import months_without, occasions
from pipelines.reports.journal import Journal
from pipelines.reports.plan import Plan, Schedule, read_plan

LONGEST_SLEEP_SECONDS = 30.0
"""Plans that were changed, and clocks that were set, are seen after so long."""
LATE_SECONDS = 3600
"""A plan that skips what it missed still takes a time that is no older than this."""
LOOKED_BACK = tuple(timedelta(days=days) for days in (0.05, 1, 40, 800))

CarryOut = Callable[[Plan, datetime], int]
"""Carries out a plan for an occasion; returns an exit code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePlan:
    """A plan and the occasion that it is carried out for."""

    plan: Plan
    occasion: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """A plan, by its name or file, and why it is not carried out."""

    plan: str
    error: Exception

    def __str__(self) -> str:
        return f"{self.plan}: {self.error}"

    @property
    def exit_code(self) -> int:
        """What a command ends with: 2 the plan is wrong, 3 the machine or the store, 1 a defect of ours."""
        match self.error:
            case StorageError() | ServiceError() | ClusterError() | OSError():
                return 3
            case HerdError():
                return 2
            case _:
                return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPlans:
    """The plans that can be carried out, and what is wrong with the others."""

    plans: tuple[Plan, ...]
    troubles: tuple[Trouble, ...] = ()


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
        try:
            return datetime.fromisoformat(json.loads(path.read_bytes())["done_until"])
        except (ValueError, KeyError, TypeError) as error:
            reason = "it does not say until when the plan is done; delete it, and the plan begins anew"
            raise StorageError(str(path), reason) from error

    def note(self, plan: Plan, occasion: datetime) -> None:
        """Remember that an occasion is done with."""
        write_atomically(self._path(plan), json.dumps({"done_until": occasion.isoformat()}).encode())

    def _path(self, plan: Plan) -> Path:
        return self._folder / f"{plan.name}.json"

    @contextmanager
    def alone(self, *, wait: bool) -> Iterator[bool]:
        """Yield whether nobody else carries out schedules of this home; with ``wait`` when nobody does."""
        with (self._folder / "lock").open("a") as lock:
            yield lock_descriptor(lock.fileno(), blocking=wait)


def read_plans(paths: Sequence[Path], home: Path) -> ReadPlans:
    """Return the plans of these files; of ``HERD_HOME/plans`` where none is named.

    Hidden, lock and temporary files of that folder are nobody's plans. Of two plans of one name neither is
    carried out: which one is meant cannot be told.
    """
    found, troubles = list[tuple[Path, Plan]](), list[Trouble]()
    for path in paths or _plan_files(home / "plans"):
        try:
            found.append((path, read_plan(path)))
        except HerdError as error:
            troubles.append(Trouble(str(path), error))
    names = Counter(plan.name.casefold() for _, plan in found)
    for path, plan in found:
        if names[plan.name.casefold()] > 1:
            taken = ParameterError("name", plan.name, "be the name of one plan only")
            troubles.append(Trouble(str(path), taken))
    plans = tuple(plan for _, plan in found if names[plan.name.casefold()] == 1)
    return ReadPlans(plans=plans, troubles=tuple(troubles))


def _plan_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.y*ml")) if not is_by_the_way(path)]


def next_occasions(schedule: Schedule, now: datetime, count: int) -> list[datetime]:
    """Return when a plan is due next, in UTC."""
    return list(islice(occasions(schedule.cron, schedule.time_zone, now), count))


def due_now(plan: Plan, book: Book, now: datetime) -> DuePlan | None:
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
    return DuePlan(plan=plan, occasion=passed)


def run_due(
    plans: Sequence[Plan], book: Book, now: datetime, carry_out: CarryOut, stop: Event
) -> tuple[list[int], list[Trouble]]:
    """Carry out the plans that are due; an occasion that is interrupted stays due.

    Returns
    -------
    tuple of list of int and list of Trouble
        Exit code of each plan that was carried out, and why others could not be: their occasion stays due.
    """
    codes, troubles = list[int](), list[Trouble]()
    for plan in plans:
        try:
            due = due_now(plan, book, now)
            if due is None or stop.is_set():
                continue
            codes.append(carry_out(plan, due.occasion))
            if not stop.is_set():
                book.note(plan, due.occasion)
        except Exception as error:  # noqa: BLE001 - of whatever kind: the other plans are carried out, and it is told
            troubles.append(Trouble(plan.name, error))
    return codes, troubles


def attend(
    read: Callable[[], ReadPlans],
    book: Book,
    carry_out: CarryOut,
    stop: Event,
    tell: Callable[[Trouble], None],
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
        Gets what is wrong with a plan, once until that is over; the others go on.
    """
    told: set[str] = set()
    while not stop.is_set():
        found = read()
        _, failed = run_due(found.plans, book, datetime.now(UTC), carry_out, stop)
        troubles = {str(trouble): trouble for trouble in (*found.troubles, *failed)}
        for words, trouble in troubles.items():
            if words not in told:
                tell(trouble)
        told = set(troubles)
        stop.wait(_pause(found.plans, datetime.now(UTC)))


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
    """Return the last occasion after ``since`` that is not later than ``now``.

    It is looked for backwards, in longer and longer spans: of what is due every minute there are millions.
    """
    for begin in (*(max(since, now - span) for span in LOOKED_BACK), since):
        moments = occasions(schedule.cron, schedule.time_zone, begin)
        last = deque(takewhile(lambda moment: moment <= now, moments), maxlen=1)
        if last:
            return last[0]
    return None
