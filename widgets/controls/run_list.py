"""A list of runs: each can be chosen, pinned, and looked at closely; rows change in place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets


class RunList(anywidget.AnyWidget):
    """A table of runs.

    Parameters
    ----------
    on_choose : callable
        Called with a list of ids, and whether they are chosen now.
    on_pin : callable
        Called with an id, and whether it is pinned now.
    on_show : callable
        Called with the id of the run to look at.
    traits
        ``rows``, each an object of ``id``, ``title``, ``file``, ``settings``, ``owner``, ``status`` (its
        name), ``state`` (in words), ``percent`` (of a running one, else null), ``moment``, ``pinned``,
        ``chosen``, ``shown``; ``texts``.
    """

    _esm = Path(__file__).with_suffix(".js")
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        on_choose: Callable[[list[str], bool], None],
        on_pin: Callable[[str, bool], None],
        on_show: Callable[[str], None],
        **traits: Any,
    ) -> None:
        super().__init__(**traits)
        self._on_choose, self._on_pin, self._on_show = on_choose, on_pin, on_show
        self.on_msg(self._hear)

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"type": "choose", "ids": [*ids], "chosen": bool(chosen)}:
                self._on_choose([str(run_id) for run_id in ids], chosen)
            case {"type": "pin", "id": str(run_id), "pinned": bool(pinned)}:
                self._on_pin(run_id, pinned)
            case {"type": "show", "id": str(run_id)}:
                self._on_show(run_id)
