"""The form's assumptions, kept as a preset under a name."""

import ipywidgets

from widgets.page import Page
from widgets.view_models.scenario_form import ScenarioForm
from widgets.views.markup import box


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

    name.observe(page.guarded(enable), "value")
    save.on_click(lambda _: page.guarded(keep)())
    return box([name, save], "herd-saving")
