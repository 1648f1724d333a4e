"""Tables that hold only animals that left: farms keep them apart from those that are there."""

from collections.abc import Mapping

import numpy as np

from herd_engine.datasets.columns import Column, match_columns
from herd_engine.datasets.contract.vocabulary import vocabulary
from herd_engine.datasets.reader.date_forms import DateForms, Kind
from herd_engine.datasets.text_table import TextTable

_NEEDED = (Column.ANIMAL_ID, Column.BIRTH_DATE, Column.ARCHIVE_DATE, Column.LACTATION)
_DAYS = (Kind.DAY, Kind.TYPED, Kind.NUMBERS)
_LEFT_SHARE = 0.95
"""Share of rows with a day of leaving; of a whole herd about half have one."""


def is_of_leavers(table: TextTable, column_map: Mapping[str, str]) -> bool:
    """Tell whether a table tells of animals alone that left, and enough to know them.

    Parameters
    ----------
    table : TextTable
    column_map : mapping of str to str
        Header → our name, as people say.
    """
    positions = match_columns(table.headers, column_map).positions
    return all(column in positions for column in _NEEDED) and has_only_leavers(table, positions)


def has_only_leavers(table: TextTable, positions: Mapping[Column, int]) -> bool:
    """Tell whether nearly all rows of a table have a day of leaving."""
    if not len(table.lines) or Column.ARCHIVE_DATE not in positions:
        return False
    forms = DateForms(vocabulary(), is_1904=table.is_1904)
    left = table.columns[positions[Column.ARCHIVE_DATE]].each(
        lambda text: forms.read(text).kind in _DAYS, np.bool_
    )
    return bool(left.mean() >= _LEFT_SHARE)
