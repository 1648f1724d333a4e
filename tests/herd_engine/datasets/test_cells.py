"""Texts → numbers."""

import numpy as np
import pyarrow as pa
import pytest

from herd_engine.datasets.cells import read_numbers
from herd_engine.datasets.text_table import text_column


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), (" 3 ", 3), ("3.0", 3), ("1,5", 1.5), ("-1", -1), ("007", 7)]
)
def test_a_number_is_read(text: str, number: float) -> None:
    assert read_numbers(text_column(pa.array([text]))).tolist() == [number]


@pytest.mark.parametrize("text", ["", "x", "1e3", "99999", "nan", "inf", "1 000", "٣", "0x1", "1_0", "--1"])
def test_anything_else_is_no_number(text: str) -> None:
    assert np.isnan(read_numbers(text_column(pa.array([text])))).tolist() == [True]
