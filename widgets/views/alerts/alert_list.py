"""The alerts that hold, why, since when, and what can be done about them in place."""

from typing import Any

import ipywidgets

from herd_engine.workbench.alerts import Alert
from widgets.controls.items import Items
from widgets.page import Page
from widgets.view_models.alerts import FarmAlerts
from widgets.views.common.alert_words import alert_name, person, since
from widgets.views.common.markup import box, html, tag
from widgets.views.common.run_words import moment_text

SILENCES = {"silence_day": 1, "silence_week": 7}
"""Days that somebody who silences an alert may choose."""
ON = ("FIRING", "PENDING")
"""What somebody can look after; of all else nobody is told."""


def alert_list(page: Page, alerts: FarmAlerts) -> ipywidgets.Widget:
    """Return the list; one of it is looked at."""
    t = page.texts.t
    items = Items(
        on_pick=page.guarded(lambda alert_id, picked: alerts.show(alert_id) if picked else None),
        on_act=page.guarded(lambda name, alert_id, value: _act(alerts, name, alert_id, value)),
        label=t("alerts.now"),
        pick="one",
        texts=page.texts.part("items"),
    )
    whole = box([html(tag("h2", t("alerts.now"))), items], "herd-card")

    def draw() -> None:
        whole.layout.display = None if alerts.listed else "none"
        items.items = [_item(page, alerts, alert) for alert in alerts.listed]

    page.draw_on(alerts.changed, draw)
    return whole


def _act(alerts: FarmAlerts, name: str, alert_id: str, value: str) -> None:
    if name in SILENCES:
        alerts.silence(alert_id, SILENCES[name], value)
    else:
        alerts.acknowledge(alert_id, value, taken_back=name == "unacknowledge")


def _item(page: Page, alerts: FarmAlerts, alert: Alert) -> dict[str, Any]:
    t, held = page.texts.t, alerts.policy(alert.policy_id)
    shown = alerts.shown
    return {
        "id": alert.id,
        "title": alert_name(page, alert, held),
        "badge": f"{t(f'alert_severity.{alert.severity}')} · {t(f'alert_state.{alert.state}')}",
        "note": " ".join(_notes(page, alert)),
        "picked": shown is not None and shown.id == alert.id,
        "actions": _actions(page, alert) if alerts.may_operate else [],
    }


def _notes(page: Page, alert: Alert) -> list[str]:
    """Return why it holds, since when, and who looks after it."""
    t = page.texts.t
    notes = [alert.text(page.texts.language), since(page, alert.since)]
    if alert.ack_at is not None and alert.ack_by is not None:
        who = person(page, alert.ack_by)
        notes.append(t("alerts.looked_after", who=who, moment=moment_text(page, alert.ack_at)))
        notes += [t("alerts.quoted", note=alert.ack_note)] if alert.ack_note else []
    if alert.is_silenced:
        notes.append(t("alerts.silenced"))
    return notes


def _actions(page: Page, alert: Alert) -> list[dict[str, Any]]:
    t = page.texts.t
    if alert.state not in ON:
        return []
    name = "unacknowledge" if alert.ack_at is not None else "acknowledge"
    asks = {} if name == "unacknowledge" else {"asks": "", "hint": t("alerts.note")}
    silences = [
        {"name": each, "label": t(f"alerts.{each}"), "asks": "", "hint": t("alerts.reason")}
        for each in SILENCES
    ]
    return [{"name": name, "label": t(f"alerts.{name}"), **asks}, *silences]
