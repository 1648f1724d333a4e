"""How alerts changed, and who did what."""

from html import escape

import ipywidgets

from herd_engine.workbench.alerts import AlertChange, AuditEntry
from widgets.page import Page
from widgets.view_models.alerts import FarmAlerts
from widgets.views.common.alert_words import alert_name, definition_name, person, policy_name
from widgets.views.common.markup import html, table_markup, tag
from widgets.views.common.run_words import moment_text


def record(page: Page, alerts: FarmAlerts) -> ipywidgets.Widget:
    """Return the history of the farm's alerts; not seen before there is any."""
    content = html(css_class="herd-card")
    content.add_class("herd-record")

    def draw() -> None:
        content.layout.display = None if alerts.history or alerts.audit else "none"
        content.value = _changes(page, alerts) + _deeds(page, alerts)

    page.draw_on(alerts.changed, draw)
    return content


def _changes(page: Page, alerts: FarmAlerts) -> str:
    t = page.texts.t
    columns = tuple(t(f"alerts.column_{name}") for name in ("moment", "alert", "state", "why"))
    rows = [_change_row(page, alerts, change) for change in alerts.history]
    return tag("h2", t("alerts.history")) + table_markup(columns, rows, t("alerts.history"))


def _change_row(page: Page, alerts: FarmAlerts, change: AlertChange) -> tuple[str, ...]:
    t = page.texts.t
    why = change.text(page.texts.language)
    if change.reason:
        why = page.texts.get(f"notice.{change.reason}", why)
    return (
        moment_text(page, change.at),
        alert_name(page, change, alerts.policy(change.policy_id)),
        t(f"alert_state.{change.new}"),
        why,
    )


def _deeds(page: Page, alerts: FarmAlerts) -> str:
    if not alerts.audit:
        return ""
    t = page.texts.t
    columns = tuple(t(f"alerts.column_{name}") for name in ("moment", "who", "deed", "alert"))
    rows = [
        (
            moment_text(page, entry.at),
            person(page, entry.actor),
            page.texts.get(f"audit.{_deed(entry)}", entry.action),
            _object(page, alerts, entry),
        )
        for entry in alerts.audit
    ]
    table = table_markup(columns, rows, t("alerts.audit"))
    return f"<details><summary>{escape(t('alerts.audit'))}</summary>{table}</details>"


def _deed(entry: AuditEntry) -> str:
    """Return the name of what was done; of a policy, whether it was set, changed or taken away."""
    if entry.action != "POLICIES_CHANGED":
        return entry.action
    return "POLICY_REMOVED" if entry.new is None else "POLICY_CHANGED" if entry.old else "POLICY_SET"


def _object(page: Page, alerts: FarmAlerts, entry: AuditEntry) -> str:
    """Return what it was done to, by its name where it is still known."""
    kind, _, name = entry.object.partition("/")
    if kind == "policy":
        return definition_name(page, entry.new or entry.old or {})
    if kind == "alert":
        alert = next((item for item in alerts.listed if item.id == name), None)
        name = "" if alert is None else alert.policy_id
    else:
        name = str((entry.new or {}).get("matchers", {}).get("policy", ""))
    held = alerts.policy(name)
    return "" if held is None else policy_name(page, held)
