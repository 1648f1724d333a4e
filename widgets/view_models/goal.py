"""So many milking cows are to be kept: what must be bought for that, searched in the background."""

import os
from dataclasses import replace
from typing import Any

from psygnal import Signal

from herd_engine.workbench import DEFAULT_SEED, Execution
from herd_engine.workbench.payloads import short_form
from herd_engine.workbench.plans import Goal, HerdPlan, plan_payload
from widgets.view_models.scenario_form import ScenarioForm
from widgets.view_models.work import FarmWork


class FarmGoal:
    """A goal of the farm, and the plan that keeps it.

    Attributes
    ----------
    goal : Goal or None
        As the fields say; None before there is a herd.
    plan : HerdPlan or None
        Of a goal that was searched for; None while it is, and when the herd is another.
    is_searching : bool
    """

    changed = Signal()

    def __init__(self, work: FarmWork) -> None:
        self._work = work
        self.goal: Goal | None = None
        self.plan: HerdPlan | None = None
        self.is_searching = False
        self._herd_file = work.herd_file
        work.changed.connect(self._follow)
        self._follow()

    def wish(self, name: str, value: float) -> None:
        """Change the goal; ParameterError for what is none."""
        if self.goal is not None:
            said: dict[str, Any] = {name: value if name == "chance" else int(value)}
            self.goal = replace(self.goal, **said)
            self.changed.emit()

    def search(self) -> None:
        """Look for the fewest heifers that keep it: some seconds."""
        if self.goal is not None and not self.is_searching:
            self.is_searching, self.plan = True, None
            self.changed.emit()
            self._work.page.later(self._search)

    @property
    def address(self) -> str:
        """The plan as the address of the page of forecasts holds it; empty without one."""
        if self.plan is None:
            return ""
        return short_form.written(plan_payload(self.plan, DEFAULT_SEED), ScenarioForm.defaults())

    def _search(self) -> None:
        herd_file, goal = self._work.herd_file, self.goal
        try:
            if herd_file is not None and goal is not None:
                execution = Execution(threads=os.cpu_count() or 1)
                self.plan = self._work.page.workbench.optimize(herd_file, goal, execution=execution)
        finally:
            self.is_searching = False
            self.changed.emit()

    def _follow(self) -> None:
        """Begin anew with another herd: as many as there are now."""
        herd_file = self._work.herd_file
        if herd_file is not None and (self.goal is None or herd_file is not self._herd_file):
            self.goal, self.plan = Goal(at_least=max(1, herd_file.herd.counts()["milking"])), None
        self._herd_file = herd_file
        self.changed.emit()
