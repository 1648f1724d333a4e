"""What the writers share: a sample farm's cells as texts, and lines of delimited text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.animals import NO_DAY
from herd_engine.model.events import AnimalEvents
from herd_engine.sample.make import Sample
from herd_engine.sample.snapshot import Rows

Files = dict[str, bytes]
"""Name → content; a form of one file has one."""
Texts = list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """A sample farm, ready to be written in some program's way of writing dates.

    Attributes
    ----------
    sample : Sample
    form : str
        Of dates, as ``strftime`` takes it.
    nothing : str
        Stands for no date.
    """

    sample: Sample
    form: str
    nothing: str = ""

    @property
    def rows(self) -> Rows:
        """The animals as they stand."""
        return self.sample.herd.rows

    @property
    def events(self) -> AnimalEvents:
        """What happened to them, by animal and day."""
        return self.sample.herd.events

    @property
    def ids(self) -> Texts:
        """Number of each animal."""
        return [str(number) for number in self.sample.herd.ids.tolist()]

    def days(self, days: NDArray[np.integer]) -> Texts:
        """Return dates; days count from the report date."""
        return _each(
            days,
            lambda day: (self.sample.report_date + timedelta(days=day)).strftime(self.form),
            self.nothing,
        )

    def since(self, days: NDArray[np.integer]) -> Texts:
        """Return how many days before the report date each day is."""
        return _each(days, lambda day: str(-day), "")


def numbers(values: NDArray[np.integer]) -> Texts:
    """Return whole numbers as texts, ``NO_DAY`` as none."""
    return _each(values, str, "")


def _each(values: NDArray[np.integer], text: Callable[[int], str], nothing: str) -> Texts:
    distinct, places = np.unique(values, return_inverse=True)
    texts = np.array([nothing if value == NO_DAY else text(value) for value in distinct.tolist()], object)
    chosen: Texts = texts[places].tolist()
    return chosen


def delimited(headers: Sequence[str], columns: Iterable[Sequence[str]], delimiter: str = ";") -> str:
    """Return a table as lines of text."""
    lines = [headers, *zip(*columns, strict=True)]
    return "".join(delimiter.join(line) + "\n" for line in lines)


def picked(texts: Sequence[str], places: NDArray[np.int64]) -> Texts:
    """Return some texts, in the given order."""
    chosen: Texts = np.array(texts, object)[places].tolist()
    return chosen
