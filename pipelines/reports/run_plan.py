"""A plan carried out: what is not finished is made, what has not arrived is delivered, each once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Event
from zoneinfo import ZoneInfo

from herd_engine.errors import HerdError
from herd_engine.workbench import Workbench
from pipelines.reports.deliver.send import send, undelivered
from pipelines.reports.edition import make_edition, tell_edition
from pipelines.reports.journal import Journal
from pipelines.reports.manifest import Manifest, ReportStatus
from pipelines.reports.plan import Plan
from pipelines.reports.plan_orders import Item, find_farms, plan_items, with_occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A part of a plan.

    Attributes
    ----------
    only : sequence of str
        Names of reports or farms; all where empty.
    since : date, optional
        Leaves out farms whose herd file is of an earlier day.
    """

    only: Sequence[str] = ()
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one report of a plan.

    Attributes
    ----------
    report, farm : str
    manifest : Manifest, optional
        None where nothing could be kept, and for what would be made.
    is_new : bool
        False: it was finished before.
    problem : str
        Why nothing could be kept.
    undelivered : tuple of str
        What destinations said.
    """

    report: str
    farm: str
    manifest: Manifest | None = None
    is_new: bool = False
    problem: str = ""
    undelivered: tuple[str, ...] = field(default=())

    @property
    def is_good(self) -> bool:
        """Whether it was made and has arrived."""
        is_made = self.manifest is not None and self.manifest.status is ReportStatus.SUCCEEDED
        return is_made and not self.undelivered


def exit_code(results: Sequence[Result]) -> int:
    """Return 0 where every report was made and arrived, 5 where one was canceled, else 3."""
    if any(
        result.manifest is not None and result.manifest.status is ReportStatus.CANCELED for result in results
    ):
        return ReportStatus.CANCELED.exit_code
    return 0 if all(result.is_good for result in results) else ReportStatus.FAILED.exit_code


def planned(
    plan: Plan, bench: Workbench, moment: datetime, selection: Selection, *, keep: bool
) -> list[Item]:
    """Return what a plan makes at a moment; with ``keep`` the herd files it reads are kept.

    Raises
    ------
    NotFoundError
        It finds no farm.
    """
    farms = find_farms(plan, bench, keep=keep)
    if selection.since is not None:
        farms = [farm for farm in farms if farm.report_date is None or farm.report_date >= selection.since]
    zone = ZoneInfo(plan.schedule.time_zone if plan.schedule else "UTC")
    items = plan_items(plan, farms, bench, moment.astimezone(zone).date()) if farms else iter(())
    chosen = [
        item
        for item in items
        if not selection.only or {item.wish.report, item.order.farm} & set(selection.only)
    ]
    if plan.unchanged == "run":
        chosen = [with_occasion(item, moment.isoformat()) for item in chosen]
    return chosen


def run_plan(
    plan: Plan, items: Sequence[Item], journal: Journal, stop: Event, tell: Callable[[Result], None]
) -> list[Result]:
    """Carry out a plan.

    Parameters
    ----------
    plan : Plan
    items : sequence of Item
        What ``planned`` returned.
    journal : Journal
        What is finished there is not made again, and goes only where it has not arrived.
    stop : Event
        Cancels what is being made; the rest is not begun.
    tell : callable
        Gets every result as it comes.
    """

    def one(item: Item) -> Result:
        result = _carried_out(plan, item, journal, stop)
        tell(result)
        return result

    with ThreadPoolExecutor(plan.parallel) as pool:
        results = list(pool.map(one, items))
    for series in {item.order.series for item in items}:
        journal.prune(series, plan.keep)
    return results


def _carried_out(plan: Plan, item: Item, journal: Journal, stop: Event) -> Result:
    """Make one report and deliver it; whatever goes wrong, the other reports go on."""
    order = item.order
    finished = journal.finished(order.notebook.name, order.id)
    try:
        manifest = finished or _made(item, journal, stop)
        tell_edition(manifest, item.bench)
        undelivered = _delivered(plan, item, manifest, journal, stop)
    except (HerdError, OSError) as error:
        return Result(report=order.notebook.name, farm=order.farm, problem=str(error))
    return Result(
        report=order.notebook.name,
        farm=order.farm,
        manifest=journal.read(manifest),
        is_new=finished is None,
        undelivered=undelivered,
    )


def _made(item: Item, journal: Journal, stop: Event) -> Manifest:
    order = item.order
    before = journal.before(order.series, order.id)
    if before is not None and before.runs and "previous_run" in order.parameters:
        order = replace(order, parameters={**order.parameters, "previous_run": before.runs[0]})
    return make_edition(order, item.bench, journal, stop, lambda *_: None)


def _delivered(plan: Plan, item: Item, manifest: Manifest, journal: Journal, stop: Event) -> tuple[str, ...]:
    """Bring an edition where it has not arrived; return what was said by those who did not take it."""
    if manifest.status is ReportStatus.CANCELED:
        return ()
    errors = []
    for name, place in undelivered(manifest, plan.destinations_of(item.wish)).items():
        delivery = send(
            manifest,
            journal.folder(manifest),
            (name, place),
            attempts=plan.attempts,
            pause_seconds=plan.pause_seconds,
            stop=stop,
        )
        others = [each for each in manifest.deliveries if each.destination != name]
        manifest = manifest.model_copy(update={"deliveries": [*others, delivery]})
        journal.note(manifest)
        if delivery.error:
            errors.append(delivery.error)
    return tuple(errors)
