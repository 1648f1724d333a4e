"""What is watched of the farm's herd files, how that stands, and the usual warnings with one press."""

from collections.abc import Callable

import ipywidgets

from widgets.page import Page
from widgets.view_models.file_alerts import OFFERED, FileAlerts, WatchedFiles
from widgets.views.common.alert_words import policy_name, since
from widgets.views.common.links import link
from widgets.views.common.markup import box, html, tag


def file_alerts(page: Page, alerts: FileAlerts) -> ipywidgets.Widget:
    """Return the card; not seen by whoever may not see alerts."""
    content = html()
    buttons = {name: _button(page, alerts, name) for name in OFFERED}
    whole = box([content, box(buttons.values(), "herd-row")], "herd-card", "herd-file-alerts")

    def draw() -> None:
        whole.layout.display = None if alerts.may_look else "none"
        if alerts.may_look:
            content.value = _told(page, alerts)
            for name, button in buttons.items():
                button.layout.display = None if name in alerts.offered else "none"

    page.draw_on(alerts.changed, draw)
    return whole


def _button(page: Page, alerts: FileAlerts, name: str) -> ipywidgets.Button:
    button = ipywidgets.Button(description=page.texts.t(f"file_alerts.{name}"))
    ask: Callable[[], None] = page.guarded(lambda: alerts.ask(name))
    button.on_click(lambda _: ask())
    return button


def _told(page: Page, alerts: FileAlerts) -> str:
    t = page.texts.t
    lines = "".join(_line(page, item) for item in alerts.watched)
    listed = f"<ul>{lines}</ul>" if lines else tag("p", t("file_alerts.none"), "herd-note")
    return tag("h2", t("file_alerts.title")) + listed


def _line(page: Page, item: WatchedFiles) -> str:
    """Return what is watched, how it stands, and why; a way to its alert where it is not well."""
    t, alert = page.texts.t, item.alert
    name = policy_name(page, item.held)
    if alert is None or alert.state == "OK":
        return tag("li", f"{name}: {t('alert_state.OK')}")
    said = f"{alert.text(page.texts.language)} {since(page, alert.since)}"
    state = tag("strong", t(f"alert_state.{alert.state}"))
    return f"<li>{link(page, 'alerts', name, alert=alert.id)}: {state}. {tag('span', said)}</li>"
