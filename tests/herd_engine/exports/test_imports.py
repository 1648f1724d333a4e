import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "herd_engine.exports.document",
        "herd_engine.exports.csv_file",
        "herd_engine.exports.atomic_write",
        "herd_engine.charts.headline",
    ],
)
def test_light_formats_load_neither_plotly_nor_openpyxl(module):
    code = f"import sys, {module}; print([m for m in ('plotly', 'openpyxl') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
