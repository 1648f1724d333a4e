"""What to call runs that are compared: by their scenario, else by what sets them apart."""

from collections.abc import Mapping
from typing import Any

from herd_engine.i18n.setting_words import setting_value as written
from herd_engine.workbench.answers import Run
from herd_engine.workbench.payloads import complete
from widgets.page import Page
from widgets.view_models.compare import Setting, differing_settings
from widgets.view_models.form_fields import FACTORS, SHARES
from widgets.view_models.run_names import RunNames, payload_of

HARDLY_SETTINGS = ("seed", "mc_runs", "confidence_central", "horizon_months", "future_date")
"""What says how a scenario is simulated and looked at; it names a run only where nothing else does."""
PURCHASE_SETTINGS = ("purchase_policy", "purchases")
"""What a farm decides first, and a name says first."""
MOST_IN_A_NAME = 2


def scenario_names(page: Page, known: RunNames, runs: Mapping[str, Run]) -> dict[str, str]:
    """Return names of runs by id, no two alike."""
    settings = differing_settings({run_id: payload_of(run) for run_id, run in runs.items()})
    telling = [item for item in settings if item.path not in HARDLY_SETTINGS]
    if len(telling) == 1:
        names = {
            run_id: known.given(run) or _phrase(page, telling[0], i)
            for i, (run_id, run) in enumerate(runs.items())
        }
    else:
        names = {run_id: scenario_title(page, known, run) for run_id, run in runs.items()}
    names = _apart(names, {run_id: known.dataset(run).name for run_id, run in runs.items()})
    for item in settings:
        if item.path in HARDLY_SETTINGS:
            names = _apart(names, {run_id: _phrase(page, item, i) for i, run_id in enumerate(names)})
    return _apart(names, {run_id: run_id[:8] for run_id in names})


def scenario_title(page: Page, known: RunNames, run: Run) -> str:
    """Return the name of one run: its own or of its scenario, else how it departs from the defaults."""
    named = known.given(run)
    if named is not None:
        return named
    return plan_title(page, payload_of(run))


def plan_title(page: Page, payload: Mapping[str, Any]) -> str:
    """Return how a plan departs from the defaults."""
    settings = differing_settings({"": complete({}), "plan": payload})
    by_weight = sorted(settings, key=lambda item: item.path not in PURCHASE_SETTINGS)
    first, *others = [_phrase(page, item, 1) for item in by_weight if item.path not in HARDLY_SETTINGS] or [
        page.texts.t("compare.bought_none")
    ]
    listed = [first, *(text[:1].lower() + text[1:] for text in others[: MOST_IN_A_NAME - 1])]
    return ", ".join(listed) + (" …" if len(others) >= MOST_IN_A_NAME else "")


def setting_value(page: Page, path: str, value: Any) -> str:
    """Return the value of a field as a reader writes it."""
    words = page.texts.words
    if path == "purchases":
        heads = sum(item["count"] for item in value)
        return page.texts.count("compare.bought", heads) if heads else page.texts.t("compare.bought_none")
    if path in (*SHARES, *FACTORS) and value is not None:
        return words.number(value, 2)  # one below the other, with equal decimals
    return written(path, value, words)


def _phrase(page: Page, setting: Setting, i: int) -> str:
    value = setting_value(page, setting.path, setting.values[i])
    return page.texts.t(f"compare.name.{setting.path}", value=value)


def _apart(names: Mapping[str, str], additions: Mapping[str, str]) -> dict[str, str]:
    """Return the names; those that several runs have with what sets these runs apart, if it does."""
    alike = {
        name: {additions[run_id] for run_id in names if names[run_id] == name} for name in names.values()
    }
    return {
        run_id: name if len(alike[name]) == 1 else f"{name} · {additions[run_id]}"
        for run_id, name in names.items()
    }
