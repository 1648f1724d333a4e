"""The farm's sheet: places, breed, zone, currency, waiting period, semen."""

from typing import Any
from zoneinfo import available_timezones

import ipywidgets

from widgets.controls.form import Form
from widgets.page import Page
from widgets.view_models.farm_sheet import NUMBERS, TEXTS, FarmSheetForm
from widgets.views.common.markup import box, html, tag


def farm_sheet(page: Page, sheet: FarmSheetForm) -> ipywidgets.Widget:
    """Return the card: a field for each thing that can be said, and the way to keep it."""
    t = page.texts.t
    form = Form(on_change=page.guarded(sheet.choose))
    form.fields = [*(_field(page, name, "number") for name in NUMBERS),
                   *(_field(page, name, "text") for name in TEXTS), _zone(page)]  # fmt: skip
    said = html()
    save = ipywidgets.Button(description=t("farm_sheet.save"))
    save.add_class("herd-keep-sheet")
    save.on_click(lambda _: page.guarded(sheet.save)())

    def draw() -> None:
        form.values = {field["path"]: sheet.values.get(field["path"]) or "" for field in form.fields}
        version = sheet.version
        words = t("farm_sheet.version", version=version.version, owner=version.owner) if version else ""
        said.value = tag("p", words, "herd-note")

    page.draw_on(sheet.changed, draw)
    title = html(tag("h2", t("farm_sheet.title")) + tag("p", t("farm_sheet.note"), "herd-note"))
    return box([title, form, box([save, said], "herd-saving")], "herd-card")


def _field(page: Page, name: str, kind: str, **more: Any) -> dict[str, Any]:
    label = page.texts.t(f"farm_sheet.{name}")
    return {"path": name, "kind": kind, "label": label, "help": "", "group": "", "optional": True, **more}


def _zone(page: Page) -> dict[str, Any]:
    unsaid = ["", page.texts.t("farm_sheet.unsaid")]
    choices = [unsaid, *([zone, zone] for zone in sorted(available_timezones()))]
    return _field(page, "time_zone", "choice", choices=choices)
