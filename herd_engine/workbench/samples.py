"""Farms that do not exist, to try things with."""

from herd_engine.datasets.importers.writers import FORMS
from herd_engine.datasets.importers.written import Files
from herd_engine.sample import make_sample

__all__ = ["FORMS", "Files", "make_sample"]
