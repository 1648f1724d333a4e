"""So many milking cows are to be kept: what must be bought for that, searched in the background."""

import os
from typing import Any

from psygnal import Signal

from herd_engine.errors import ParameterError
from herd_engine.workbench import DEFAULT_SEED, Execution, HerdFile
from herd_engine.workbench.payloads import short_form
from herd_engine.workbench.plans import Goal, HerdPlan, plan_payload
from widgets.view_models.scenario_form import ScenarioForm
from widgets.view_models.work import FarmWork


class FarmGoal:
    """A goal of the farm, and the plan that keeps it.

    Attributes
    ----------
    said : dict of str to float
        What is in the fields, as ``Goal`` calls it; empty before there is a herd.
    goal : Goal or None
        That they make; None where they make none.
    plan : HerdPlan or None
        Of the goal that was searched for; None while it is, and when the herd is another.
    dataset : str
        Id of the herd file that the plan is of.
    is_searching : bool
    """

    changed = Signal()

    def __init__(self, work: FarmWork) -> None:
        self._work = work
        self.said: dict[str, Any] = {}
        self.plan: HerdPlan | None = None
        self.dataset = ""
        self.is_searching = False
        self._herd_file: HerdFile | None = None
        work.changed.connect(self._follow)
        self._follow()

    @property
    def goal(self) -> Goal | None:
        """What is to be kept; None where the fields say what cannot be."""
        try:
            return Goal(**self.said) if self.said else None
        except ParameterError:
            return None

    def wish(self, name: str, value: float) -> None:
        """Take what was typed into a field."""
        self.said[name] = value if name == "chance" else int(value)
        self.changed.emit()

    def search(self) -> None:
        """Look for the fewest heifers that keep it: some seconds."""
        goal, herd_file, row = self.goal, self._work.herd_file, self._work.row
        if goal is None or herd_file is None or row is None or self.is_searching:
            return
        self.is_searching, self.plan = True, None
        self.changed.emit()
        self._work.page.later(lambda: self._search(goal, herd_file, row.id))

    @property
    def address(self) -> str:
        """The plan as the address of the page of forecasts holds it; empty without one."""
        if self.plan is None:
            return ""
        return short_form.written(plan_payload(self.plan, DEFAULT_SEED), ScenarioForm.defaults())

    def _search(self, goal: Goal, herd_file: HerdFile, dataset: str) -> None:
        try:
            execution = Execution(threads=os.cpu_count() or 1)
            plan = self._work.page.workbench.optimize(herd_file, goal, execution=execution)
            if herd_file is self._work.herd_file:  # else it is a plan of a herd that is no longer shown
                self.plan, self.dataset = plan, dataset
        finally:
            self.is_searching = False
            self.changed.emit()

    def _follow(self) -> None:
        """Begin anew with another herd: as many as there are now."""
        herd_file = self._work.herd_file
        if herd_file is None or herd_file is self._herd_file:
            return
        now = Goal(at_least=max(1, herd_file.herd.counts()["milking"]))
        self.said = {name: getattr(now, name) for name in ("at_least", "chance", "first", "last")}
        self._herd_file, self.plan = herd_file, None
        self.changed.emit()
