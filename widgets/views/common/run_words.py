"""What is said of a run in one line."""

from datetime import datetime

from herd_engine.workbench.answers import Run
from widgets.page import Page
from widgets.view_models.run_names import payload_of


def run_settings(page: Page, run: Run) -> str:
    """Return how far a run looks ahead, and with how many simulated futures."""
    return page.texts.t(
        "history.settings",
        months=page.texts.count("history.months", payload_of(run)["horizon_months"]),
        runs=page.texts.count("runs", run.runs_total),
    )


def moment_text(page: Page, moment: datetime | None) -> str:
    """Return a moment of this machine's clock, to the minute."""
    if moment is None:
        return ""
    local = moment.astimezone()
    return page.texts.t("history.moment", day=page.texts.words.day(local.date()), time=f"{local:%H:%M}")
