"""What of a run's files came out otherwise when it was simulated again: which numbers, of which months."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from herd_engine.exports.document import document_json
from herd_engine.exports.version_1 import VERSION_1, upgraded
from herd_engine.runs.artifacts import Artifact
from herd_engine.runs.draws_file import DRAWS

MOST_TOLD = 20
"""Differences of a file that are told one by one: a run of another seed differs in every number."""
OTHER_BYTES = "the same values, in other bytes"
UNREADABLE = "what was published can no longer be read"
MISSING = "the file is missing"
ROW_KEYS, DRAW_KEYS = ("metric", "target_month"), ("date", "replicate")

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """A value that came out otherwise.

    Attributes
    ----------
    place : tuple of str and int
        Such as metric, month and statistic.
    published, again : value or None
        Plain values; None where there was none.
    """

    place: Place
    published: Any
    again: Any

    def __str__(self) -> str:
        old, new = (_shown(value) for value in (self.published, self.again))
        return f"{', '.join(map(str, self.place))}: {old} was published, {new} came out again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """A file that is not what the run gives.

    Attributes
    ----------
    name : str
    fault : str
        What is wrong with the file as a whole; empty where single values differ.
    n_differences : int
    differences : tuple of ChangedValue
        The first ``MOST_TOLD``.
    """

    name: str
    fault: str = ""
    n_differences: int = 0
    differences: tuple[ChangedValue, ...] = ()

    def __str__(self) -> str:
        if self.fault:
            return f"{self.name}: {self.fault}"
        more = self.n_differences - len(self.differences)
        lines = [f"{self.name}: {self.n_differences:,} values differ", *map(str, self.differences)]
        return "\n  ".join([*lines, *([f"and {more:,} more"] if more else [])])


def changed_file(published: bytes | None, again: Artifact) -> ChangedFile | None:
    """Compare a file as it was published with the one that was made again.

    Parameters
    ----------
    published : bytes or None
        None where the file is gone.
    again : Artifact

    Returns
    -------
    ChangedFile or None
        None where nothing differs. Parquet files are compared by their rows, since writers change their
        bytes from version to version; all others by their bytes.
    """
    if published is None:
        return ChangedFile(name=again.name, fault=MISSING)
    if published == again.data:
        return None
    is_table = again.name.endswith(".parquet")
    try:
        if is_table:
            keys = DRAW_KEYS if again.name == DRAWS else ROW_KEYS
            n_differences, differences = _of_tables(published, again.data, keys)
        else:
            found = list(_of_values(_by_month(json.loads(published)), _by_month(json.loads(again.data))))
            n_differences, differences = len(found), tuple(found[:MOST_TOLD])
    except (ValueError, KeyError, TypeError, OSError, pa.ArrowException):
        return ChangedFile(name=again.name, fault=UNREADABLE)
    if not n_differences:
        return None if is_table else ChangedFile(name=again.name, fault=OTHER_BYTES)
    return ChangedFile(name=again.name, n_differences=n_differences, differences=differences)


def _of_values(published: Any, again: Any, place: Place = ()) -> Iterator[ChangedValue]:
    """Yield the leaves in which two plain values differ."""
    if isinstance(published, list) and isinstance(again, list):
        published, again = dict(enumerate(published)), dict(enumerate(again))
    if isinstance(published, Mapping) and isinstance(again, Mapping):
        for key in dict.fromkeys((*published, *again)):
            yield from _of_values(published.get(key), again.get(key), (*place, key))
    elif published != again or type(published) is not type(again):
        yield ChangedValue(place, published, again)


def _by_month(document: Any) -> Any:
    """Return a forecast by metric, date and statistic, as people speak of its numbers; the rest as it is."""
    if not isinstance(document, Mapping) or "points" not in document:
        return document
    numbers: dict[str, dict[str, dict[str, Any]]] = {}
    for point in document["points"]:
        errors = {
            metric: {f"mcse {name}": error for name, error in values.items()}
            for metric, values in point["mcse"].items()
        }
        for name, values in point.items():
            if name != "mcse" and isinstance(values, Mapping):
                for metric, value in values.items():
                    numbers.setdefault(metric, {}).setdefault(point["date"], dict(errors[metric]))[name] = (
                        value
                    )
    periods = [
        {name: point[name] for name in ("date", "period_start", "partial")} for point in document["points"]
    ]
    return {**document, "points": periods, **numbers}


def _of_tables(published: bytes, again: bytes, keys: tuple[str, ...]) -> tuple[int, tuple[ChangedValue, ...]]:
    """Return in how many cells two tables differ, and the first of these, a row being named by its keys."""
    old, new = (parquet.read_table(io.BytesIO(data)) for data in (published, again))
    if old.num_rows != new.num_rows or old.column_names != new.column_names:
        shapes = [ChangedValue(("rows",), old.num_rows, new.num_rows)]
        shapes += [ChangedValue(("columns",), old.column_names, new.column_names)]
        differences = tuple(each for each in shapes if each.published != each.again)
        return len(differences), differences
    cells = [(name, row) for name in old.column_names for row in _unequal(old[name], new[name])]
    differences = tuple(
        ChangedValue(
            (*(str(new[key][row]) for key in keys), name), _plain(old[name][row]), _plain(new[name][row])
        )
        for name, row in islice(cells, MOST_TOLD)
    )
    return len(cells), differences


def _plain(cell: pa.Scalar) -> Any:
    value = cell.as_py()
    return value.isoformat() if isinstance(value, date) else value


def _unequal(old: pa.ChunkedArray, new: pa.ChunkedArray) -> list[int]:
    """Return the rows in which two columns differ; what is unknown in both is equal."""
    first, second = old.to_pandas().to_numpy(), new.to_pandas().to_numpy()
    both_unknown = old.is_null().to_numpy() & new.is_null().to_numpy()
    rows: list[int] = np.flatnonzero((first != second) & ~both_unknown).tolist()
    return rows


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:79]}…"


def of_this_version(data: bytes | None, name: str) -> bytes | None:
    """Return a published file; a forecast of an earlier version of the document as this one writes it."""
    try:
        document = json.loads(data) if data is not None and name == "result.json" else {"schema": ""}
        if document["schema"] != VERSION_1:
            return data
        return document_json(upgraded(document)).encode()
    except (ValueError, KeyError, TypeError):  # not whole: it is told as such
        return data


def dataset_name(result: bytes | None) -> str | None:
    """Return the name that a herd file had when a forecast of it was published, if that can be read."""
    try:
        return str(json.loads(result or b"")["meta"]["dataset"]["name"])
    except (ValueError, KeyError, TypeError):
        return None
