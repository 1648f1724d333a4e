"""Whom the service tells, how that goes, and a message to try it."""

from typing import Any

import ipywidgets

from herd_engine.workbench.deliveries import Channel
from widgets.controls.items import Items
from widgets.page import Page
from widgets.view_models.deliveries import FarmDeliveries
from widgets.views.common.markup import box, html, tag
from widgets.views.common.run_words import moment_text


def channel_list(page: Page, deliveries: FarmDeliveries) -> ipywidgets.Widget:
    """Return the list, and how to get on it."""
    t = page.texts.t
    items = Items(
        on_act=page.guarded(lambda name, channel, _: _act(deliveries, name, channel)),
        label=t("deliveries.channels"),
        empty=t("deliveries.no_channels"),
        texts=page.texts.part("items"),
    )
    fault = html()

    def draw() -> None:
        items.items = [_item(page, deliveries, channel) for channel in deliveries.channels]
        fault.layout.display = None if deliveries.has_fault else "none"
        fault.value = f'<div class="herd-notice">{tag("p", t("deliveries.fault"))}</div>'

    page.draw_on(deliveries.changed, draw)
    title = html(tag("h2", t("deliveries.channels")) + tag("p", t("deliveries.channels_note"), "herd-note"))
    return box([title, fault, items], "herd-card")


def _act(deliveries: FarmDeliveries, name: str, channel: str) -> None:
    if name == "enable":
        deliveries.enable(channel)
    else:
        deliveries.test(channel)


def _item(page: Page, deliveries: FarmDeliveries, channel: Channel) -> dict[str, Any]:
    t, is_off = page.texts.t, channel.disabled_at is not None
    notes = [t(f"deliveries.kind.{channel.kind}") if channel.kind else t("deliveries.not_in_file")]
    if is_off:
        notes.append(page.texts.get(f"notice.{channel.reason}", ""))
    elif channel.failing_since is not None:
        notes.append(t("deliveries.failing_since", moment=moment_text(page, channel.failing_since)))
    name = "enable" if is_off else "test"
    may_act = deliveries.may_direct and bool(channel.kind)
    return {
        "id": channel.id,
        "title": channel.id,
        "badge": t("deliveries.off") if is_off else "",
        "note": " · ".join(filter(None, notes)),
        "picked": False,
        "actions": [{"name": name, "label": t(f"deliveries.{name}")}] if may_act else [],
    }
