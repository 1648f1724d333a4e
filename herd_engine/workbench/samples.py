"""Farms that do not exist, to try things with."""

from contextlib import suppress
from datetime import date
from itertools import count
from typing import TYPE_CHECKING

from herd_engine.datasets.importers.writers import FORMS
from herd_engine.datasets.importers.written import Files
from herd_engine.errors import ConflictError
from herd_engine.sample import make_sample

if TYPE_CHECKING:
    from herd_engine.workbench.workbench import Workbench

__all__ = ["FORMS", "Files", "add_sample_farm", "make_sample"]

SAMPLE_ANIMALS, SAMPLE_FILE = 800, "sample.csv"


def add_sample_farm(workbench: "Workbench", name: str, report_date: date) -> "Workbench":
    """Return the Workbench of a sample farm, beside the visitor's own; it has a herd file.

    A farm of this name that is there already is taken as it is, out of the archive if need be; where the name
    is that of somebody else's farm, a number follows it.

    Parameters
    ----------
    workbench : Workbench
    name : str
        Of the farm.
    report_date : date
        Of its herd file, if it has none yet.

    Raises
    ------
    ForbiddenError
        Who asks may add no farm, or is no member of that one.
    """
    of_sample = workbench.of_farm(_added(workbench, name))
    if not of_sample.datasets.all():
        sample = make_sample(animals=SAMPLE_ANIMALS, report_date=report_date)
        of_sample.datasets.add(sample.csv, SAMPLE_FILE)
    return of_sample


def _added(workbench: "Workbench", name: str) -> str:
    """Return the name of the sample farm that there is, or that was added."""
    known = {farm.name: farm for farm in workbench.farms.list(archived=True)}
    tried, numbers = name, count(2)
    while True:
        if tried in known:
            if known[tried].archived_at is not None:
                workbench.farms.archive(tried, archived=False)
            return tried
        with suppress(ConflictError):  # somebody else's, whom nobody here may see
            return workbench.farms.add(tried).name
        tried = f"{name} {next(numbers)}"
