"""When something is due: cron expressions in a time zone, daylight saving included.

A time that the clocks skip in spring is taken when they have been put forward (02:30 becomes 03:30). One that
they show twice in autumn counts once, the first time, where the expression names a time of day (``30 2``);
where its minute or hour is a star (``*/30 *``) it means every so often: both count, as with Debian.
"""

from calendar import month_name
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from croniter import croniter

from herd_engine.errors import ParameterError

FIELDS = 5
DAY, MONTH = 2, 3
YEARS_LOOKED_AT = 4
"""A leap year is among them."""
LONGEST_REPEATED = timedelta(hours=3)
"""Clocks were never put back by more, but where a whole day came twice."""


def occasions(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """Yield the moments, in UTC, at which a cron expression is due after a moment.

    Parameters
    ----------
    cron : str
        Minute, hour, day of month (``L``: the last one), month, weekday.
    zone : str
        IANA name, such as ``Europe/Berlin``.
    after : datetime
        Aware.
    """
    place, last, waiting = ZoneInfo(zone), after.astimezone(UTC), list[datetime]()
    counts_twice = any(part.startswith("*") for part in cron.split()[:2])
    # The expression knows nothing of clocks that are put forward or back: it is asked for what they show.
    # What they show a second time lies before ``after`` by the clock, and after it in truth.
    shown = croniter(cron, after.astimezone(place).replace(tzinfo=None) - LONGEST_REPEATED)
    while True:
        time = shown.get_next(datetime).replace(tzinfo=place)
        first, second = (time.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        heappush(waiting, first)
        if counts_twice and second > first:
            heappush(waiting, second)
        while waiting and waiting[0] <= first:  # whatever is shown later comes later
            moment = heappop(waiting)
            if moment > last:
                yield moment
                last = moment


def require_cron(cron: str) -> None:
    """Refuse what is no cron expression of five fields, or never comes.

    Raises
    ------
    ParameterError
    """
    if len(cron.split()) != FIELDS:
        raise ParameterError("cron", cron, "have five fields: minute, hour, day, month, weekday")
    try:
        croniter(cron, datetime(2026, 1, 1)).get_next()  # noqa: DTZ001 - what clocks show
    except ValueError as error:  # all of croniter's own are
        raise ParameterError("cron", cron, f"be a time that comes ({error})") from error


def months_without(cron: str) -> tuple[str, ...]:
    """Return the months that an expression seems to mean but in which it is due in no, or not every, year.

    Examples
    --------
    >>> months_without("0 6 31 * *")
    ('February', 'April', 'June', 'September', 'November')
    """
    wanted = croniter(cron).expanded[MONTH]
    months = range(1, 13) if wanted == ["*"] else sorted(int(month) for month in wanted)
    first, end = datetime(2025, 1, 1), datetime(2025 + YEARS_LOOKED_AT, 1, 1)  # noqa: DTZ001
    found = set()
    for year in range(first.year, end.year):
        for month in months:
            begin = datetime(year, month, 1)  # noqa: DTZ001
            moment = croniter(cron, begin - timedelta(seconds=1)).get_next(datetime)
            if (moment.year, moment.month) == (year, month):
                found.add((year, month))
    return tuple(
        month_name[month]
        for month in months
        if any((year, month) not in found for year in range(first.year, end.year))
    )
