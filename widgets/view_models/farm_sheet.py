"""What a farm says about itself, to be looked at and changed."""

from typing import Any

from psygnal import Signal

from herd_engine.workbench.answers import FarmSheetVersion
from widgets.view_models.page_model import PageModel

NUMBERS = ("cow_places", "head_places", "waiting_days")
TEXTS = ("breed", "currency", "price_set", "milk_curve", "semen_policy")


class FarmSheetForm:
    """The sheet of the farm whose page this is.

    Attributes
    ----------
    values : dict of str to int or str
        What is in the fields, by name; kept only by ``save``.
    version : FarmSheetVersion or None
        The newest one; None where nothing was said.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self._farms = page.workbench.farms
        self.values: dict[str, Any] = {}
        self.version: FarmSheetVersion | None = None

    def refresh(self) -> None:
        """Read the sheet again; what was not kept is gone."""
        name = self._farms.current().name
        self.version = next(iter(self._farms.sheet_versions(name)), None)
        self.values = self._farms.sheet(name).document()
        self.changed.emit()

    def choose(self, name: str, value: Any) -> None:
        """Take what was typed into a field; empty: it is no longer said."""
        self.values[name] = value if value not in ("", None) else None

    def save(self) -> None:
        """Keep what is in the fields as another version; ParameterError for what a sheet cannot say."""
        self._farms.change_sheet(self._farms.current().name, self.values)
        self.refresh()
