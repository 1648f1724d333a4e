"""A place to drop a file, or to choose one; the file comes in pieces, so that no message is too large."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

PIECE_BYTES = 2**20


class FileDrop(anywidget.AnyWidget):
    """A file chooser.

    Parameters
    ----------
    on_begin : callable
        Called with the name and the size in bytes; False refuses the file before anything of it is sent.
    on_piece : callable
        Called with the name and the next piece.
    traits
        ``texts``: ``choose``, ``hint``; ``accept``; ``state``, words about the file on its way.
    """

    _esm = Path(__file__).with_suffix(".js")
    texts = traitlets.Dict().tag(sync=True)
    accept = traitlets.Unicode(".csv,.xlsx,.parquet,.txt,.tsv").tag(sync=True)
    piece = traitlets.Int(PIECE_BYTES).tag(sync=True)
    state = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, on_begin: Callable[[str, int], bool], on_piece: Callable[[str, bytes], None], **traits: Any
    ) -> None:
        super().__init__(**traits)
        self._on_begin, self._on_piece = on_begin, on_piece
        self.on_msg(self._hear)

    def _hear(self, _: Any, content: dict[str, Any], buffers: list[Any]) -> None:
        if content.get("type") == "begin":
            if self._on_begin(str(content["name"]), int(content["size"])):
                self.send({"type": "next"})
        elif content.get("type") == "piece" and buffers:
            self._on_piece(str(content["name"]), bytes(buffers[0]))
            self.send({"type": "next"})
