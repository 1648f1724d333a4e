"""Farms that do not exist, to try things with."""

from datetime import date
from typing import TYPE_CHECKING

from herd_engine.datasets.importers.writers import FORMS
from herd_engine.datasets.importers.written import Files
from herd_engine.sample import make_sample

if TYPE_CHECKING:
    from herd_engine.workbench.workbench import Workbench

__all__ = ["FORMS", "Files", "add_sample_farm", "make_sample"]

SAMPLE_ANIMALS, SAMPLE_FILE = 800, "sample.csv"


def add_sample_farm(workbench: "Workbench", name: str, report_date: date) -> "Workbench":
    """Return the Workbench of a sample farm, beside the visitor's own; it has a herd file.

    A farm of this name that is there already is taken as it is, out of the archive if need be.

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
    known = {farm.name: farm for farm in workbench.farms.list(archived=True)}
    if name not in known:
        workbench.farms.add(name)
    elif known[name].archived_at is not None:
        workbench.farms.archive(name, archived=False)
    of_sample = workbench.of_farm(name)
    if not of_sample.datasets.all():
        sample = make_sample(animals=SAMPLE_ANIMALS, report_date=report_date)
        of_sample.datasets.add(sample.csv, SAMPLE_FILE)
    return of_sample
