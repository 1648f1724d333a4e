"""A button whose file is made when it is asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets


class Download(anywidget.AnyWidget):
    """A download button.

    Parameters
    ----------
    on_wanted : callable
        Called when the button is pressed; it answers, now or later, with ``give``.
    traits
        ``label``; ``disabled``.
    """

    _esm = Path(__file__).with_suffix(".js")
    label = traitlets.Unicode().tag(sync=True)
    disabled = traitlets.Bool().tag(sync=True)

    def __init__(self, on_wanted: Callable[["Download"], None], **traits: Any) -> None:
        super().__init__(**traits)
        self._on_wanted = on_wanted
        self.on_msg(self._hear)

    def give(self, data: bytes, name: str, media_type: str) -> None:
        """Send the file to the browser, which saves it."""
        self.send({"type": "file", "name": name, "media_type": media_type}, buffers=[data])

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("type") == "wanted":
            self._on_wanted(self)
