"""The form's assumptions, kept as a preset under a name."""

import ipywidgets

from widgets.page import Page
from widgets.view_models.scenario_form import ScenarioForm
from widgets.views.common.markup import box, html, tag


def preset_saving(page: Page, form: ScenarioForm) -> ipywidgets.Widget:
    """Return the name of a new preset and the button that saves it."""
    t = page.texts.t
    name = ipywidgets.Text(description=t("preset.name"), continuous_update=True)
    save = ipywidgets.Button(description=t("preset.save"), disabled=True)

    def enable(change: dict[str, str]) -> None:
        save.disabled = not change["new"].strip() or not form.is_valid

    def keep() -> None:
        form.save_preset(name.value)
        name.value = ""

    question = html()
    yes, no = (ipywidgets.Button(description="") for _ in range(2))
    yes.on_click(lambda _: page.guarded(form.rename_known)(renamed=True))
    no.on_click(lambda _: page.guarded(form.rename_known)(renamed=False))
    no.add_class("herd-plain")
    asked = box([question, yes, no], "herd-question")

    def draw() -> None:
        known = form.known_preset
        asked.layout.display = "none" if known is None else None
        if known is not None:
            question.value = tag("p", t("preset.known", name=known.name))
            yes.description = t("preset.rename", name=form.wished_name)
            no.description = t("preset.leave", name=known.name)

    page.draw_on(form.changed, draw)
    name.observe(page.guarded(enable), "value")
    save.on_click(lambda _: page.guarded(keep)())
    return box([box([name, save], "herd-saving"), asked])
