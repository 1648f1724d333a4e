"""The files of a finished forecast."""

from collections.abc import Callable

import ipywidgets
from psygnal import SignalInstance

from herd_engine.i18n.wording import wording
from herd_engine.presentation.shown_forecast import ShownForecast
from herd_engine.workbench.forecast_files import forecast_csv
from widgets.controls.download import Download
from widgets.page import Page
from widgets.view_models.exported import Exported
from widgets.views.common.markup import box

Shown = Callable[[], Exported | None]
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _csv(shown: ShownForecast, language: str, _: str) -> bytes:
    return forecast_csv(shown.forecast, excel=wording(language).has_decimal_comma, plain=True)


FORMATS: dict[str, tuple[str, Callable[[ShownForecast, str, str], bytes]]] = {
    "xlsx": (XLSX_TYPE, ShownForecast.workbook),
    "csv": ("text/csv", _csv),
    "html": ("text/html", lambda shown, language, _: shown.page(language)),
}
"""The type of each kind of file, and what makes it in a language for a farm."""


def exports(
    page: Page, changed: SignalInstance, exported: Callable[[], Exported | None]
) -> ipywidgets.Widget:
    """Return a button for each kind of file; there is none while there is nothing to export.

    Parameters
    ----------
    page : Page
    changed : SignalInstance
        Says when ``exported`` may be another.
    exported : callable
        What is shown.
    """
    buttons = [
        Download(on_wanted=_answer(page, exported, name), label=page.texts.t(f"export.{name}"))
        for name in FORMATS
    ]
    row = box(buttons, "herd-row")

    def draw() -> None:
        row.layout.display = None if exported() is not None else "none"

    page.draw_on(changed, draw)
    return row


def _answer(page: Page, exported: Shown, name: str) -> Callable[[Download], None]:
    media_type, write = FORMATS[name]

    def give(button: Download, shown: Exported) -> None:
        workbench, language = page.model.workbench, page.texts.language
        whole = ShownForecast(workbench=workbench, forecast=shown.forecast, herd_file=shown.herd_file)
        content = write(whole, language, workbench.farms.current().name)
        button.give(content, f"{shown.stem}.{name}", media_type)

    def answer(button: Download) -> None:
        shown = exported()
        if shown is not None:
            page.model.later(lambda: give(button, shown))

    return answer
