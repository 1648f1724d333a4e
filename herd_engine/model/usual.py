"""Between which numbers well-run dairy herds lie: worth a look after the herd's own history, never before.

Shares of cows are of all that have calved, milking and dry. Sources: cows in milk and cows pregnant, closed
forms of a herd in balance (lactation 13 months, dry 55–60 days), and DairyComp 305's example herd, 86 %;
days in milk, DRMS averages 174–177 with 150–170 as the target of advisers (Cow-Corner glossary); first
lactation and heifers a cow, Midwest benchmarks (Dairy Star 2018, 2021).
"""

from dataclasses import dataclass

from herd_engine.model.forecast import Metric


@dataclass(frozen=True, slots=True)
class UsualRange:
    """A range, both ends included."""

    low: float
    high: float


MILKING_PERCENT = UsualRange(84, 88)
PREGNANT_PERCENT = UsualRange(50, 55)
LATE_PERCENT = UsualRange(0, 35)
"""Of the cows in milk, those beyond 200 days."""
FIRST_LACTATION_PERCENT = UsualRange(33, 38)
HEIFERS_A_COW = UsualRange(0.75, 0.90)
DAYS_IN_MILK = UsualRange(150, 170)


def usual_level(metric: Metric, milking: float, dry: float) -> UsualRange | None:
    """Return the usual range of a level of a herd with so many cows; None where it has none.

    Examples
    --------
    >>> usual_level(Metric.MILKING_COUNT, 80, 20)
    UsualRange(low=84.0, high=88.0)
    """
    fewest, most = ((milking + dry) * share / 100 for share in (MILKING_PERCENT.low, MILKING_PERCENT.high))
    match metric:
        case Metric.MILKING_COUNT:
            return UsualRange(fewest, most)
        case Metric.DRY_COUNT:
            return UsualRange(milking + dry - most, milking + dry - fewest)
        case Metric.AVG_DAYS_IN_MILK:
            return DAYS_IN_MILK
        case _:
            return None
