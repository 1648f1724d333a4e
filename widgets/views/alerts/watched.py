"""What is watched, and what nobody is told of for a while."""

from typing import Any

import ipywidgets

from herd_engine.workbench.alerts import Silence, WatchedPolicy
from widgets.controls.items import Items
from widgets.page import Page
from widgets.view_models.alerts import FarmAlerts
from widgets.views.common.alert_words import person, policy_name
from widgets.views.common.links import link
from widgets.views.common.markup import box, html, tag
from widgets.views.common.run_words import moment_text


def watched(page: Page, alerts: FarmAlerts) -> ipywidgets.Widget:
    """Return what is watched, with the way to set a floor."""
    t = page.texts.t
    items = Items(
        on_act=page.guarded(lambda _, policy_id, __: alerts.watch_no_more(policy_id)),
        label=t("alerts.watched"),
        empty=t("alerts.none_watched_text"),
        texts=page.texts.part("items"),
    )
    floor = link(page, "overview", t("alerts.to_floor"), "herd-button")
    way = html(f"<p>{floor}</p><p>{link(page, 'deliveries', t('alerts.to_deliveries'))}</p>")

    def draw() -> None:
        items.items = [_policy_item(page, alerts, held) for held in alerts.policies]

    page.draw_on(alerts.changed, draw)
    return box([html(tag("h2", t("alerts.watched"))), items, way], "herd-card")


def _policy_item(page: Page, alerts: FarmAlerts, held: WatchedPolicy) -> dict[str, Any]:
    t, alert = page.texts.t, alerts.alert_of(held.policy.id)
    remove = {"name": "remove", "label": t("alerts.remove"), "confirm": t("alerts.remove_question")}
    told = ", ".join(held.policy.channels)
    notes = [
        _condition(page, held),
        t("alerts.told", who=told) if told else t("alerts.told_nobody"),
        "" if held.is_changeable else t("alerts.in_file"),
    ]
    return {
        "id": held.policy.id,
        "title": policy_name(page, held),
        "badge": t(f"alert_state.{'OK' if alert is None else alert.state}"),
        "note": " ".join(filter(None, notes)),
        "picked": False,
        "actions": [remove] if held.is_changeable and alerts.may_operate else [],
    }


def _condition(page: Page, held: WatchedPolicy) -> str:
    """Return when it becomes an alert."""
    policy, t, words = held.policy, page.texts.t, page.texts.words
    if policy.metric.is_forecast:
        first, last = policy.with_.months
        share = words.number(100 * (policy.with_.probability or 0))
        return t("alerts.when_forecast", share=share, first=first, last=last)
    value = words.number(policy.threshold, 0 if float(policy.threshold or 0).is_integer() else 2)
    operator = t(f"alerts.operator.{policy.operator}", value=value)
    what = t(f"watched.{policy.metric}")
    is_named = policy_name(page, held) != what
    return t("alerts.when", what=what, is_so=operator) if is_named else t("alerts.when_so", is_so=operator)


def silences(page: Page, alerts: FarmAlerts) -> ipywidgets.Widget:
    """Return the silences that hold; not seen where there is none."""
    t = page.texts.t
    items = Items(
        on_act=page.guarded(lambda _, silence_id, __: alerts.end_silence(silence_id)),
        label=t("alerts.silences"),
        texts=page.texts.part("items"),
    )
    whole = box([html(tag("h2", t("alerts.silences"))), items], "herd-card")

    def draw() -> None:
        whole.layout.display = None if alerts.silences else "none"
        items.items = [_silence_item(page, alerts, silence) for silence in alerts.silences]

    page.draw_on(alerts.changed, draw)
    return whole


def _silence_item(page: Page, alerts: FarmAlerts, silence: Silence) -> dict[str, Any]:
    t = page.texts.t
    until = t("alerts.silent_until", moment=moment_text(page, silence.ends_at))
    why = t("alerts.silent_why", reason=silence.reason, who=person(page, silence.created_by))
    return {
        "id": silence.id,
        "title": _of_what(page, alerts, silence),
        "badge": "",
        "note": f"{until} {why}",
        "picked": False,
        "actions": [{"name": "end", "label": t("alerts.end_silence")}] if alerts.may_operate else [],
    }


def _of_what(page: Page, alerts: FarmAlerts, silence: Silence) -> str:
    """Return what nobody is told of: by policy, else as it was said."""
    said = dict(silence.matchers)
    held = alerts.policy(said.pop("policy", ""))
    names = [] if held is None else [policy_name(page, held)]
    rest = silence.matchers if held is None else said
    return ", ".join([*names, *rest.values()])
