"""The machine behind the herds: what is alive, what waits, what is kept, when it was last looked after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from herd_engine import __version__
from herd_engine.model.visitor import LOOK
from herd_engine.monitoring.system_facts import SystemFacts, system_facts
from herd_engine.runs.kept import KeptRuns
from herd_engine.workbench.answers import answer


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPart:
    """A part of `herd up`.

    Attributes
    ----------
    state : str
        ``waiting``, ``starting``, ``ready``, ``troubled`` or ``silent``.
    since : str or None
        When its process was started; ISO 8601, UTC.
    reason : str
        Why it is not ready; empty where it is.
    """

    name: str
    state: str
    since: str | None
    restarts: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTask:
    """Something that `herd watch` does again and again; ``last_tick_at`` is None for never."""

    name: str
    last_tick_at: datetime | None
    is_held: bool
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemHerd:
    """A farm and the animals of its newest herd file; ``report_date`` is None where there is none."""

    farm_id: str
    name: str
    report_date: date | None
    animals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemState:
    """What the machine is doing and holds.

    Attributes
    ----------
    at : datetime
    version : str
        Of this package.
    is_up : bool
        Whether a `herd up` lives.
    is_good : bool
        Whether every part of it is ready, no task is late, and there is a runner for what is queued.
    parts : tuple of SystemPart
    is_runner_alive : bool
    runs : mapping of str to int
        By state; every state is there.
    queued, running : int
    oldest_queued_at : datetime or None
    farms, herd_files, animals : int
        Of the farms that who asks may see; animals as the newest file of each farm has them.
    herds : tuple of SystemHerd
    free_bytes, disk_bytes : int
        Of the disk of the home.
    tasks : tuple of SystemTask
    """

    at: datetime
    version: str
    is_up: bool
    is_good: bool
    parts: tuple[SystemPart, ...]
    is_runner_alive: bool
    runs: Mapping[str, int]
    queued: int
    running: int
    oldest_queued_at: datetime | None
    farms: int
    herd_files: int
    animals: int
    herds: tuple[SystemHerd, ...]
    free_bytes: int
    disk_bytes: int
    tasks: tuple[SystemTask, ...]


class System:
    """The machine, as far as who asks may look at it."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept = kept

    def state(self) -> SystemState:
        """Return what the machine is doing and holds; nothing is written."""
        self._kept.access.require(LOOK)
        store = self._kept.store
        is_owner = self._kept.access.access.visitor.is_owner
        farm_ids = None if is_owner else [farm.id for farm in self._kept.catalog.farms.list()]
        facts = system_facts(store.database, store.settings.home, farm_ids)
        return answer(
            SystemState,
            facts,
            version=__version__,
            is_good=_is_good(facts),
            parts=tuple(answer(SystemPart, part, state=part.state.value) for part in facts.parts),
            queued=facts.runs["queued"],
            running=facts.runs["running"],
            farms=len(facts.herds),
            animals=sum(herd.animals for herd in facts.herds),
            herds=tuple(answer(SystemHerd, herd) for herd in facts.herds),
            tasks=tuple(answer(SystemTask, task) for task in facts.tasks),
        )


def _is_good(facts: SystemFacts) -> bool:
    are_ready = all(part.state == "ready" for part in facts.parts)
    waits_in_vain = facts.runs["queued"] > 0 and not facts.is_runner_alive
    return are_ready and not waits_in_vain and not any(task.is_late for task in facts.tasks)
