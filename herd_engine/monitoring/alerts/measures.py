"""What is measured: one function for each thing that a policy can watch."""

import shutil
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np

from herd_engine.errors import ConflictError
from herd_engine.model.draws import Draws
from herd_engine.model.message import Fact
from herd_engine.model.run_status import RunStatus
from herd_engine.monitoring.alerts.policy import Watched, With
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.liveness import is_any_alive
from herd_engine.storage.alerts import AlertTable
from herd_engine.storage.preflight_counts import PreflightCounts
from herd_engine.storage.run_counts import RunCounts
from herd_engine.storage.run_rows import RunRow

CONFIDENCE = 0.95
FAILED = (RunStatus.FAILED, RunStatus.TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What was found.

    Attributes
    ----------
    value : float or None
        None where nothing can be said.
    samples : int
        Of how many things.
    holds : bool or None
        Whether the policy holds, where its threshold alone does not tell.
    facts : mapping
        What its message says besides.
    why : str
        Where nothing can be said, why: the code of its message, and of the notice, after its dot.
    """

    value: float | None
    samples: int = 1
    holds: bool | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    why: str = "no_data"


NOTHING = Measurement(value=None, samples=0)
Measure = Callable[[KeptRuns, With, datetime], Measurement]


def open_months(dates: Sequence[date], asked: With, today: date) -> range:
    """Return the month starts that are watched and not past; of none it stops before it starts.

    Parameters
    ----------
    dates : sequence of date
        Of the forecast, the report date first.
    asked : With
        Its ``months`` are counted from the report date, however old the forecast is.
    today : date
    """
    first, last = asked.months
    return range(max(first, bisect_left(dates, today)), last + 1)


def share_beyond(draws: Draws, asked: With, months: range, *, below: bool) -> tuple[int, int, int]:
    """Return in how many futures a level is crossed, of how many, and the month in which most do.

    Parameters
    ----------
    draws : Draws
    asked : With
        Its ``output`` is looked at.
    months : range
        Month starts, of which the draws have every one.
    below : bool
        Else above.

    Notes
    -----
    A future in which a mean has no animals to be of is not beyond anything in that month.
    """
    values = draws.values(asked.output)[:, months.start : months.stop]  # type: ignore[arg-type]
    level = float(asked.level or 0)
    beyond = values < level if below else values > level
    return int(beyond.any(axis=1).sum()), len(beyond), months.start + int(np.argmax(beyond.sum(axis=0)))


def _forecast(kept: KeptRuns, asked: With, now: datetime, *, below: bool) -> Measurement:
    run = _forecast_of(kept, asked)
    if run is None or run.status is not RunStatus.SUCCEEDED:
        return replace(NOTHING, why="no_plan")
    try:
        draws = kept.draws(run.id)
    except ConflictError:  # made by a version that kept no replicates
        return NOTHING
    if asked.months[1] >= len(draws.dates):  # nothing is said of a window that it does not reach the end of
        return replace(NOTHING, why="plan_too_short", facts={"months": len(draws.dates) - 1})
    months = open_months(draws.dates, asked, now.date())
    if not months:
        return replace(NOTHING, why="months_past", facts={"report_date": draws.dates[0].isoformat()})
    n_beyond, n, worst = share_beyond(draws, asked, months, below=below)
    # Imported where it is needed: it takes longer than all the rest of a look.
    from scipy.stats import binomtest  # noqa: PLC0415

    interval = binomtest(n_beyond, n).proportion_ci(CONFIDENCE, method="wilson")
    facts: dict[str, Fact] = {
        "output": str(asked.output),
        "level": float(asked.level or 0),
        "percent": 100 * n_beyond / n,
        "percent_low": 100 * float(interval.low),
        "percent_high": 100 * float(interval.high),
        "worst_date": draws.dates[worst].isoformat(),
        "run": run.id,
    }
    holds = float(interval.low) >= float(asked.probability or 1)
    return Measurement(value=n_beyond / n, samples=n, holds=holds, facts=facts)


def _forecast_of(kept: KeptRuns, asked: With) -> RunRow | None:
    if asked.forecast_name is None:
        return kept.starred()
    return RunCounts(kept.store.database).newest_succeeded(kept.scope.farm_id, asked.forecast_name)


def _snapshot_age(kept: KeptRuns, _: With, now: datetime) -> Measurement:
    newest = kept.catalog.datasets.latest()
    if newest is None:
        return NOTHING
    age = float((now.date() - newest.report_date).days)
    return Measurement(value=age, facts={"report_date": newest.report_date.isoformat(), "name": newest.name})


def _milking_change(kept: KeptRuns, _: With, __: datetime) -> Measurement:
    """Head more (less) than in the file before."""
    page = kept.catalog.datasets.list(limit=500)
    newest = sorted(page.items, key=lambda row: (row.report_date, row.created_at))[-2:]
    if len(newest) < 2 or newest[0].report_date == newest[1].report_date:
        return NOTHING
    before, now = (float(row.counts["milking"]) for row in newest)
    facts: dict[str, Fact] = {"before": before, "now": now, "report_date": newest[1].report_date.isoformat()}
    return Measurement(value=now - before, samples=2, facts=facts)


def _quality(kept: KeptRuns, asked: With, _: datetime) -> Measurement:
    newest = kept.catalog.datasets.latest()
    if newest is None:
        return NOTHING
    wanted = set(asked.codes)
    found = [
        issue
        for issue in newest.quality
        if issue["code"] in wanted or ("*" in wanted and issue["severity"] == "error")
    ]
    rows = sum(int(issue.get("row_count") or 1) for issue in found)
    facts: dict[str, Fact] = {"name": newest.name, "codes": sorted({issue["code"] for issue in found})}
    return Measurement(value=float(rows), samples=max(newest.n_rows, 1), facts=facts)


def _preflights(kept: KeptRuns, asked: With, now: datetime) -> dict[str, float]:
    since = now - asked.window
    return PreflightCounts(kept.store.database).by_outcome(kept.scope.farm_id, since)


def _preflight_count(name: str) -> Measure:
    def measure(kept: KeptRuns, asked: With, now: datetime) -> Measurement:
        counts = _preflights(kept, asked, now)
        return Measurement(value=counts[name], samples=int(counts["total"]))

    return measure


def _preflight_share(name: str) -> Measure:
    def measure(kept: KeptRuns, asked: With, now: datetime) -> Measurement:
        counts = _preflights(kept, asked, now)
        total = counts["total"]
        return Measurement(value=counts[name] / total if total else None, samples=int(total))

    return measure


def _rule_fails(kept: KeptRuns, asked: With, now: datetime) -> Measurement:
    table = PreflightCounts(kept.store.database)
    since = now - asked.window
    fails = table.rule_fails(kept.scope.farm_id, since)
    total = int(table.by_outcome(kept.scope.farm_id, since)["total"])
    if asked.rule_id is not None:
        rule = asked.rule_id
    else:
        rule = max(fails, key=lambda name: (fails[name], name), default="")
    return Measurement(value=float(fails.get(rule, 0)), samples=total, facts={"rule": rule})


def _ended(kept: KeptRuns, asked: With, now: datetime) -> Mapping[RunStatus, int]:
    return RunCounts(kept.store.database).by_status(kept.scope.farm_id, now - asked.window)


def _failure_rate(kept: KeptRuns, asked: With, now: datetime) -> Measurement:
    ended = _ended(kept, asked, now)
    failed = sum(ended.get(status, 0) for status in FAILED)
    total = failed + ended.get(RunStatus.SUCCEEDED, 0)
    return Measurement(value=failed / total if total else None, samples=total, facts={"failed": failed})


def _timeouts(kept: KeptRuns, asked: With, now: datetime) -> Measurement:
    ended = _ended(kept, asked, now)
    return Measurement(value=float(ended.get(RunStatus.TIMEOUT, 0)), samples=max(sum(ended.values()), 1))


def _mc_error(kept: KeptRuns, asked: With, _: datetime) -> Measurement:
    """The largest Monte Carlo error of a median of the milking cows, as a share of it."""
    run = _forecast_of(kept, asked)
    if run is None or run.status is not RunStatus.SUCCEEDED:
        return NOTHING
    forecast = kept.forecast(run.id)
    series = next(iter(forecast.series.values()))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = series.mcse_p50 / series.p50
    known = shares[np.isfinite(shares)]
    return Measurement(value=float(known.max()) if known.size else None, facts={"run": run.id})


def _queue_age(kept: KeptRuns, _: With, now: datetime) -> Measurement:
    oldest = RunCounts(kept.store.database).waiting().oldest
    age = timedelta(0) if oldest is None else max(now - oldest, timedelta(0))
    return Measurement(value=age.total_seconds())


def _queue_length(kept: KeptRuns, _: With, __: datetime) -> Measurement:
    return Measurement(value=float(RunCounts(kept.store.database).waiting().n_runs))


def _runner(kept: KeptRuns, _: With, __: datetime) -> Measurement:
    return Measurement(value=float(is_any_alive(kept.store.settings.home)))


def _dead(kept: KeptRuns, _: With, __: datetime) -> Measurement:
    return Measurement(value=float(AlertTable(kept.store.database).n_dead_messages()))


def _disk(kept: KeptRuns, _: With, __: datetime) -> Measurement:
    usage = shutil.disk_usage(kept.store.settings.home)
    return Measurement(value=usage.free / usage.total)


OF_STORE: Mapping[Watched, Measure] = {
    Watched.FORECAST_BELOW: partial(_forecast, below=True),
    Watched.FORECAST_ABOVE: partial(_forecast, below=False),
    Watched.SNAPSHOT_AGE_DAYS: _snapshot_age,
    Watched.MILKING_CHANGE: _milking_change,
    Watched.QUALITY_ERRORS: _quality,
    Watched.QUALITY_RULE_COUNT: _quality,
    Watched.FAIL_RATE: _preflight_share("fail"),
    Watched.FAIL_COUNT: _preflight_count("fail"),
    Watched.BLOCKED_COUNT: _preflight_count("blocked"),
    Watched.UNIFIED_USAGE_RATE: _preflight_share("passed"),
    Watched.TOP_RULE_FAIL_COUNT: _rule_fails,
    Watched.SEMANTIC_RULE_FAIL_COUNT: _rule_fails,
    Watched.RUN_FAILURE_RATE: _failure_rate,
    Watched.RUN_TIMEOUT_COUNT: _timeouts,
    Watched.MC_RELATIVE_ERROR: _mc_error,
    Watched.QUEUE_OLDEST_AGE_SECONDS: _queue_age,
    Watched.QUEUE_LENGTH: _queue_length,
    Watched.RUNNER_ALIVE: _runner,
    Watched.DELIVERY_DEAD: _dead,
    Watched.DISK_FREE_RATIO: _disk,
}
