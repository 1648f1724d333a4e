"""What is said of alerts and of what is watched, in a farm's words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from herd_engine.model.forecast import Metric
from herd_engine.model.visitor import LOCAL
from herd_engine.workbench.alerts import Alert, AlertChange, WatchedPolicy
from widgets.page import Page
from widgets.views.common.run_words import moment_text


def policy_name(page: Page, held: WatchedPolicy) -> str:
    """Return what a policy is called in the reader's language; what it watches where nobody said it there."""
    return definition_name(page, held.policy.as_plain())


def definition_name(page: Page, definition: Mapping[str, Any]) -> str:
    """Return what a policy, as it is written down, is called."""
    title = definition.get("title", "")
    named = title if isinstance(title, str) else title.get(page.texts.language, "")
    return named or _described(page, str(definition.get("metric")), definition.get("with", {}))


def alert_name(page: Page, alert: Alert | AlertChange, held: WatchedPolicy | None) -> str:
    """Return what an alert, or one that changed, is called; also where it is watched no more."""
    if held is not None:
        return policy_name(page, held)
    return _described(page, alert.message.code.removeprefix("alert."), alert.message.params)


def _described(page: Page, metric: str, facts: Mapping[str, Any]) -> str:
    """Return what is watched, in words."""
    if "output" not in facts:
        return page.texts.get(f"watched.{metric}", "")
    output = page.texts.words.metric(Metric(facts["output"]), "name")
    level = page.texts.words.number(facts["level"])
    return page.texts.t(f"alert_title.{metric.removeprefix('forecast_')}", output=output, level=level)


def person(page: Page, name: str) -> str:
    """Return who did something."""
    return page.texts.t("alerts.at_the_machine") if name == LOCAL else name


def since(page: Page, moment: datetime) -> str:
    """Return since when something is so."""
    return page.texts.t("alerts.since", moment=moment_text(page, moment))
