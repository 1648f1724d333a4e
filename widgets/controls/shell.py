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
    on_seen : callable
        Called every few seconds while somebody looks at the page.
    on_left : callable
        Called with what the address of a plan said that the visitor left without keeping it.
    traits
        ``texts``; ``apps`` as a list of ``{"name", "label", "icon"}``; ``app``, the current one; ``title``
        of the document; ``query``, what the address says; ``unkept``, the same of a plan that is not kept,
        for the browser to remember; ``farms``; ``farm``; ``report_date`` as ISO text
        and in words; ``bell``: ``count`` of alerts and their ``label``, or empty; ``service``: its
        ``state`` and ``label``, or empty.
    """

    _esm = Path(__file__).with_suffix(".js")
    texts = traitlets.Dict().tag(sync=True)
    apps: traitlets.List[Any] = traitlets.List().tag(sync=True)
    app = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    query = traitlets.Dict().tag(sync=True)
    unkept = traitlets.Dict().tag(sync=True)
    languages = traitlets.Dict().tag(sync=True)
    language = traitlets.Unicode().tag(sync=True)
    farms: traitlets.List[Any] = traitlets.List().tag(sync=True)
    farm = traitlets.Unicode().tag(sync=True)
    report_date = traitlets.Unicode().tag(sync=True)
    report_words = traitlets.Unicode().tag(sync=True)
    bell = traitlets.Dict().tag(sync=True)
    service = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        on_language: Callable[[str], None],
        on_shown: Callable[[], None],
        on_seen: Callable[[], None],
        on_left: Callable[[dict[str, str]], None],
        **traits: Any,
    ) -> None:
        super().__init__(**traits)
        self._on_language, self._on_shown = on_language, on_shown
        self._on_seen, self._on_left = on_seen, on_left
        self.on_msg(self._hear)

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("type") == "ping":
            self.send({"type": "pong"})
            self._on_seen()
        elif content.get("type") == "shown":
            self._on_shown()
        elif content.get("type") == "language":
            self._on_language(str(content.get("language")))
        elif content.get("type") == "left" and isinstance(content.get("query"), dict):
            self._on_left({str(name): str(value) for name, value in content["query"].items()})

    def forget(self) -> None:
        """Let the browser forget the plan that was not kept."""
        self.send({"type": "forget"})

    def go_to_farm(self, farm: str) -> None:
        """Let the browser open this app for another farm."""
        self.send({"type": "farm", "farm": farm})
