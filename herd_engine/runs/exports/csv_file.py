"""A forecast as one CSV file of four blocks."""

import csv
import io

from herd_engine.figures.table import LEVELS
from herd_engine.model.forecast import Forecast
from herd_engine.runs.exports.cells import (
    Cell,
    columns,
    event_columns,
    event_rows,
    future_rows,
    harmless,
    parameter_rows,
    series_rows,
)


def forecast_csv(forecast: Forecast, *, excel: bool = False) -> bytes:
    """Return the blocks ``[META]``, ``[SERIES]``, ``[EVENTS]``, ``[FUTURE]``, an empty line between.

    Parameters
    ----------
    forecast : Forecast
    excel : bool
        With a byte order mark and semicolons, as spreadsheets of many countries expect.

    Returns
    -------
    bytes
        UTF-8, line feeds, ISO dates; counts are whole, days in milk are as computed.
    """
    future = future_rows(forecast)
    level_columns: list[Cell] = [*columns("date", LEVELS)]
    blocks: dict[str, list[list[Cell]]] = {
        "[META]": parameter_rows(forecast),
        "[SERIES]": [level_columns, *series_rows(forecast)],
        "[EVENTS]": [[*event_columns()], *event_rows(forecast)],
        "[FUTURE]": [level_columns, *future] if future else [],
    }
    return "\n".join(
        _lines([[title], *rows], delimiter=";" if excel else ",") for title, rows in blocks.items()
    ).encode("utf-8-sig" if excel else "utf-8")


def _lines(rows: list[list[Cell]], delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
