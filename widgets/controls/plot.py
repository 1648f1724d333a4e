"""A chart with its finding as a heading, a table twin, and a picture to save."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets
from plotly.offline import get_plotlyjs

from herd_engine.presentation.charts import Chart, light_to_dark


class Plot(anywidget.AnyWidget):
    """A chart.

    The browser draws with plotly.js, which the page loads once: from its server, else from the kernel.
    Figures come in light colours; the browser replaces them where the page is dark.

    Parameters
    ----------
    traits
        ``name``, of files and for tests; ``kind``, what it shows; ``texts``: ``table``, ``picture``;
        ``asks_level``: whether a click chooses a level of the y axis.
    """

    _esm = Path(__file__).with_suffix(".js")
    name = traitlets.Unicode().tag(sync=True)
    kind = traitlets.Unicode().tag(sync=True)
    figure = traitlets.Dict().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)
    asks_level = traitlets.Bool(default_value=False).tag(sync=True)
    palette: ClassVar[dict[str, str]] = light_to_dark()

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._on_level: Callable[[float], None] = lambda _: None
        self.on_msg(self._hear)

    def hear_levels(self, on_level: Callable[[float], None]) -> None:
        """Let a click on the chart tell where on the y axis it was."""
        self._on_level, self.asks_level = on_level, True

    def show(self, chart: Chart) -> None:
        """Draw a chart and its table, in place of the one before."""
        content = chart.figure.to_plotly_json()
        with self.hold_sync():
            self.figure = {"data": content["data"], "layout": content["layout"], "palette": self.palette}
            self.table = asdict(chart.table)

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("type") == "plotly":
            self.send({"type": "plotly"}, buffers=[get_plotlyjs().encode()])
        elif content.get("type") == "level" and isinstance(content.get("level"), int | float):
            self._on_level(float(content["level"]))
