"""Facts of a farm's kept herd files as tables: brought in step, checked against the files, asked by views."""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.datasets.history import joined_events
from herd_engine.datasets.own_columns import Own
from herd_engine.errors import ParameterError
from herd_engine.model.animals import NO_DAY, PRESENCE_CODES
from herd_engine.model.events import EventKind
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.lists import all_of
from herd_engine.storage.datasets import EVERY_DATASET, DatasetRow
from herd_engine.storage.outputs.herd_facts import DATES, SCHEMAS, VIEWS, HerdFactsTables, of_export
from herd_engine.storage.paging import MAX_LIMIT


class KeptFacts:
    """Facts of one farm's herd files."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept = kept
        self._tables = HerdFactsTables(kept.store.database, kept.store.files)

    def close(self) -> None:
        """Let go of the catalogue of the tables."""
        self._tables.close()

    def refresh(self) -> int:
        """Bring the tables in step with the farm's files; return how many exports were added or taken out."""
        rows = {row.id: row for row in self._rows()}
        held = self._tables.exports(self._farm)
        whole = held & frozenset(self._tables.rows("herd_counts", self._farm)["dataset_id"].to_pylist())
        gone, new = (
            (held - rows.keys()) | (held - whole),
            [row for row in rows.values() if row.id not in whole],
        )
        self._tables.remove(sorted(gone))
        for row in new:
            self._tables.add(_parts(row, self._kept.catalog.datasets.load(row)))
        return len(gone) + len(new)

    def check(self) -> tuple[str, ...]:
        """Return what the tables hold otherwise than the kept files, in words; nothing is changed."""
        rows = {row.id: row for row in self._rows()}
        held = {name: self._tables.rows(name, self._farm) for name in SCHEMAS}
        others = sorted(self._tables.exports(self._farm) - rows.keys())
        faults = [f"{dataset_id}: the tables hold an export that is not kept" for dataset_id in others]
        return (*faults, *(fault for row in rows.values() for fault in self._faults_of(row, held)))

    def _faults_of(self, row: DatasetRow, held: Mapping[str, pa.Table]) -> Iterator[str]:
        for name, expected in _parts(row, self._kept.catalog.datasets.load(row)).items():
            found = held[name].filter(pc.equal(held[name]["dataset_id"], row.id))
            if _sorted(found) != _sorted(expected.select(found.column_names).cast(found.schema)):
                yield f"{row.name}: {name} has {found.num_rows} rows that differ from the file's"

    def view(self, name: str) -> pa.Table:
        """Return the rows of a view, in step with the files; ParameterError for another name."""
        if name not in VIEWS:
            raise ParameterError("view", name, f"be one of {', '.join(VIEWS)}")
        self.refresh()
        return self._tables.view(name, self._farm)

    @property
    def _farm(self) -> str:
        return self._kept.scope.farm_id

    def _rows(self) -> list[DatasetRow]:
        datasets = self._kept.catalog.datasets
        return list(all_of(lambda cursor: datasets.list(EVERY_DATASET, cursor, MAX_LIMIT)))


def _parts(row: DatasetRow, herd_file: HerdFile) -> dict[str, pa.Table]:
    """Return the rows of an export, by table."""
    records, day = herd_file.records, row.report_date
    events = joined_events([records])
    about = (row.farm_id, day, row.id)
    return {
        "herd_animal": of_export(
            *about,
            {
                "animal_id": records.animal_ids.tolist(),
                "lactation": records.lactation,
                "presence": [PRESENCE_CODES[code].value for code in records.presence],
                **{f"{name}_date": _dates(day, getattr(records, name)) for name in DATES},
                "own": pa.array(_own(herd_file.own, records.n_animals), pa.string()),
            },
        ),
        "herd_event": of_export(
            *about,
            {
                "animal_id": records.animal_ids[events.animal].tolist(),
                "kind": [EventKind(kind).name.lower() for kind in events.kind],
                "day": _dates(day, events.day),
            },
        ),
        "herd_counts": of_export(*about, {"state": [*row.counts], "animals": [*row.counts.values()]}),
    }


def _own(own: Own, n_animals: int) -> list[str | None]:
    """Return a farm's own columns as a JSON object an animal; None where it has none of them.

    Their names tell the days among them: those end with ``_date``.
    """
    told: list[dict[str, object]] = [{} for _ in range(n_animals)]
    for name, values in sorted(own.items()):
        for facts, value in zip(told, values.tolist(), strict=True):
            if value == "" or (isinstance(value, float) and math.isnan(value)):
                continue
            facts[name] = date.fromordinal(int(value)).isoformat() if name.endswith("_date") else value
    return [json.dumps(facts, ensure_ascii=False) if facts else None for facts in told]


def _dates(report_date: date, days: NDArray[Any]) -> list[date | None]:
    return [None if day == NO_DAY else report_date + timedelta(days=day) for day in days.tolist()]


def _sorted(rows: pa.Table) -> list[dict[str, object]]:
    return sorted(rows.to_pylist(), key=lambda each: [str(value) for value in each.values()])
