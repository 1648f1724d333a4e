"""What a report calls its farm."""

from pathlib import PurePath

from herd_engine.workbench.answers import Dataset, Farm

UNNAMED = "My farm"
"""The farm that every home begins with, until somebody names it."""


def farm_label(farm: Farm, dataset: Dataset) -> str:
    """Return the name of a farm; of one that nobody named the name of its herd file, without the ending."""
    return PurePath(dataset.name).stem or dataset.name if farm.name == UNNAMED else farm.name
