"""A forecast as its files are made of it."""

from collections.abc import Callable
from dataclasses import dataclass

from herd_engine.model.forecast import Forecast
from herd_engine.workbench import HerdFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What files are made of.

    Attributes
    ----------
    forecast : Forecast
    herd_file : callable
        Returns what it was made of.
    stem : str
        Of the names of the files.
    """

    forecast: Forecast
    herd_file: Callable[[], HerdFile]
    stem: str
