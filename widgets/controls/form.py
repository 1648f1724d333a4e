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
    on_settle : callable, optional
        Called in its place with a number when the visitor has finished typing.
    traits
        ``fields`` in order, each an object of ``path``, ``kind`` (``number``, ``choice``, ``text``,
        ``date``, ``switch``), ``label``, ``unit``, ``help``, ``source``, ``low``, ``high``, ``step``,
        ``slider`` (two numbers or null), ``quick`` (pairs of value and label), ``optional``,
        ``choices`` (pairs of value and label), ``group`` (empty: always open); ``values``, ``problems``
        and ``notes`` by path; ``hidden`` paths; ``texts`` with the names of the groups.
    """

    _esm = Path(__file__).with_suffix(".js")
    fields: traitlets.List[Any] = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    problems = traitlets.Dict().tag(sync=True)
    notes = traitlets.Dict().tag(sync=True)
    hidden: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(
        self,
        on_change: Callable[[str, Any], None],
        on_settle: Callable[[str, Any], None] = lambda _, __: None,
        **traits: Any,
    ) -> None:
        super().__init__(**traits)
        self._on_change, self._on_settle = on_change, on_settle
        self.on_msg(self._hear)

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("type") == "change":
            self._on_change(str(content["path"]), content.get("value"))
        elif content.get("type") == "settle":
            self._on_settle(str(content["path"]), content.get("value"))
