"""What compared scenarios differ in, whether they share their luck, and the files to take along."""

from collections.abc import Callable
from datetime import date
from html import escape
from typing import Any

import ipywidgets

from herd_engine.i18n.wording import wording
from herd_engine.model.comparison import ComparedRun
from herd_engine.model.forecast import Metric
from herd_engine.workbench.forecast_files import comparison_csv, comparison_xlsx
from widgets.controls.download import Download
from widgets.page import Page
from widgets.view_models.compare import Compare, Compared, Setting
from widgets.views.common.exports import XLSX_TYPE
from widgets.views.common.markup import box, html, table_markup, tag
from widgets.views.common.scenario_names import scenario_names, setting_value


def compare_settings(page: Page, compare: Compare) -> ipywidgets.Widget:
    """Return the table of what the scenarios differ in, and what their luck has in common."""
    content = html()
    card = box([content], "herd-card")

    def draw() -> None:
        compared = compare.compared
        card.layout.display = "none" if compared is None else None
        if compared is not None:
            names = scenario_names(page, compare.names, compared.runs)
            content.value = _settings(page, compare, compared, names) + _luck(page, compared, names)

    page.draw_on(compare.changed, draw)
    return card


def luck_note(page: Page, compared: Compared) -> str:
    """Return in one sentence whether the runs share their luck."""
    paired = [run.is_paired for run in compared.comparison.runs]
    key = "compare.luck_all" if all(paired) else "compare.luck_some" if any(paired) else "compare.luck_none"
    return page.texts.t(key)


def _settings(page: Page, compare: Compare, compared: Compared, names: dict[str, str]) -> str:
    t = page.texts.t
    title = t("compare.settings")
    files = tuple(compare.names.dataset(run).name for run in compared.runs.values())
    rows = [_setting_row(page, item) for item in compared.settings]
    if len({run.dataset_id for run in compared.runs.values()}) > 1:
        rows.insert(0, (t("data.title"), *files))
    if not rows:
        return tag("h2", title) + tag("p", t("compare.no_settings"), "herd-note")
    columns = ("", *(names[run_id] for run_id in compared.runs))
    return tag("h2", title) + table_markup(columns, rows, title)


def _setting_row(page: Page, setting: Setting) -> tuple[str, ...]:
    t, path = page.texts.t, setting.path
    label = t("plan.title") if path == "purchases" else t(f"field.{path}")
    if path == "purchases":
        return (label, *(_plan(page, value) for value in setting.values))
    return (label, *(setting_value(page, path, value) for value in setting.values))


def _plan(page: Page, purchases: list[dict[str, Any]]) -> str:
    """Return a purchase plan in words."""
    day = page.texts.words.day
    return "; ".join(
        page.texts.t(
            "compare.purchase", count=str(item["count"]), day=day(date.fromisoformat(item["date_in"]))
        )
        for item in purchases
    ) or page.texts.t("compare.bought_none")


def _luck(page: Page, compared: Compared, names: dict[str, str]) -> str:
    t = page.texts.t
    lines = "".join(
        f"<li>{escape(_luck_of(page, compared, run, names))}</li>" for run in compared.comparison.runs
    )
    return (
        tag("h2", t("compare.luck"), "herd-later")
        + tag("p", luck_note(page, compared))
        + f"<ul>{lines}</ul>"
        + tag("p", t("compare.luck_why"), "herd-note")
    )


def _luck_of(page: Page, compared: Compared, run: ComparedRun, names: dict[str, str]) -> str:
    t, name = page.texts.t, names[run.key]
    if not run.is_paired:
        reasons = ", ".join(t(f"compare.apart_{reason}") for reason in compared.luck_apart(run.key))
        return t("compare.unpaired", name=name, reasons=reasons)
    gain = float(run.differences[Metric.MILKING_COUNT].variance_reduction[-1])
    futures = page.texts.words.number(run.n_replicates)
    if not gain > 1:  # nan where the difference never varies
        return t("compare.paired", name=name, futures=futures)
    return t("compare.paired_gain", name=name, futures=futures, gain=page.texts.words.number(gain))


Writer = Callable[[Compared, dict[str, str], str], bytes]
FORMATS: dict[str, tuple[str, Writer]] = {
    "xlsx": (
        XLSX_TYPE,
        lambda compared, names, language: comparison_xlsx(compared.comparison, names, language=language),
    ),
    "csv": (
        "text/csv",
        lambda compared, names, language: comparison_csv(
            compared.comparison, names, excel=wording(language).has_decimal_comma
        ),
    ),
}


def compare_files(page: Page, compare: Compare) -> ipywidgets.Widget:
    """Return a button for each kind of file of the differences."""
    row = box(
        [
            Download(on_wanted=_answer(page, compare, name), label=page.texts.t(f"export.{name}"))
            for name in FORMATS
        ],
        "herd-row",
    )

    def draw() -> None:
        row.layout.display = "none" if compare.compared is None else None

    page.draw_on(compare.changed, draw)
    return row


def _answer(page: Page, compare: Compare, name: str) -> Callable[[Download], None]:
    media_type, write = FORMATS[name]

    def answer(button: Download) -> None:
        compared = compare.compared
        if compared is not None:
            names = scenario_names(page, compare.names, compared.runs)
            file_name = f"comparison-{compared.comparison.base[:8]}.{name}"
            page.model.later(
                lambda: button.give(write(compared, names, page.texts.language), file_name, media_type)
            )

    return answer
