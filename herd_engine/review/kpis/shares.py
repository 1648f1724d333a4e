"""Shares that were counted, with their intervals."""

from typing import Any

from herd_engine.model.kpi import LEVEL, Kpi, KpiUnit, WhyUnknown

FEWEST = 10
"""Of fewer animals no share is told, only the counts; our choice."""


def wilson(n: int, of: int) -> tuple[float, float]:
    """Return the interval of Wilson of a share; it holds for 0 of n and n of n, too.

    Examples
    --------
    >>> tuple(round(end, 4) for end in wilson(0, 391))
    (0.0, 0.0097)
    """
    # Imported where it is needed: it takes an eighth of all that a service imports before it answers.
    from scipy.stats import binomtest  # noqa: PLC0415

    interval = binomtest(n, of).proportion_ci(LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def share(key: str, n: int, of: int, **more: Any) -> Kpi:
    """Return a counted share; of fewer than ``FEWEST`` the counts alone."""
    if of < FEWEST:
        return Kpi(key=key, unit=KpiUnit.SHARE, n=n, of=(of,), reason=WhyUnknown.TOO_FEW, **more)
    return Kpi(key=key, unit=KpiUnit.SHARE, value=n / of, n=n, of=(of,), ci=wilson(n, of), **more)


def bracket(key: str, n: int, most: int, fewest: int, **more: Any) -> Kpi:
    """Return a share whose denominator is known to lie between two numbers.

    Parameters
    ----------
    key : str
    n : int
    most, fewest : int
        With everybody who may count, and with those alone who certainly do.
    """
    if fewest < FEWEST:
        return Kpi(key=key, unit=KpiUnit.SHARE, n=n, of=(most, fewest), reason=WhyUnknown.TOO_FEW, **more)
    return Kpi(
        key=key,
        unit=KpiUnit.SHARE,
        low=n / most,
        high=n / fewest,
        n=n,
        of=(most, fewest),
        ci=(wilson(n, most)[0], wilson(n, fewest)[1]),
        **more,
    )
