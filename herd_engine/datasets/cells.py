"""Texts → numbers, strictly: what is not exactly one is unknown."""

import re

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.text_table import TextColumn

_NUMBER = re.compile(r"-?\d{1,4}(?:[.,]\d{1,9})?", re.ASCII)


def read_numbers(column: TextColumn) -> NDArray[np.float64]:
    """Return the number of each row, shape (n_rows,); NaN for a blank or anything else.

    At most four digits before the decimals: nothing counted in a herd file has more.
    """
    return column.each(_number, np.float64)


def _number(text: str) -> float:
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else np.nan
