"""The process that watches: it looks at the policies and sends what is to be told, again and again.

Each task has one owner at a time, by a lease; of several processes the others wait. What a task cannot do
now, as while the database is away, it does later.
"""

import os
import socket
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event

from herd_engine.errors import ConflictError, HerdError
from herd_engine.monitoring.alerts.evaluation import Evaluation
from herd_engine.monitoring.alerts.policy_files import PolicyBook
from herd_engine.monitoring.notifications.alert_notices import apps_of, telling, zones
from herd_engine.monitoring.notifications.channels import ChannelBook
from herd_engine.monitoring.notifications.dispatch import Dispatcher, source_of
from herd_engine.monitoring.notifications.run_notices import RunNotices
from herd_engine.monitoring.retention import OldRuns
from herd_engine.monitoring.watch_tasks import SECONDS, SHORTEST_LEASE, TaskName
from herd_engine.runs.store import Store
from herd_engine.settings import Settings
from herd_engine.storage.alerts import AlertTable
from herd_engine.storage.database import Connection
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.leases import LeaseRow, Leases, Proof
from herd_engine.storage.log_retention import forget_old
from herd_engine.storage.outbox_retention import OutboxRetention

TURN_SECONDS = 0.5


@dataclass(slots=True, kw_only=True)
class WatchTask:
    """Something that is done again and again.

    Attributes
    ----------
    name : str
    seconds : float
        From one beginning to the next.
    do : callable
        Given a proof that raises, within a transaction, once somebody else has the task; returns what
        troubles it, in words.
    """

    name: str
    seconds: float
    do: Callable[[Proof], Sequence[str]]
    _next_at: float = field(default=float("-inf"), init=False)

    @property
    def lease_seconds(self) -> float:
        """How long it is held without another sign."""
        return max(3 * self.seconds, SHORTEST_LEASE)

    def is_due(self, now: float) -> bool:
        """Tell whether it is to begin; where it is, the next time is counted from now."""
        if now < self._next_at:
            return False
        self._next_at = now + self.seconds
        return True


class Lookout:
    """Does the tasks of a home.

    Parameters
    ----------
    leases : Leases
    tasks : sequence of WatchTask
    tell : callable
        Gets in words what the process waits for; empty words where all is well.
    """

    def __init__(self, leases: Leases, tasks: Sequence[WatchTask], tell: Callable[[str], None]) -> None:
        self._leases, self._tasks, self._tell = leases, tasks, tell
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._held: dict[str, LeaseRow] = {}
        self._troubles: dict[str, Sequence[str]] = {}

    def turn(self) -> None:
        """Do what is due; what troubled a task is told until it has been done without."""
        due = [task for task in self._tasks if task.is_due(time.monotonic())]
        for task in due:
            try:
                self._troubles[task.name] = self._do(task)
            except HerdError as error:
                self._troubles[task.name] = (str(error),)
        if due:
            told = [words for name in self._troubles for words in self._troubles[name]]
            self._tell("; ".join(dict.fromkeys(told)))

    def _do(self, task: WatchTask) -> Sequence[str]:
        held = self._leases.take(task.name, self.owner, task.lease_seconds)
        if held is None:
            self._held.pop(task.name, None)
            return ()
        self._held[task.name] = held
        troubles = task.do(lambda connection: self._prove(connection, held, task.lease_seconds))
        self._leases.tick(held)
        return troubles

    def _prove(self, connection: Connection, held: LeaseRow, seconds: float) -> int:
        if not self._leases.keep(connection, held, seconds):
            message = f"Another process does {held.name} by now; nothing is written."
            raise ConflictError(message, "lease_lost", held.name)
        return held.epoch

    def run(self, stop: Event) -> None:
        """Go on until ``stop`` is set; others may then take over at once."""
        while not stop.is_set():
            self.turn()
            stop.wait(TURN_SECONDS)
        with suppress(HerdError):  # while the database is away, others wait until the lease is over
            for held in self._held.values():
                self._leases.release(held)


def watch_of(store: Store, tell: Callable[[str], None], clock: Clock = database_now) -> Lookout:
    """Return the watch of a home: policies each minute, messages each five seconds, old ones each hour.

    Parameters
    ----------
    store : Store
    tell : callable
        Gets in words what it waits for.
    clock : callable
        Tells when policies are looked at.
    """
    home = store.settings.home
    book, channels = PolicyBook(home, AlertTable(store.database)), ChannelBook(home)
    tell_alerts = telling(channels, source_of(store), lambda: apps_of(home), zones(store))
    evaluation, dispatcher = Evaluation(store, book, tell_alerts, clock), Dispatcher.of_home(store)
    old_messages = OutboxRetention(store.database)
    old_runs = OldRuns(store, Settings.read().runs_kept)
    run_notices = RunNotices(store, channels, source_of(store))

    def look(proof: Proof) -> Sequence[str]:
        failed = evaluation.look(proof).failures
        channels.channels()
        wrong = (*book.faults.values(), *((channels.fault,) if channels.fault else ()))
        return [
            *map(str, wrong),
            *(f"Policy {name} cannot be looked at: {why}" for name, why in failed.items()),
        ]

    def send(proof: Proof) -> Sequence[str]:
        dispatcher.dispatch(proof)
        return ()

    def tell_runs(proof: Proof) -> Sequence[str]:
        held = {row.name: row for row in Leases(store.database).list_leases()}
        run_notices.tell(held[TaskName.RUNS].last_tick_at, proof)
        return ()

    def forget(proof: Proof) -> Sequence[str]:
        known = channels.channels()
        if channels.fault is None:
            old_messages.give_up_removed(known, proof)
        while old_messages.forget(proof) or forget_old(store.database, proof=proof):
            pass
        old_runs.look(proof)
        return ()

    does = {TaskName.ALERTS: look, TaskName.DISPATCH: send}
    does |= {TaskName.RUNS: tell_runs, TaskName.RETENTION: forget}
    tasks = [WatchTask(name=name, seconds=SECONDS[name], do=do) for name, do in does.items()]
    return Lookout(Leases(store.database), tasks, tell)
