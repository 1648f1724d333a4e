"""The floor of the farm's milking cows: chosen on the forecast, kept as something that is watched."""

import math

from psygnal import Signal

from herd_engine.errors import FarmNotFoundError
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.visitor import LOOK, OPERATE
from herd_engine.workbench.alerts import WatchedPolicy
from widgets.view_models.page_model import PageModel

OUTPUT = Metric.MILKING_COUNT
MONTHS = 12
STEPS = 50
"""Between the ends of an axis: nobody clicks on a single cow."""


def round_level(level: float, bottom: float, top: float) -> float:
    """Return a round number near a point of an axis: 1, 2 or 5 times a power of ten apart.

    Examples
    --------
    >>> round_level(403.2, 300, 600)
    400.0
    """
    step = max((top - bottom) / STEPS, 1.0)
    power = 10.0 ** math.floor(math.log10(step))
    apart = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step)
    return round(level / apart) * apart


class Floor:
    """What is to be warned of.

    Attributes
    ----------
    held : WatchedPolicy or None
        What is watched of the farm's milking cows.
    chosen : float or None
        Another level, not set yet.
    problem : bool
        Whether what was typed is no level.
    has_plan : bool
        Whether the farm has a plan to be looked at.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self._page = page
        self.held: WatchedPolicy | None = None
        self.chosen: float | None = None
        self.problem = False
        self.has_plan = False

    @property
    def may_set(self) -> bool:
        """Whether the visitor may ask to be warned."""
        return OPERATE in self._scopes

    @property
    def level(self) -> float | None:
        """What is chosen, else what is watched."""
        return self.chosen if self.chosen is not None or self.held is None else self.held.policy.with_.level

    @property
    def channels(self) -> tuple[str, ...]:
        """Who is told of alerts: all whom the service knows."""
        known = self._page.workbench.deliveries.channels()
        return tuple(channel.id for channel in known if channel.kind and channel.disabled_at is None)

    def refresh(self) -> None:
        """Read what is watched."""
        if LOOK not in self._scopes:
            return
        farm = self._page.workbench.farms.current()
        self.held = next(
            (
                held
                for held in self._page.workbench.alerts.policies()
                if held.policy.metric == "forecast_below"
                and held.policy.with_.output is OUTPUT
                and held.policy.is_of(farm.name, farm.id)
            ),
            None,
        )
        self.has_plan = self._page.workbench.runs.starred() is not None
        self.changed.emit()

    def choose(self, level: object) -> None:
        """Choose a level; what is no number above 0 is none."""
        self.chosen = None
        if isinstance(level, int | float) and math.isfinite(level) and level > 0:
            self.chosen = float(level)
        self.problem = self.chosen is None
        self.changed.emit()

    def set(self, forecast: Forecast) -> None:
        """Watch the chosen level over the next year, or as far as the forecast reaches."""
        if self.chosen is None:
            return
        last = min(MONTHS, len(forecast.dates) - 1)
        self._page.workbench.alerts.set_floor(OUTPUT, self.chosen, months=(1, last), channels=self.channels)
        self.chosen = None
        self.refresh()

    @property
    def _scopes(self) -> frozenset[str]:
        try:
            return self._page.workbench.scopes
        except FarmNotFoundError:
            return frozenset()
