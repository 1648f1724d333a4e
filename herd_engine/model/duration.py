"""Lengths of time as people write them: ``30s``, ``10m``, ``2h``, ``1d``, ``1w``."""

import re
from datetime import timedelta

_WRITTEN = re.compile(r"(\d{1,6})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
LONGEST = timedelta(days=400)


def read_duration(text: str) -> timedelta:
    """Return a length of time.

    Raises
    ------
    ValueError
        It is none, or more than 400 days.

    Examples
    --------
    >>> read_duration("90m")
    datetime.timedelta(seconds=5400)
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError("must be a number and s, m, h, d or w, such as 10m")
    length = timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    if length > LONGEST:
        raise ValueError(f"must be at most {LONGEST.days} days")
    return length
