"""What the farm aims at: by these its animals are early, late or overdue."""

from dataclasses import fields
from typing import Any

import ipywidgets

from herd_engine.model.targets import FarmTargets
from widgets.controls.form import Form
from widgets.page import Page
from widgets.view_models.work import FarmWork
from widgets.views.common.markup import box, html, tag


def target_form(page: Page, work: FarmWork) -> ipywidgets.Widget:
    """Return a field for each target; what is not set is the farm's own habit, or what is usual."""
    t = page.texts.t
    form = Form(on_change=page.guarded(work.aim_at))
    keep = ipywidgets.Button(description=t("todo.keep_targets"))
    keep.on_click(lambda _: page.guarded(work.keep_targets)())

    def draw() -> None:
        now = FarmTargets() if work.findings is None else work.findings.targets
        form.fields = [_field(page, item, getattr(now, item.name)) for item in fields(FarmTargets)]
        form.values = {name: "" if value is None else value for name, value in work.aims.items()}
        keep.disabled = not work.may_aim

    page.draw_on(work.changed, draw)
    title = tag("h2", t("todo.targets")) + tag("p", t("todo.targets_note"), "herd-note")
    return box([html(title), form, box([keep], "herd-row")], "herd-card", "herd-targets")


def _field(page: Page, item: Any, now: float | None) -> dict[str, Any]:
    t, low, high = page.texts.t, item.metadata["low"], item.metadata["high"]
    said = "" if now is None else t("todo.target_now", value=_number(page, now))
    return {
        "path": item.name, "kind": "number", "label": t(f"target.{item.name}"), "help": said,
        "group": t("todo.set_targets"), "optional": True, "low": low, "high": high,
        "step": 0.01 if high <= 1 else 1,
    }  # fmt: skip


def _number(page: Page, value: float) -> str:
    return page.texts.words.number(value, 0 if value == int(value) else 2)
