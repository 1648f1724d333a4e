"""What is made of herd files, measured."""

import csv
import io
import tracemalloc

import numpy as np
from openpyxl import Workbook

from herd_engine.calibration.fit import fit_herd
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.datasets.importers.folding import fold, nothing_stated
from herd_engine.model.events import AnimalEvents, EventKind
from herd_engine.sample import make_sample
from pipelines.bench.figure import Figure, best_seconds

EVENTS_OF_AN_ANIMAL = 16
SMALL_ROWS = 4485
ROWS_AN_ANIMAL = 1.535
"""Rows of an export an animal on the farm: those that left in two years stand in it too."""
_DAYS = 5000
_MEBIBYTE = 1 << 20


def bench_files(n_events: int, rows: int = 200_000, sheet_rows: int = 50_000) -> list[Figure]:
    """Measure reading exports, and folding events in random order.

    Parameters
    ----------
    n_events : int
        Of as many animals as have so many in a sample farm.
    rows, sheet_rows : int
        Of the large text file and of the workbook, about.
    """
    texts = [_reading("read_small_seconds", SMALL_ROWS), _reading("read_large_seconds", rows)]
    return [*texts, _reading("read_xlsx_seconds", sheet_rows, as_workbook=True), *_folding(n_events)]


def _reading(name: str, rows: int, *, as_workbook: bool = False) -> Figure:
    """Measure reading, checking and fitting a sample's export."""
    data = make_sample(animals=max(10, round(rows / ROWS_AN_ANIMAL))).csv
    n_rows = data.count(b"\n")
    content, file = (_workbook(data), "bench.xlsx") if as_workbook else (data, "bench.csv")
    seconds = best_seconds(lambda: fit_herd(read_herd_bytes(content, file).records), 3)
    about = (
        f"{n_rows:,} rows of {'a workbook' if as_workbook else 'text'} read, checked and fitted; best of 3"
    )
    return Figure(name=name, value=seconds, unit="s", definition=about)


def _workbook(data: bytes) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("herd")
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _folding(n_events: int) -> list[Figure]:
    n_animals = max(1, n_events // EVENTS_OF_AN_ANIMAL)
    rng = np.random.Generator(np.random.PCG64(1))
    events = AnimalEvents(
        animal=rng.integers(0, n_animals, n_events),
        kind=rng.integers(0, len(EventKind), n_events).astype(np.int8),
        day=rng.integers(0, _DAYS, n_events),
    )
    stated = nothing_stated(n_animals)
    seconds = best_seconds(lambda: fold(events, stated), 3)
    tracemalloc.start()
    fold(events, stated)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    about = f"{n_events:,} events of {n_animals:,} animals, in random order, folded into a row an animal"
    return [
        Figure(name="events_fold_seconds", value=seconds, unit="s", definition=f"{about}; best of 3"),
        Figure(
            name="events_fold_peak_mib",
            value=peak / _MEBIBYTE,
            unit="MiB",
            definition=f"{about}: memory beside the events themselves, at its highest",
        ),
    ]
