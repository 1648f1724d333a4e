"""Messages, newest first; one of them looked at, and sent again on a wish."""

from typing import Any

import ipywidgets

from herd_engine.workbench.deliveries import DeliveryMessage
from widgets.controls.form import Form
from widgets.controls.items import Items
from widgets.page import Page
from widgets.view_models.deliveries import FarmDeliveries
from widgets.views.common.markup import box, html, tag
from widgets.views.common.run_words import moment_text

STATES = ("PENDING", "RETRYING", "SENT", "DEAD", "MUTED", "DISCARDED")
ENDED = ("SENT", "DEAD")
"""Only what was sent or given up can be sent again."""


def message_list(page: Page, deliveries: FarmDeliveries) -> ipywidgets.Widget:
    """Return the list with its filter and its pages."""
    t = page.texts.t
    items = Items(
        on_pick=page.guarded(lambda each, picked: deliveries.show(each) if picked else None),
        on_act=page.guarded(lambda _, each, __: deliveries.replay(each)),
        label=t("deliveries.messages"),
        pick="one",
        empty=t("deliveries.none"),
        texts=page.texts.part("items"),
    )
    older, newer = (ipywidgets.Button(description=t(f"deliveries.{name}")) for name in ("older", "newer"))
    older.on_click(lambda _: page.guarded(deliveries.older)())
    newer.on_click(lambda _: page.guarded(deliveries.newer)())
    pages = box([newer, older], "herd-row")

    def draw() -> None:
        items.items = [_item(page, deliveries, message) for message in deliveries.messages]
        pages.layout.display = None if deliveries.has_older or deliveries.has_newer else "none"
        older.disabled, newer.disabled = not deliveries.has_older, not deliveries.has_newer

    page.draw_on(deliveries.changed, draw)
    title = html(tag("h2", t("deliveries.messages")))
    return box([title, _filter(page, deliveries), _again(page, deliveries), items, pages], "herd-card")


def _filter(page: Page, deliveries: FarmDeliveries) -> ipywidgets.Widget:
    t = page.texts.t
    form = Form(on_change=page.guarded(lambda _, value: deliveries.wish(str(value or ""))))
    states = [["", t("deliveries.every_state")], *([each, t(f"deliveries.state.{each}")] for each in STATES)]
    form.fields = [
        {"path": "state", "kind": "choice", "label": t("deliveries.filter"), "help": "", "group": "",
         "choices": states}
    ]  # fmt: skip

    def draw() -> None:
        form.values = {"state": deliveries.state}

    page.draw_on(deliveries.changed, draw)
    return form


def _again(page: Page, deliveries: FarmDeliveries) -> ipywidgets.Widget:
    """Return the way to send all again that was given up; not seen where nothing was."""
    button, outcome = ipywidgets.Button(description=page.texts.t("deliveries.replay_dead")), html()
    button.on_click(lambda _: page.guarded(deliveries.replay_dead)())
    whole = box([button, outcome], "herd-row")

    def draw() -> None:
        n_dead = 0 if deliveries.stats is None else deliveries.stats.dead
        button.layout.display = None if n_dead and deliveries.may_direct else "none"
        n = deliveries.n_replayed
        said = "" if n is None else page.texts.count("deliveries.replayed", n)
        outcome.value = f'<div role="status">{tag("p", said)}</div>' if said else ""
        whole.layout.display = None if said or button.layout.display is None else "none"

    page.draw_on(deliveries.changed, draw)
    return whole


def _item(page: Page, deliveries: FarmDeliveries, message: DeliveryMessage) -> dict[str, Any]:
    t = page.texts.t
    can_again = message.state in ENDED and message.payload and deliveries.may_direct
    notes = [
        t("deliveries.to", channel=message.channel_id, moment=moment_text(page, message.created_at)),
        page.texts.count("deliveries.attempts", message.attempts) if message.attempts else "",
        t("deliveries.is_replay") if message.replay_of else "",
    ]
    return {
        "id": message.id,
        "title": message.subject(page.texts.language),
        "badge": t(f"deliveries.state.{message.state}"),
        "note": " · ".join(filter(None, notes)),
        "picked": message.id == deliveries.shown_id,
        "actions": [{"name": "replay", "label": t("deliveries.replay")}] if can_again else [],
    }
