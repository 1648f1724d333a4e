"""Silences: what nobody is told of for a while, and why."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import pyarrow as pa
from pyarrow import compute

from herd_engine.errors import ParameterError
from herd_engine.storage.alerts import SilenceRow, new_id

LONGEST = timedelta(days=90)
PATTERN = "=~"
"""Begins a matcher that is a regular expression for the whole value."""
NAMES = ("policy", "farm", "severity")
LONGEST_TEXT = 200


def new_silence(
    matchers: Mapping[str, str], ends_at: datetime, reason: str, by: str, now: datetime, starts_at: datetime
) -> SilenceRow:
    """Return a silence.

    Parameters
    ----------
    matchers : mapping of str to str
        ``policy``, ``farm``, ``severity`` or ``label.<name>`` to a value, or ``=~`` and a regular expression.
        All must fit.
    starts_at, ends_at : datetime
        At most 90 days.
    reason, by : str
    now : datetime

    Raises
    ------
    ParameterError
        Without a matcher, that would silence everything; without a reason, nobody would know why.
    """
    said = {name: value.strip() for name, value in matchers.items() if value.strip()}
    if not said:
        raise ParameterError("matchers", "none", "name at least a policy, a farm or a severity")
    for name, value in said.items():
        _require_matcher(name, value)
    if not (reason := " ".join(reason.split())) or len(reason) > LONGEST_TEXT:
        raise ParameterError("reason", reason[:LONGEST_TEXT], f"say why, in 1 … {LONGEST_TEXT} characters")
    if not starts_at < ends_at or ends_at <= now:
        raise ParameterError("ends_at", ends_at.isoformat(), "be later than its beginning and than now")
    if ends_at - starts_at > LONGEST:
        rule = f"be at most {LONGEST.days} days after its beginning"
        raise ParameterError("ends_at", ends_at.isoformat(), rule)
    return SilenceRow(
        id=new_id(),
        matchers=said,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        created_by=by,
        created_at=now,
    )


def silence_of(silences: Iterable[SilenceRow], facts: Mapping[str, str], at: datetime) -> SilenceRow | None:
    """Return a silence that holds now for an alert with these facts."""
    active = (item for item in silences if item.is_active(at))
    return next((item for item in active if _fits(item.matchers, facts)), None)


def _fits(matchers: Mapping[str, str], facts: Mapping[str, str]) -> bool:
    return all(name in facts and _is(value, facts[name]) for name, value in matchers.items())


def _is(wanted: str, value: str) -> bool:
    if wanted.startswith(PATTERN):
        return _matches(wanted.removeprefix(PATTERN), value)
    return wanted.casefold() == value.casefold()


def _matches(pattern: str, value: str) -> bool:
    """Ask RE2, whose time grows with the text and no faster, whatever the pattern is."""
    found = compute.match_substring_regex(pa.array([value]), f"^(?:{pattern})$")
    return bool(found[0].as_py())


def _require_matcher(name: str, value: str) -> None:
    if name not in NAMES and not name.startswith("label."):
        raise ParameterError("matchers", name, f"be of {', '.join(NAMES)} or label.<name>")
    if len(value) > LONGEST_TEXT:
        raise ParameterError("matchers", name, f"have at most {LONGEST_TEXT} characters")
    if value.startswith(PATTERN):
        try:
            _matches(value.removeprefix(PATTERN), "")
        except pa.ArrowInvalid as error:
            raise ParameterError("matchers", value, f"be a regular expression after {PATTERN}") from error
