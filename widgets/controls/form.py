"""A form: labelled fields with their unit, what they do, and what is wrong with them, at the field."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets


class Form(anywidget.AnyWidget):
    """Fields.

    Parameters
    ----------
    on_change : callable
        Called with the path of a field and its new value.
    traits
        ``fields`` in order, each an object of ``path``, ``kind`` (``number``, ``choice``, ``text``,
        ``date``, ``switch``), ``label``, ``unit``, ``help``, ``source``, ``low``, ``high``, ``step``,
        ``slider`` (two numbers or null), ``optional``, ``choices`` (pairs of value and label), ``group``
        (empty: always open); ``values`` and ``problems`` by path; ``hidden`` paths; ``texts`` with the
        names of the groups.
    """

    _esm = Path(__file__).with_suffix(".js")
    fields: traitlets.List[Any] = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    problems = traitlets.Dict().tag(sync=True)
    hidden: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, on_change: Callable[[str, Any], None], **traits: Any) -> None:
        super().__init__(**traits)
        self._on_change = on_change
        self.on_msg(self._hear)

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("type") == "change":
            self._on_change(str(content["path"]), content.get("value"))
