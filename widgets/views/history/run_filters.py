"""Which runs the history shows: by what is written, state, day, and whether they are pinned."""

from dataclasses import replace
from datetime import date
from typing import Any

import ipywidgets

from herd_engine.model.run_status import RunStatus
from widgets.controls.form import Form
from widgets.page import Page
from widgets.view_models.history import PastRuns, Wishes
from widgets.views.common.markup import box

KINDS = {"text": "text", "status": "choice", "first": "date", "last": "date", "pinned": "choice"}


def run_filters(page: Page, history: PastRuns) -> ipywidgets.Widget:
    """Return the fields."""

    def wish(name: str, value: Any) -> None:
        history.wish(changed(history.wishes, name, value))

    form = Form(on_change=page.guarded(wish))
    form.fields = [_spec(page, name) for name in KINDS]

    def draw() -> None:
        wishes = history.wishes
        form.values = {
            "text": wishes.text,
            "status": wishes.status or "",
            "first": "" if wishes.first is None else wishes.first.isoformat(),
            "last": "" if wishes.last is None else wishes.last.isoformat(),
            "pinned": "pinned" if wishes.pinned else "",
        }

    page.draw_on(history.changed, draw)
    return box([form], "herd-filters")


def changed(wishes: Wishes, name: str, value: Any) -> Wishes:
    """Return the wishes with one field as the browser says it; what is no day or state is no wish."""
    text = str(value or "")
    match name:
        case "text":
            return replace(wishes, text=text)
        case "status":
            return replace(wishes, status=RunStatus(text) if text in tuple(RunStatus) else None)
        case "pinned":
            return replace(wishes, pinned=bool(text))
        case "first":
            return replace(wishes, first=_day(text))
        case _:
            return replace(wishes, last=_day(text))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # while a date is being typed
        return None


def _spec(page: Page, name: str) -> dict[str, Any]:
    t = page.texts.t
    statuses = [[status.value, t(f"history.status.{status}")] for status in RunStatus]
    choices = {
        "status": [["", t("history.every_status")], *statuses],
        "pinned": [["", t("history.pinned_or_not")], ["pinned", t("history.only_pinned")]],
    }
    return {
        "path": name,
        "kind": KINDS[name],
        "label": t(f"history.filter_{name}"),
        "help": "",
        "group": "",
        "choices": choices.get(name, []),
    }
