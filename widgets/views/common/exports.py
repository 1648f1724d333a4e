"""The files of a finished forecast."""

from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets
from psygnal import SignalInstance

from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import Forecast
from herd_engine.presentation.page.html_page import forecast_html
from herd_engine.workbench.forecast_files import forecast_csv, forecast_xlsx
from widgets.controls.download import Download
from widgets.page import Page
from widgets.view_models.exported import Exported
from widgets.views.common.markup import box

Shown = Callable[[], Exported | None]
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFile:
    """What a file is made of, and for whom."""

    forecast: Forecast
    farm: str
    language: str
    fine_print: str


FORMATS: dict[str, tuple[str, Callable[[WantedFile], bytes]]] = {
    "xlsx": (
        XLSX_TYPE,
        lambda wanted: forecast_xlsx(
            wanted.forecast, language=wanted.language, farm=wanted.farm, fine_print=wanted.fine_print
        ),
    ),
    "csv": (
        "text/csv",
        lambda wanted: forecast_csv(
            wanted.forecast, excel=wording(wanted.language).has_decimal_comma, plain=True
        ),
    ),
    "html": (
        "text/html",
        lambda wanted: forecast_html(
            wanted.forecast, language=wanted.language, fine_print=wanted.fine_print
        ).encode(),
    ),
}


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
        wanted = WantedFile(
            forecast=shown.forecast,
            farm=workbench.farms.current().name,
            language=language,
            fine_print=workbench.fine_print(shown.herd_file(), shown.forecast, language),
        )
        button.give(write(wanted), f"{shown.stem}.{name}", media_type)

    def answer(button: Download) -> None:
        shown = exported()
        if shown is not None:
            page.model.later(lambda: give(button, shown))

    return answer
