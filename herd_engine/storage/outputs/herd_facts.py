"""Facts of herds as tables of the outputs catalogue: a snapshot's animals, its dated events, its counts.

======================  ==========================================================================
table, view             a row is
======================  ==========================================================================
`herd_animal`           an animal of one export, in the canonical columns; days as dates
`herd_event`            one dated event that an export tells of one animal
`herd_counts`           a state of one export: how many animals of the herd are in it
counts                  a report date and state
calvings_by_month       a month and parity (the lactation that began): calvings that any export tells
conceptions_by_month    a month and parity: successful inseminations
exits_by_month          a month, parity and way of leaving
======================  ==========================================================================

All three tables are partitioned by farm and report date. Of an animal that stands in several exports, an
event counts once in the views. `own` holds the columns of a farm's own contract as a JSON object by name
(`own->>'$.milk_kg'`), days as ISO dates, without those that the animal lacks; null where there are none.
"""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform

from herd_engine.storage.database import Database
from herd_engine.storage.files import FileStore
from herd_engine.storage.outputs.table import NAMESPACE, OutputsTable

PARTITION = ("farm_id", "report_date")
_OF_EXPORT = [("farm_id", pa.string()), ("report_date", pa.date32()), ("dataset_id", pa.string())]
DATES = ("birth", "archive", "calving", "conception", "dry_off", "insemination", "expected_dry_off",
         "expected_calving")  # fmt: skip
SCHEMAS = {
    "herd_animal": pa.schema(
        [
            *_OF_EXPORT,
            ("animal_id", pa.string()),
            ("lactation", pa.int32()),
            ("presence", pa.string()),
            *((f"{name}_date", pa.date32()) for name in DATES),
            ("own", pa.string()),
        ]
    ),
    "herd_event": pa.schema(
        [*_OF_EXPORT, ("animal_id", pa.string()), ("kind", pa.string()), ("day", pa.date32())]
    ),
    "herd_counts": pa.schema([*_OF_EXPORT, ("state", pa.string()), ("animals", pa.int32())]),
}
_BY_MONTH = """
SELECT date_trunc('month', day)::DATE AS month, parity, {more} count(*)::INTEGER AS animals
FROM (SELECT DISTINCT animal_id, {day} AS day, lactation AS parity, {more} 1 FROM herd_animal
      WHERE {day} IS NOT NULL AND {day} <= report_date {where})
GROUP BY ALL ORDER BY ALL
"""
VIEWS = {
    "counts": "SELECT report_date, state, animals FROM herd_counts ORDER BY ALL",
    "calvings_by_month": _BY_MONTH.format(day="calving_date", more="", where="AND lactation > 0"),
    "conceptions_by_month": _BY_MONTH.format(day="conception_date", more="", where=""),
    "exits_by_month": _BY_MONTH.format(day="archive_date", more="presence,", where=""),
}
"""SQL of each view, over the tables of one farm."""


class HerdFactsTables:
    """The three tables, in the catalogue of the outputs.

    Parameters
    ----------
    database : Database
    files : FileStore
    """

    def __init__(self, database: Database, files: FileStore) -> None:
        self._outputs = OutputsTable(database, files)

    def close(self) -> None:
        """Let go of the catalogue."""
        self._outputs.close()

    def exports(self, farm_id: str) -> frozenset[str]:
        """Return the exports of a farm that the tables hold, whole or in part."""
        found = [self.rows(name, farm_id)["dataset_id"].to_pylist() for name in SCHEMAS]
        return frozenset(each for ids in found for each in ids)

    def add(self, parts: dict[str, pa.Table]) -> None:
        """Add the rows of one export, by table; counts last, by which an export is known to be whole."""
        with self._outputs.friendly_errors():
            for name, schema in SCHEMAS.items():
                rows = parts[name].select(schema.names).cast(schema)
                if rows.num_rows:
                    self._table(name).append(rows)

    def remove(self, dataset_ids: Iterable[str]) -> None:
        """Take the rows of exports out."""
        with self._outputs.friendly_errors():
            for dataset_id in dataset_ids:
                for name in SCHEMAS:
                    self._table(name).delete(f"dataset_id == '{dataset_id}'")

    def rows(self, name: str, farm_id: str) -> pa.Table:
        """Return the rows of one table of a farm."""
        with self._outputs.friendly_errors():
            table = self._load(name)
            if table is None:
                return SCHEMAS[name].empty_table()
            found = table.scan(row_filter=f"farm_id == '{farm_id}'").to_arrow()
            return _with_columns_of(found, SCHEMAS[name])

    def view(self, name: str, farm_id: str) -> pa.Table:
        """Return the rows of a view of a farm; KeyError for another name."""
        sql = VIEWS[name]
        with duckdb.connect(":memory:") as connection:
            for table in SCHEMAS:
                connection.register(table, self.rows(table, farm_id))
            return connection.sql(sql).to_arrow_table()

    @cached_property
    def _catalog(self) -> SqlCatalog:
        return self._outputs.catalog

    def _load(self, name: str) -> Table | None:
        if not sa.inspect(self._catalog.engine).has_table("iceberg_tables"):
            return None
        try:
            return self._catalog.load_table((NAMESPACE, name))
        except (NoSuchTableError, FileNotFoundError):
            return None

    def _table(self, name: str) -> Table:
        found = self._load(name)
        if found is not None:
            if len(found.schema().fields) < len(SCHEMAS[name]):  # made by an earlier version
                with found.update_schema() as change:
                    change.union_by_name(SCHEMAS[name])
            return found
        self._outputs.make_catalogue()
        location = f"{self._outputs.place}/{name}"
        new = self._catalog.create_table_transaction((NAMESPACE, name), SCHEMAS[name], location=location)
        with new, new.update_spec() as change:
            for column in PARTITION:
                change.add_field(column, IdentityTransform(), column)
        return self._catalog.load_table((NAMESPACE, name))


def _with_columns_of(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows with all columns of a schema; those of an earlier version lack the newest."""
    for field in schema:
        if field.name not in rows.column_names:
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows.select(schema.names).cast(schema)


def of_export(farm_id: str, report_date: date, dataset_id: str, columns: dict[str, Any]) -> pa.Table:
    """Return columns with those before them that say of which export they are."""
    rows = pa.table(columns)
    said = {"farm_id": farm_id, "report_date": report_date, "dataset_id": dataset_id}
    before = {name: pa.array([value] * rows.num_rows, kind)
              for (name, kind), value in zip(_OF_EXPORT, said.values(), strict=True)}  # fmt: skip
    return pa.table({**before, **{name: rows[name] for name in rows.column_names}})
