"""The frame of a page: header, navigation, the banner of a lost connection; it also keeps the address."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets


class Shell(anywidget.AnyWidget):
    """Header and navigation.

    Parameters
    ----------
    on_language : callable
        Called with the language that the visitor chose.
    on_shown : callable
        Called when a browser has drawn the frame; it then has all other widgets of the page too.
    traits
        ``texts``; ``apps`` as a list of ``{"name", "label", "icon"}``; ``app``, the current one; ``title``
        of the document; ``query``, what the address says; ``farms``; ``farm``; ``report_date`` as ISO text
        and in words.
    """

    _esm = Path(__file__).with_suffix(".js")
    texts = traitlets.Dict().tag(sync=True)
    apps: traitlets.List[Any] = traitlets.List().tag(sync=True)
    app = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    query = traitlets.Dict().tag(sync=True)
    languages = traitlets.Dict().tag(sync=True)
    language = traitlets.Unicode().tag(sync=True)
    farms: traitlets.List[Any] = traitlets.List().tag(sync=True)
    farm = traitlets.Unicode().tag(sync=True)
    report_date = traitlets.Unicode().tag(sync=True)
    report_words = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, on_language: Callable[[str], None], on_shown: Callable[[], None], **traits: Any
    ) -> None:
        super().__init__(**traits)
        self._on_language, self._on_shown = on_language, on_shown
        self.on_msg(self._hear)

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("type") == "ping":
            self.send({"type": "pong"})
        elif content.get("type") == "shown":
            self._on_shown()
        elif content.get("type") == "language":
            self._on_language(str(content.get("language")))
