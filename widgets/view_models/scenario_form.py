"""The scenario as a form: changes are checked at once and can be undone, presets can be laid over it."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from psygnal import Signal

from herd_engine.errors import ConflictError, ParameterError, ScenarioError
from herd_engine.model.scenario import PurchasePolicy, unread_by
from herd_engine.workbench import DEFAULT_REPLICATES
from herd_engine.workbench.answers import PresetAnswer
from herd_engine.workbench.payloads import (
    HOLD_THE_PLACES,
    apply_preset,
    built_in,
    check_dates,
    complete,
    complete_model,
    parse_scenario,
    to_scenario,
    without_unread,
)
from widgets.view_models.form_fields import FormField, form_fields
from widgets.view_models.herd_data import HerdData
from widgets.view_models.page_model import PageModel

MOST_UNDOS = 100
NOT_OF_A_PRESET = ("dataset_id", "report_date", "future_date", "seed", "mc_runs", "horizon_months")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with a field: the key of a text, and what goes into it."""

    key: str
    params: dict[str, Any] = field(default_factory=dict)


class ScenarioForm:
    """A payload that is being filled in.

    Attributes
    ----------
    payload : dict
        Complete; holds also values that are not valid yet.
    problems : dict of str to FieldProblem
        By path; the path of a purchase is ``purchases.0.count``.
    presets : tuple of PresetAnswer
    known_preset : PresetAnswer or None
        One's own that has the very values that were to be kept under another name, ``wished_name``.
    bounded : dict of str to FieldProblem
        By path: that a number was beyond what is allowed, and which was taken in its place.
    """

    changed = Signal()
    edited = Signal()

    def __init__(self, page: PageModel, data: HerdData) -> None:
        self._page, self._data = page, data
        self.fields = form_fields()
        self.payload = self.defaults()
        self.problems: dict[str, FieldProblem] = {}
        self.presets: tuple[PresetAnswer, ...] = ()
        self.known_preset: PresetAnswer | None = None
        self.wished_name = ""
        self.bounded: dict[str, FieldProblem] = {}
        self._before: list[dict[str, Any]] = []
        data.chosen.connect(self._check)

    @staticmethod
    def defaults() -> dict[str, Any]:
        """Return what the form starts with."""
        return complete({"mc_runs": DEFAULT_REPLICATES})

    @property
    def hidden(self) -> list[str]:
        """Paths of the fields that the mode, or the policy, does not read; never one with a problem."""
        hidden = sorted(self._unread - set(self.problems))
        forecasting = self.value("purchase_policy") == PurchasePolicy.AUTO_FORECAST
        return hidden if forecasting else [*hidden, "lead_time_days"]

    @property
    def _unread(self) -> set[str]:
        return {f"model.{name}" for name in unread_by(self.value("mode"))}

    @property
    def is_valid(self) -> bool:
        """Whether a forecast can be made."""
        return not self.problems

    @property
    def can_undo(self) -> bool:
        """Whether something has been changed."""
        return bool(self._before)

    def value(self, path: str) -> Any:
        """Return the value of a field."""
        owner, _, name = path.rpartition(".")
        return (self.payload[owner] if owner else self.payload)[name]

    def set(self, path: str, value: Any) -> None:
        """Change one field; KeyError for a path that the form does not have."""
        if path not in {item.path for item in self.fields}:
            raise KeyError(path)
        owner, _, name = path.rpartition(".")
        changed = deepcopy(self.payload)
        (changed[owner] if owner else changed)[name] = value
        if path == "purchase_policy" and value != PurchasePolicy.MANUAL:
            changed["purchases"] = []
        self._replace(complete_model(without_unread(changed)) if path == "mode" else changed)

    def settle(self, path: str, value: Any) -> None:
        """Take a number that was typed to its end; if it is not allowed, the nearest that is, with words."""
        item = next(item for item in self.fields if item.path == path)
        nearest = item.bounded(value)
        self.set(path, nearest)
        if nearest != value:
            key = "form.at_most" if value > nearest else "form.at_least"
            self.bounded = {path: FieldProblem(key, {"typed": value, "taken": nearest})}
            self.changed.emit()

    def set_purchases(self, purchases: list[dict[str, Any]]) -> None:
        """Change the purchase plan."""
        self._replace(self.payload | {"purchases": purchases})

    def undo(self) -> None:
        """Take the last change back."""
        if self._before:
            self.payload = self._before.pop()
            self._check()

    def reset(self) -> None:
        """Go back to the defaults; that can be undone too."""
        self._replace(self.defaults())

    def load(self, payload: Mapping[str, Any]) -> None:
        """Show the payload of a run; that can be undone too."""
        self._replace(complete(payload))

    def refresh_presets(self) -> None:
        """Read the list of presets again."""
        self.presets = self._page.workbench.presets.list(limit=100).items
        self.changed.emit()

    def apply(self, preset_id: str) -> None:
        """Lay a preset over the form; KeyError where it is not in the list."""
        preset = next((row for row in self.presets if row.id == preset_id), None)
        if preset is None:
            raise KeyError(preset_id)
        params = preset.params
        if preset.built_in and preset.name == HOLD_THE_PLACES and self._data.row is not None:
            counts = self._data.row.counts  # of the chosen herd, which need not be the latest
            params = dict(built_in(counts).get(preset.name, params))
        self._replace(complete_model(apply_preset(self.payload, params)))

    def save_preset(self, name: str) -> None:
        """Keep the assumptions of the form under a name; where they are kept under another one, ask."""
        params = {key: value for key, value in self.payload.items() if key not in NOT_OF_A_PRESET}
        presets = self._page.workbench.presets
        self.known_preset = None
        try:
            presets.save(name, params)
        except ConflictError as error:
            if error.case != "preset_known":
                raise
            self.known_preset, self.wished_name = presets.find(error.name), name
        self.refresh_presets()

    def rename_known(self, *, renamed: bool) -> None:
        """Answer whether the preset of these values is to have the wished name."""
        known, self.known_preset = self.known_preset, None
        if known is not None and renamed:
            self._page.workbench.presets.rename(known.id, self.wished_name)
        self.refresh_presets()

    def _replace(self, payload: dict[str, Any]) -> None:
        if payload == self.payload:
            return
        self._before = [*self._before[1 - MOST_UNDOS :], self.payload]
        self.payload, self.bounded = payload, {}
        self._check()

    def _check(self) -> None:
        self.problems = self._problems()
        self.changed.emit()
        self.edited.emit()

    def _problems(self) -> dict[str, FieldProblem]:
        try:
            scenario = to_scenario(parse_scenario(self.payload))
            if self._data.row is not None:
                check_dates(scenario, self._data.row.report_date)
        except ScenarioError as error:
            return {path: self._problem(path) for path, _ in error.problems}
        except ParameterError as error:
            return {error.name.split(".")[0]: FieldProblem("problem.outside_forecast")}
        return {}

    def _problem(self, path: str) -> FieldProblem:
        """Say what is wrong with a field: it is no number, out of its range, or breaks a rule."""
        item = next((item for item in self.fields if item.path == path), None)
        if item is not None and item.kind == "number" and not _fits(item, self.value(path)):
            whole = item.step == 1
            key = "problem.whole" if whole else "problem.number"
            return FieldProblem(key, {"low": item.low, "high": item.high})
        if path in self._unread:
            return FieldProblem("problem.unread")
        rule = ".".join(part for part in path.split(".") if not part.isdecimal())
        return FieldProblem(f"problem.{rule}")


def _fits(item: FormField, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value is None and item.is_optional
    if item.step == 1 and not isinstance(value, int):
        return False
    return (item.low is None or value >= item.low) and (item.high is None or value <= item.high)
