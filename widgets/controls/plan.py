"""The editor of a purchase plan: one row a delivery, what is wrong with a cell said at its row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets


class PurchasePlan(anywidget.AnyWidget):
    """Rows of ``date_in``, ``count`` and either ``days_pregnant`` or ``expected_calving_date``.

    Parameters
    ----------
    on_change : callable
        Called with all rows.
    traits
        ``rows``; ``problems`` by path, such as ``purchases.0.count``; ``texts``.
    """

    _esm = Path(__file__).with_suffix(".js")
    texts = traitlets.Dict().tag(sync=True)
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    problems = traitlets.Dict().tag(sync=True)

    def __init__(self, on_change: Callable[[list[dict[str, Any]]], None], **traits: Any) -> None:
        super().__init__(**traits)
        self._on_change = on_change
        self.on_msg(self._hear)

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("type") == "rows" and isinstance(content.get("rows"), list):
            self._on_change(content["rows"])
