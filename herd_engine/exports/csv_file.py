"""A forecast as a CSV file: one plain table, or four blocks."""

import csv
import io

from herd_engine.charts.table import LEVELS
from herd_engine.exports.cells import (
    Cell,
    columns,
    event_columns,
    event_rows,
    future_rows,
    harmless,
    parameter_rows,
    series_rows,
    table_columns,
    table_rows,
)
from herd_engine.model.forecast import Forecast


def forecast_csv(
    forecast: Forecast, *, excel: bool = False, plain: bool = False, with_meta: bool = True
) -> bytes:
    """Return the blocks ``[META]``, ``[SERIES]``, ``[EVENTS]``, ``[FUTURE]``, an empty line between.

    Parameters
    ----------
    forecast : Forecast
    excel : bool
        With a byte order mark and semicolons, as spreadsheets of many countries expect.
    plain : bool
        All numbers as one table below one header instead, a row a record date, without ``[META]``.
    with_meta : bool
        With ``[META]``, which says where the forecast comes from.

    Returns
    -------
    bytes
        UTF-8, line feeds, ISO dates; counts are whole, days in milk are as computed.
    """
    future = future_rows(forecast)
    level_columns: list[Cell] = [*columns("date", LEVELS)]
    blocks: list[list[list[Cell]]] = [
        [["[META]"], *parameter_rows(forecast)],
        [["[SERIES]"], level_columns, *series_rows(forecast)],
        [["[EVENTS]"], [*event_columns()], *event_rows(forecast)],
        [["[FUTURE]"], *([level_columns, *future] if future else [])],
    ]
    blocks = blocks if with_meta else blocks[1:]
    if plain:
        blocks = [[[*table_columns()], *table_rows(forecast)]]
    text = "\n".join(_lines(rows, delimiter=";" if excel else ",") for rows in blocks)
    return text.encode("utf-8-sig" if excel else "utf-8")


def _lines(rows: list[list[Cell]], delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
