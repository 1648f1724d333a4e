"""Days of events: on which one the export was made, and which are slips of the pen."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from herd_engine.datasets.importers.folding import Days
from herd_engine.datasets.importers.interface import Reading
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.model.events import AnimalEvents
from herd_engine.model.quality import QualityIssue

_FAR_DAYS = 30
"""A farm has events nearly every day: one so long after all others is a slip."""
_TOLERATED_DAYS = 3
"""As in files that prove their day themselves."""
_MOST_SLIPS, _FEWEST_EVENTS = 0.001, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """Events up to the report day.

    Attributes
    ----------
    day : int
        Ordinal of the day of the export.
    events : AnimalEvents
        On that day and before.
    issues : tuple of QualityIssue
    """

    day: int
    events: AnimalEvents
    issues: tuple[QualityIssue, ...]


def until_report_day(events: AnimalEvents, reading: Reading, lines: Days) -> Reported | None:
    """Find the day of the export and leave out what is later; None where there is no event at all.

    Parameters
    ----------
    events : AnimalEvents
        Ordinals.
    reading : Reading
    lines : ndarray of int64, shape (n_events,)
        Of each event.
    """
    if reading.report_day is None and not len(events):
        return None
    day = reading.report_day if reading.report_day is not None else _last_sound_day(events.day)
    late = events.day > day
    issues = []
    if len(events) and _last_sound_day(events.day) > day + _TOLERATED_DAYS:
        told, proved = _iso(day), _iso(_last_sound_day(events.day))
        issues.append(make_issue("report_date_contradicted", lines[late], report_date=told, proved=proved))
    elif late.any():
        issues.append(make_issue("events_after_report_date", lines[late], report_date=_iso(day)))
    if reading.report_day is None:
        issues.append(make_issue("report_date_from_latest_event", report_date=_iso(day)))
    return Reported(day=day, events=events.only(~late), issues=tuple(issues))


def _last_sound_day(days: Days) -> int:
    """Return the last day that is no slip: few, and long after all others."""
    ordered = np.sort(days)
    if len(ordered) < _FEWEST_EVENTS:
        return int(ordered[-1])
    tail = ordered[-(2 + int(_MOST_SLIPS * len(ordered))) :]
    gaps = np.flatnonzero(np.diff(tail) > _FAR_DAYS)
    return int(tail[gaps[0]] if len(gaps) else tail[-1])


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
