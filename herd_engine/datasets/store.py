"""Herd files that are kept: the original bytes, the canonical table beside them, one row of metadata."""

import io
import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.datasets.identity import full_identity
from herd_engine.datasets.own_columns import Own
from herd_engine.datasets.snapshot import herd_on_report_date
from herd_engine.errors import ConflictError
from herd_engine.model.animals import AnimalRecords
from herd_engine.model.answers import Answers
from herd_engine.model.events import AnimalEvents, no_events
from herd_engine.model.quality import QualityIssue, Severity
from herd_engine.storage.database import Database
from herd_engine.storage.datasets import AddedDatasetRow, DatasetRow, DatasetTable, NewDataset
from herd_engine.storage.files import FileStore
from herd_engine.storage.scope import Scope

DAYS = ("birth", "archive", "calving", "conception", "dry_off", "insemination", "expected_dry_off",
        "expected_calving")  # fmt: skip
_ABSENT_RECORDS = b"herd.rows_without_record"
_STATUS_COUNTS = b"herd.status_counts"
_COMPLETE_FROM = b"herd.complete_from"
_OWN = "own."
"""In front of the names of a farm's own columns."""


class DatasetStore:
    """Content-addressed herd files; ``rows`` holds what is known of each."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self.rows = DatasetTable(database)
        self._files = files

    def add(self, farm_id: str, owner: str, herd_file: HerdFile, data: bytes) -> AddedDatasetRow:
        """Keep a herd file that could be read; the same bytes read alike are the same dataset.

        Parameters
        ----------
        farm_id, owner : str
        herd_file : HerdFile
        data : bytes
            What it was read from.

        Raises
        ------
        ConflictError
            The same bytes, answers and contract gave another table before, which is kept.
        """
        table = herd_file_as_parquet(herd_file)
        identity = self._identity(herd_file, table)
        folder = _folder(identity)
        files = {f"{folder}/original": data, f"{folder}/animals.parquet": table}

        def keep_files() -> None:
            """Write what is not there; what is there is never replaced: kept runs were made of it."""
            for key, content in files.items():
                if not self._files.exists(key):
                    self._files.put(key, content)

        keep_files()  # before the transaction: others need not wait for it
        return self.rows.add(
            NewDataset(
                farm_id=farm_id,
                owner=owner,
                sha256=identity,
                file_sha256=herd_file.file_sha256,
                answers=herd_file.answers.document(),
                name=herd_file.name,
                n_rows=herd_file.n_rows,
                report_date=herd_file.herd.report_date,
                quality=[asdict(issue) for issue in herd_file.issues],
                counts=herd_file.herd.counts(),
            ),
            keep_files,
        )

    def _identity(self, herd_file: HerdFile, table: bytes) -> str:
        """Return the identity of a herd file whose kept table, if there is one, is this table.

        Versions before answers were kept identified a file by its bytes however it was read: where the
        table of such a one differs, the file has its full identity beside it.
        """
        identities = (herd_file.sha256, full_identity(herd_file.file_sha256, herd_file.answers))
        for identity in identities:
            kept = f"{_folder(identity)}/animals.parquet"
            if not self._files.exists(kept) or _is_same(self._files.get(kept), table):
                return identity
        message = f"{herd_file.name} was kept before with other contents, read in the same way."
        raise ConflictError(message, "dataset_read_otherwise", herd_file.name)

    def delete(self, scope: Scope, dataset_id: str) -> None:
        """Delete a dataset, and its files where no other farm has the same one.

        Raises
        ------
        ConflictError
            A run uses it.
        StorageError
            Its files cannot be deleted; the dataset stays.
        NotFoundError
        """
        self.rows.delete(scope, dataset_id, lambda sha256: self._files.delete_prefix(_folder(sha256)))

    def original(self, row: DatasetRow) -> bytes:
        """Return the bytes that a herd file was read from."""
        return self._files.get(f"{_folder(row.sha256)}/original")

    def derived(self, row: DatasetRow, name: str) -> bytes:
        """Return what was made of a herd file and kept beside it, or raise NotFoundError."""
        return self._files.get(f"{_folder(row.sha256)}/derived/{name}")

    def keep_derived(self, row: DatasetRow, name: str, data: bytes) -> None:
        """Keep what was made of a herd file beside it; it is deleted with the file."""
        self._files.put(f"{_folder(row.sha256)}/derived/{name}", data)

    def status_counts(self, row: DatasetRow) -> dict[str, int]:
        """Return how many rows of a kept herd file have each status word; its animals are not read."""
        schema = parquet.read_schema(io.BytesIO(self._files.get(f"{_folder(row.sha256)}/animals.parquet")))
        counts: dict[str, int] = json.loads(schema.metadata[_STATUS_COUNTS])
        return counts

    def load(self, row: DatasetRow) -> HerdFile:
        """Return a kept herd file as it was read."""
        table = parquet.read_table(io.BytesIO(self._files.get(f"{_folder(row.sha256)}/animals.parquet")))
        columns = {name: np.array(table[name].to_pylist(), np.int32) for name in (*DAYS, "lactation")}
        records = AnimalRecords(
            report_date=row.report_date,
            animal_ids=np.array(table["animal_id"].to_pylist(), object),
            presence=np.array(table["presence"].to_pylist(), np.int8),
            events=events_of(table),
            complete_from=int(table.schema.metadata.get(_COMPLETE_FROM, 1)),
            **columns,
        )
        metadata = table.schema.metadata
        return HerdFile(
            name=row.name,
            sha256=row.sha256,
            records=records,
            herd=herd_on_report_date(records, json.loads(metadata[_ABSENT_RECORDS])),
            issues=tuple(_issue(**values) for values in row.quality),
            status_counts=json.loads(metadata[_STATUS_COUNTS]),
            n_rows=row.n_rows,
            file_sha256=row.file_sha256,
            answers=Answers.from_document(row.answers or {}),
            own=_own_of(table),
        )


def herd_file_as_parquet(herd_file: HerdFile) -> bytes:
    """Return the canonical table: a row an animal, days counted from the report date."""
    records = herd_file.records
    herd_reasons = herd_on_report_date(records, {}).excluded
    absent = {
        reason: n - herd_reasons.get(reason, 0)
        for reason, n in herd_file.herd.excluded.items()
        if n > herd_reasons.get(reason, 0)
    }
    table = pa.table(
        {
            "animal_id": records.animal_ids,
            "lactation": records.lactation,
            "presence": records.presence,
            **{name: getattr(records, name) for name in DAYS},
            **_event_columns(records),
            **{f"{_OWN}{name}": values for name, values in herd_file.own.items()},
        },
        metadata={
            _COMPLETE_FROM: str(records.complete_from).encode(),
            _ABSENT_RECORDS: json.dumps(absent).encode(),
            _STATUS_COUNTS: json.dumps(herd_file.status_counts, ensure_ascii=False).encode(),
        },
    )
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _own_of(table: pa.Table) -> Own:
    """Return the farm's own columns that a canonical table holds."""
    return {
        name.removeprefix(_OWN): np.array(
            table[name].to_pylist(), np.float64 if pa.types.is_floating(table[name].type) else object
        )
        for name in table.column_names
        if name.startswith(_OWN)
    }


def _event_columns(records: AnimalRecords) -> dict[str, pa.Array]:
    """Return what happened to each animal as lists, in order; no column where no event is on file."""
    events = records.events
    if not len(events):
        return {}
    ends = np.searchsorted(events.animal, np.arange(records.n_animals), side="right")
    offsets = pa.array(np.concatenate([[0], ends]).astype(np.int32))
    return {
        "event_kinds": pa.ListArray.from_arrays(offsets, pa.array(events.kind)),
        "event_days": pa.ListArray.from_arrays(offsets, pa.array(events.day.astype(np.int32))),
    }


def events_of(table: pa.Table) -> AnimalEvents:
    """Return the events that a canonical table holds."""
    if "event_days" not in table.column_names:
        return no_events()
    days, kinds = (table[name].combine_chunks() for name in ("event_days", "event_kinds"))
    lengths = np.from_dlpack(days.value_lengths()).astype(np.int64)
    return AnimalEvents(
        animal=np.repeat(np.arange(len(lengths)), lengths),
        kind=np.from_dlpack(kinds.flatten()).astype(np.int8),
        day=np.from_dlpack(days.flatten()).astype(np.int64),
    )


def _is_same(kept: bytes, table: bytes) -> bool:
    """Tell whether two canonical tables hold the same, whichever version of Arrow wrote them."""
    one, other = (parquet.read_table(io.BytesIO(data)) for data in (kept, table))
    return bool(one.equals(other, check_metadata=True))


def _folder(sha256: str) -> str:
    return f"datasets/{sha256}"


def _issue(*, severity: str, sample_rows: list[int], **values: Any) -> QualityIssue:
    return QualityIssue(severity=Severity(severity), sample_rows=tuple(sample_rows), **values)
