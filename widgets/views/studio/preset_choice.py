"""Presets to start from, each with what it changes; older ones stand among the other assumptions."""

from typing import Any

from herd_engine.workbench.answers import PresetAnswer
from herd_engine.workbench.payloads import text_key
from widgets.page import Page
from widgets.view_models.scenario_form import ScenarioForm

LEGACY_PATH = "legacy_preset"


def preset_spec(page: Page, form: ScenarioForm, *, legacy: bool = False) -> dict[str, Any]:
    """Return the choice of presets as a field of a form."""
    t = page.texts.t
    rows = [[row.id, _words(page, row)] for row in form.presets if row.legacy is legacy]
    return {
        "path": LEGACY_PATH if legacy else "preset",
        "kind": "choice",
        "label": t("form.legacy_presets" if legacy else "form.presets"),
        "help": t("form.legacy_presets.help") if legacy else "",
        "group": t("form.advanced") if legacy else "",
        "choices": [["", t("form.choose_preset")], *rows],
    }


def _words(page: Page, row: PresetAnswer) -> str:
    if not row.built_in:
        return row.name
    name, about = (page.texts.t(f"{part}.{text_key(row.name)}") for part in ("preset", "preset_about"))
    return f"{name}: {about}"
