"""The files of a finished forecast."""

from collections.abc import Callable

import ipywidgets

from herd_engine.figures.wording import Language
from herd_engine.model.forecast import Forecast
from herd_engine.runs.exports.csv_file import forecast_csv
from herd_engine.runs.exports.html_page import forecast_html
from herd_engine.runs.exports.xlsx_file import forecast_xlsx
from widgets.controls.download import Download
from widgets.page import Page
from widgets.view_models.run_panel import RunPanel
from widgets.views.markup import box

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FinePrint = Callable[[Language], str]
Writer = Callable[[Forecast, Language, FinePrint], bytes]
FORMATS: dict[str, tuple[str, Writer]] = {
    "xlsx": (
        XLSX_TYPE,
        lambda forecast, _, fine_print: forecast_xlsx(forecast, fine_print(Language.ENGLISH)),
    ),
    "csv": (
        "text/csv",
        lambda forecast, language, _: forecast_csv(forecast, excel=language is Language.RUSSIAN),
    ),
    "html": (
        "text/html",
        lambda forecast, language, fine_print: forecast_html(
            forecast, language=language, fine_print=fine_print(language)
        ).encode(),
    ),
}


def exports(page: Page, panel: RunPanel) -> ipywidgets.Widget:
    """Return a button for each kind of file; there is a file once the run has succeeded."""
    buttons = [
        Download(on_wanted=_answer(page, panel, name), label=page.texts.t(f"export.{name}"))
        for name in FORMATS
    ]
    row = box(buttons, "herd-row")

    def draw() -> None:
        row.layout.display = None if panel.forecast is not None else "none"

    page.draw_on(panel.changed, draw)
    return row


def _answer(page: Page, panel: RunPanel, name: str) -> Callable[[Download], None]:
    media_type, write = FORMATS[name]

    def give(button: Download, forecast: Forecast, run_id: str) -> None:
        workbench = page.model.workbench

        def fine_print(language: Language) -> str:
            return workbench.fine_print(workbench.kept.herd_file(run_id), forecast, language)

        file_name = f"forecast-{forecast.meta.report_date}-{run_id[:8]}.{name}"
        button.give(write(forecast, page.texts.language, fine_print), file_name, media_type)

    def answer(button: Download) -> None:
        forecast, run = panel.forecast, panel.run
        if forecast is not None and run is not None:
            page.model.later(lambda: give(button, forecast, run.id))

    return answer
