"""The purchase plan of a scenario."""

import ipywidgets

from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.scenario import PurchasePolicy
from widgets.controls.plan import PurchasePlan
from widgets.page import Page
from widgets.view_models.studio import Studio

MONTHS_TO_FIRST = 3
"""A purchase that is added arrives so many month starts after the report date, until somebody says when."""


def purchases(page: Page, studio: Studio) -> ipywidgets.Widget:
    """Return the plan's editor; it is there with the manual policy only."""
    form, texts = studio.form, page.texts.part("plan")
    plan = PurchasePlan(on_change=page.guarded(form.set_purchases))

    def draw() -> None:
        is_manual = form.value("purchase_policy") == PurchasePolicy.MANUAL
        plan.layout.display = None if is_manual else "none"
        row = studio.data.row
        first = month_starts(row.report_date, MONTHS_TO_FIRST)[-1].isoformat() if row else ""
        plan.texts = texts | {"first_date": first}
        plan.rows = form.payload["purchases"]
        plan.problems = {
            path: page.texts.t(problem.key, **problem.params)
            for path, problem in form.problems.items()
            if path.startswith("purchases")
        }

    page.draw_on(form.changed, draw)
    return plan
