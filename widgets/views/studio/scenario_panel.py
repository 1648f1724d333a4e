"""The scenario as a form beside the picture, with presets, undo and the one button that starts a forecast."""

from typing import Any

import ipywidgets

from herd_engine.model.farm_calendar import month_starts
from widgets.controls.form import Form
from widgets.page import Page
from widgets.view_models.form_fields import FACTORS, SHARES, FormField
from widgets.view_models.scenario_form import FieldProblem
from widgets.view_models.studio import Studio
from widgets.views.common.heading import side_anchor
from widgets.views.common.markup import box, html, tag
from widgets.views.common.scenario_names import plan_title
from widgets.views.studio.glance import glance
from widgets.views.studio.preset_choice import LEGACY_PATH, preset_spec
from widgets.views.studio.preset_saving import preset_saving
from widgets.views.studio.purchases import purchases

UNITS = {"horizon_months": "months", "mc_runs": "", "confidence_central": "share", "seed": ""}
COARSE_STEPS = {"mc_runs": 100}


def scenario_panel(page: Page, studio: Studio) -> ipywidgets.Widget:
    """Return the side panel."""
    t, form = page.texts.t, studio.form

    def change(path: str, value: Any) -> None:
        if path != LEGACY_PATH:
            form.set(path, value)
        elif value:
            form.apply(value)

    fields = Form(on_change=page.guarded(change), on_settle=page.guarded(form.settle))
    presets = Form(on_change=page.guarded(lambda _, value: form.apply(value) if value else None))
    undo, reset, start = (
        ipywidgets.Button(description=t(f"form.{name}")) for name in ("undo", "reset", "start")
    )
    undo.on_click(lambda _: page.guarded(form.undo)())
    reset.on_click(lambda _: page.guarded(form.reset)())
    name = ipywidgets.Text(description=t("form.name"), continuous_update=True)

    def keep() -> None:
        studio.start(name.value)
        name.value = ""

    start.on_click(lambda _: page.guarded(keep)())
    start.add_class("herd-primary")
    for plain in (undo, reset):
        plain.add_class("herd-plain")
    panel = box(
        [
            side_anchor(),
            glance(page, studio),
            html(tag("h2", t("form.title"))),
            presets,
            fields,
            purchases(page, studio),
            preset_saving(page, form),
            box([box([name], "herd-saving"), undo, reset, start], "herd-start"),
        ],
        "herd-card",
        "herd-side",
    )

    def draw() -> None:
        panel.layout.display = "none" if studio.data.row is None else None
        with fields.hold_sync():
            older = preset_spec(page, form, legacy=True)
            fields.fields = [*(_spec(page, studio, item) for item in form.fields), older]
            fields.values = {item.path: form.value(item.path) for item in form.fields} | {LEGACY_PATH: ""}
            fields.problems = {path: problem_text(page, problem) for path, problem in form.problems.items()}
            fields.notes = {path: problem_text(page, note) for path, note in form.bounded.items()}
            fields.hidden = form.hidden
        presets.fields = [preset_spec(page, form)]
        undo.disabled = not form.can_undo
        name.placeholder = plan_title(page, studio.plan)
        start.disabled = not form.is_valid or studio.run_panel.is_active

    page.draw_on(form.changed, draw)
    page.draw_on(studio.run_panel.changed, draw)
    page.draw_on(studio.shown, draw)
    return panel


def problem_text(page: Page, problem: FieldProblem) -> str:
    """Return what is wrong with a field."""
    number = page.texts.words.number
    written = {
        name: number(value, 0 if value == int(value) else 2) if isinstance(value, int | float) else str(value)
        for name, value in problem.params.items()
    }
    return page.texts.t(problem.key, **written)


def _spec(page: Page, studio: Studio, item: FormField) -> dict[str, Any]:
    t = page.texts.t
    return {
        "path": item.path,
        "kind": "choice" if item.kind == "month" else item.kind,
        "label": t(f"field.{item.path}"),
        "help": t(f"field.{item.path}.help"),
        "unit": t(f"unit.{_unit(item)}") if item.kind == "number" and _unit(item) else "",
        "source": _source(page, studio, item),
        "step": item.step,
        "slide": COARSE_STEPS.get(item.path, item.step),
        "slider": item.slider,
        "quick": [[value, page.texts.words.number(value)] for value in item.quick],
        "choices": _choices(page, studio, item),
        "group": "" if item.is_basic else t("form.advanced"),
    }


def _source(page: Page, studio: Studio, item: FormField) -> str:
    """Return what the herd's own file says about a field."""
    fact = studio.sources.get(item.path)
    if fact is None:
        return ""
    number = page.texts.words.number
    return page.texts.t(fact.key, **{name: number(value) for name, value in fact.params.items()})


def _unit(item: FormField) -> str:
    if item.path in SHARES:
        return "share"
    if item.path in FACTORS:
        return "times"
    return UNITS.get(item.path, "days")


def _choices(page: Page, studio: Studio, item: FormField) -> list[list[str]]:
    t = page.texts.t
    if item.kind == "month" and studio.data.row is not None:
        months = studio.form.value("horizon_months")
        known = months if isinstance(months, int) and 1 <= months <= 120 else 0
        starts = month_starts(studio.data.row.report_date, known) if known else ()
        days = [[day.isoformat(), page.texts.words.day(day)] for day in starts]
        return [["", t("form.no_month")], *days]
    return [[choice, t(f"choice.{item.path}.{choice}")] for choice in item.choices]
