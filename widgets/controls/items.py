"""A list whose items can be picked, found, and acted on; every question is asked in its place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets


class Items(anywidget.AnyWidget):
    """A list.

    Parameters
    ----------
    on_pick : callable
        Called with the id of an item and whether it is picked now.
    on_act : callable
        Called with the name of an action, the id of its item, and what was typed, if the action asks.
    on_search : callable
        Called with the text that was typed.
    traits
        ``label`` of the list; ``pick``: ``many``, ``one`` or empty; ``items`` in order, each an object of
        ``id``, ``title``, ``note``, ``badge``, ``picked`` and ``actions``; an action has ``name``,
        ``label``, and at most one of ``asks`` (a value to change, with a ``hint`` where it is empty),
        ``confirm`` (a question) and ``reason`` (why it cannot be done); ``empty``, shown where there
        is no item; ``texts``: ``search`` (empty: no search), ``save``, ``yes``, ``no``.
    """

    _esm = Path(__file__).with_suffix(".js")
    label = traitlets.Unicode().tag(sync=True)
    pick = traitlets.Unicode().tag(sync=True)
    items: traitlets.List[Any] = traitlets.List().tag(sync=True)
    empty = traitlets.Unicode().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        on_pick: Callable[[str, bool], None] = lambda _, __: None,
        on_act: Callable[[str, str, str], None] = lambda _, __, ___: None,
        on_search: Callable[[str], None] = lambda _: None,
        **traits: Any,
    ) -> None:
        super().__init__(**traits)
        self._on_pick, self._on_act, self._on_search = on_pick, on_act, on_search
        self.on_msg(self._hear)

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"type": "pick", "id": str(item), "picked": bool(picked)}:
                self._on_pick(item, picked)
            case {"type": "act", "name": str(name), "id": str(item), "value": str(value)}:
                self._on_act(name, item, value)
            case {"type": "search", "text": str(text)}:
                self._on_search(text)
