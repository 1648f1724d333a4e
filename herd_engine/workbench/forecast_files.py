"""Forecasts, comparisons and left-out rows, kept or not, as the files that people take away."""

from herd_engine.exports.cells import harmless
from herd_engine.exports.comparison_files import comparison_csv, comparison_xlsx
from herd_engine.exports.csv_file import forecast_csv
from herd_engine.exports.document import forecast_json
from herd_engine.exports.history import history_document
from herd_engine.exports.left_out import left_out_csv, left_out_xlsx
from herd_engine.exports.xlsx_file import forecast_xlsx

__all__ = [
    "comparison_csv",
    "comparison_xlsx",
    "forecast_csv",
    "forecast_json",
    "forecast_xlsx",
    "harmless",
    "history_document",
    "left_out_csv",
    "left_out_xlsx",
]
