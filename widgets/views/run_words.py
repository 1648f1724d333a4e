"""What is said of a run in one line."""

from datetime import datetime

from herd_engine.model.scenario import PurchasePolicy
from herd_engine.storage.run_rows import RunRow
from widgets.page import Page
from widgets.view_models.run_names import RunNames, payload_of


def run_title(page: Page, names: RunNames, run: RunRow) -> str:
    """Return the name of a run's scenario, else what it assumes about purchases."""
    named = names.scenario(run)
    if named is not None:
        return named
    payload = payload_of(run)
    if payload["purchase_policy"] != PurchasePolicy.MANUAL:
        return page.texts.t(f"choice.purchase_policy.{payload['purchase_policy']}")
    heads = sum(purchase["count"] for purchase in payload["purchases"])
    if not heads:
        return page.texts.t("history.without_purchases")
    return page.texts.count("history.with_purchases", heads)


def run_settings(page: Page, run: RunRow) -> str:
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
