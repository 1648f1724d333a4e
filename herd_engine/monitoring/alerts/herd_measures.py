"""What is measured of the herd itself, and of how its forecasts came out."""

from datetime import datetime

import numpy as np

from herd_engine.model.animals import AnimalState, Herd
from herd_engine.model.forecast import Metric
from herd_engine.model.message import Fact
from herd_engine.monitoring.alerts.measures import NOTHING, Measurement
from herd_engine.monitoring.alerts.policy import With
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.audit_rows import REPORT_FAILED, count_audits
from herd_engine.storage.datasets import DatasetRow

LONG_OPEN_DAYS, CULL_DAYS = 150, 30


_KNOWN: dict[str, tuple[int, int, int, int]] = {}
"""By herd file: a kept one never changes, and is looked at every minute."""


def _shares(kept: KeptRuns, row: DatasetRow) -> tuple[int, int, int, int]:
    """Return of a herd file: long open, cows in milk, cows that left lately, cows."""
    if row.id not in _KNOWN:
        _KNOWN[row.id] = _counted(kept, row)
    return _KNOWN[row.id]


def _counted(kept: KeptRuns, row: DatasetRow) -> tuple[int, int, int, int]:
    file = kept.catalog.datasets.load(row)
    n_long, n_milking = long_open(file.herd)
    records = file.records
    is_cow = records.lactation > 0
    left = is_cow & (records.archive > -CULL_DAYS) & (records.archive <= 0)
    n_left = int(left.sum())
    return n_long, n_milking, n_left, n_left + int((file.herd.lactation > 0).sum())


def long_open(herd: Herd) -> tuple[int, int]:
    """Return how many cows in milk have been open for more than 150 days since calving, and of how many."""
    is_open = herd.state == AnimalState.OPEN
    return int((is_open & (-herd.calving > LONG_OPEN_DAYS)).sum()), int(np.sum(herd.is_milking))


def open_share(kept: KeptRuns, _: With, __: datetime) -> Measurement:
    """Cows open for more than 150 days, as a share of those in milk, in the newest herd file."""
    newest = kept.catalog.datasets.latest()
    if newest is None:
        return NOTHING
    n_long, n_milking, _left, _cows = _shares(kept, newest)
    facts: dict[str, Fact] = {"cows": n_long, "of": n_milking, "name": newest.name}
    return Measurement(value=n_long / n_milking if n_milking else None, samples=n_milking, facts=facts)


def cull_rate(kept: KeptRuns, _: With, __: datetime) -> Measurement:
    """Cows that left within 30 days before the newest herd file, as a share of those that were there."""
    newest = kept.catalog.datasets.latest()
    if newest is None:
        return NOTHING
    _long, _milking, n_left, n_cows = _shares(kept, newest)
    facts: dict[str, Fact] = {"cows": n_left, "of": n_cows, "name": newest.name}
    return Measurement(value=n_left / n_cows if n_cows else None, samples=n_cows, facts=facts)


def coverage(kept: KeptRuns, _: With, __: datetime) -> Measurement:
    """Share of judged numbers of the farm's forecasts that lay within their bands."""
    told = kept.judging.record().tally
    if told is None:
        return NOTHING
    return Measurement(
        value=told.inside / told.of, samples=told.of, facts={"inside": told.inside, "of": told.of}
    )


def outside_band(kept: KeptRuns, asked: With, _: datetime) -> Measurement:
    """1 where the last count lay outside the band of the forecast made before; else 0."""
    wanted = Metric(asked.output or Metric.MILKING_COUNT)
    found = [
        (verdict.day, verdict)
        for forecast in kept.judging.record().forecasts
        for verdict in forecast.verdicts
        if verdict.metric is wanted
    ]
    if not found:
        return NOTHING
    day, last = max(found, key=lambda pair: pair[0])
    facts = {
        "output": wanted.value,
        "happened": last.happened,
        "low": last.low,
        "high": last.high,
        "report_date": day.isoformat(),
    }
    return Measurement(value=float(not last.is_inside), samples=len(found), facts=facts)


def report_failures(kept: KeptRuns, asked: With, now: datetime) -> Measurement:
    """Reports of the farm that could not be made within the window."""
    n_failed = count_audits(kept.store.database, REPORT_FAILED, kept.scope.farm_id, now - asked.window)
    return Measurement(value=float(n_failed))
