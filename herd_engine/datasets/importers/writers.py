"""The forms in which a sample farm can be written: `herd sample --as`."""

from collections.abc import Callable
from dataclasses import dataclass

from herd_engine.datasets.importers.ade_writing import write_ade
from herd_engine.datasets.importers.dc305_writing import write_events, write_items
from herd_engine.datasets.importers.delpro_writing import write_delpro
from herd_engine.datasets.importers.lely_writing import write_lely
from herd_engine.datasets.importers.russian_writing import write_1c, write_selex
from herd_engine.datasets.importers.written import Files
from herd_engine.sample.make import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """How a sample farm is written.

    Attributes
    ----------
    write : callable
    has_events : bool
        Whether it tells the animals' past.
    """

    write: Callable[[Sample], Files]
    has_events: bool


FORMS = {
    "own": FileForm(write=lambda sample: {"herd.csv": sample.csv}, has_events=False),
    "dc305": FileForm(write=write_items, has_events=False),
    "dc305-events": FileForm(write=write_events, has_events=True),
    "lely": FileForm(write=write_lely, has_events=True),
    "delpro": FileForm(write=write_delpro, has_events=True),
    "ade": FileForm(write=write_ade, has_events=True),
    "selex": FileForm(write=write_selex, has_events=False),
    "1c": FileForm(write=write_1c, has_events=False),
}
"""By the key of the importer that reads it; ``own`` is the farm software's format."""
