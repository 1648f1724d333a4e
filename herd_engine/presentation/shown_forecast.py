"""A forecast and what is told of it, put together once for whoever shows it or writes it down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast
from herd_engine.presentation.page.html_page import forecast_html
from herd_engine.workbench import HerdFile, Workbench
from herd_engine.workbench.forecast_files import forecast_xlsx


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownForecast:
    """A forecast that is shown.

    Attributes
    ----------
    workbench : Workbench
    forecast : Forecast
    herd_file : callable
        Returns what it was made of; read when something asks for it.
    draws : Draws, optional
        Its first replicates.
    others : mapping of str to Forecast
        The same in other modes, by mode.
    """

    workbench: Workbench
    forecast: Forecast
    herd_file: Callable[[], HerdFile]
    draws: Draws | None = None
    others: Mapping[str, Forecast] = field(default_factory=dict)

    def check(self, language: str = ENGLISH) -> str:
        """Return how a long forecast agrees with the herd's past and its long run; else nothing."""
        return self.workbench.fine_print(self.herd_file(), self.forecast, language)

    def page(self, language: str) -> bytes:
        """Return it as one HTML page."""
        checked = self.check(language)
        page = forecast_html(self.forecast, self.draws, self.others, language=language, fine_print=checked)
        return page.encode()

    def workbook(self, language: str, farm: str) -> bytes:
        """Return it as a workbook."""
        return forecast_xlsx(self.forecast, language=language, farm=farm, fine_print=self.check(language))
