"""The floor of the farm's milking cows: chosen on the forecast, kept as something that is watched."""

import math

from psygnal import Signal

from herd_engine.errors import FarmNotFoundError
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.visitor import LOOK, OPERATE
from herd_engine.workbench.alerts import WatchedPolicy
from widgets.view_models.page_model import PageModel
from widgets.view_models.run_names import payload_of

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
    known : tuple of str
        Channels that can be told.
    told : tuple of str
        Those of them that are to be told: who is told already, else all.
    has_fault : bool
        Whether the file of channels cannot be used as it is.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self._page = page
        self.held: WatchedPolicy | None = None
        self.chosen: float | None = None
        self.problem = False
        self.has_plan = False
        self.known: tuple[str, ...] = ()
        self.told: tuple[str, ...] = ()
        self.has_fault = False

    @property
    def may_set(self) -> bool:
        """Whether the visitor may ask to be warned."""
        return OPERATE in self._scopes

    @property
    def level(self) -> float | None:
        """What is chosen, else what is watched."""
        return self.chosen if self.chosen is not None or self.held is None else self.held.policy.with_.level

    @property
    def is_changed(self) -> bool:
        """Whether there is something to set: another level, or others who are told of it."""
        if self.problem or self.level is None:
            return False
        return self.chosen is not None or self.told != self._told_now()

    def refresh(self) -> None:
        """Read what is watched."""
        if LOOK not in self._scopes:
            return
        workbench = self._page.workbench
        farm = workbench.farms.current()
        of_farm = [
            held
            for held in workbench.alerts.policies()
            if held.policy.metric == "forecast_below"
            and held.policy.with_.output is OUTPUT
            and held.policy.is_of(farm.name, farm.id)
        ]
        # What was set here is what can be set anew; what a file says stands beside it.
        self.held = min(of_farm, key=lambda held: not held.is_changeable, default=None)
        self.has_plan = workbench.runs.starred() is not None
        channels = workbench.deliveries.channels()
        self.known = tuple(item.id for item in channels if item.kind and item.disabled_at is None)
        self.has_fault = workbench.deliveries.fault() is not None
        self.told = self._told_now()
        self.changed.emit()

    def tell(self, channel: str, *, is_told: bool) -> None:
        """Choose whether a channel is to be told."""
        wanted = {*self.told, channel} if is_told else {*self.told} - {channel}
        self.told = tuple(name for name in self.known if name in wanted)
        self.changed.emit()

    def _told_now(self) -> tuple[str, ...]:
        """Return who is told as things stand; of what is not watched yet, everybody."""
        if self.held is None:
            return self.known
        return tuple(name for name in self.known if name in self.held.policy.channels)

    def choose(self, level: object) -> None:
        """Choose a level; what is no number above 0 is none."""
        self.chosen = None
        if isinstance(level, int | float) and math.isfinite(level) and level > 0:
            self.chosen = float(level)
        self.problem = self.chosen is None
        self.changed.emit()

    def set(self, forecast: Forecast) -> None:
        """Watch the level over the next year, or as far as the farm's plan, else the forecast, reaches."""
        if not self.is_changed or self.level is None:
            return
        plan = self._page.workbench.runs.starred()
        horizon = len(forecast.dates) - 1 if plan is None else int(payload_of(plan)["horizon_months"])
        last = min(MONTHS, horizon)
        self._page.workbench.alerts.set_floor(OUTPUT, self.level, months=(1, last), channels=self.told)
        self.chosen = None
        self.refresh()

    @property
    def _scopes(self) -> frozenset[str]:
        try:
            return self._page.workbench.scopes
        except FarmNotFoundError:
            return frozenset()
