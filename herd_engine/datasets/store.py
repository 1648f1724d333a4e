"""Herd files that are kept: the original bytes, the canonical table beside them, one row of metadata."""

import io
import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.datasets.snapshot import herd_on_report_date
from herd_engine.model.animals import AnimalRecords
from herd_engine.model.quality import QualityIssue, Severity
from herd_engine.storage.database import Database
from herd_engine.storage.datasets import AddedDataset, DatasetRow, Datasets, NewDataset
from herd_engine.storage.files import FileStore
from herd_engine.storage.scope import Scope

DAYS = ("birth", "archive", "calving", "conception", "dry_off", "insemination", "expected_dry_off",
        "expected_calving")  # fmt: skip
_ABSENT_RECORDS = b"herd.rows_without_record"
_STATUS_COUNTS = b"herd.status_counts"


class DatasetStore:
    """Content-addressed herd files; ``rows`` holds what is known of each."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self.rows = Datasets(database)
        self._files = files

    def add(self, farm_id: str, owner: str, herd_file: HerdFile, data: bytes) -> AddedDataset:
        """Keep a herd file that could be read; the same bytes again are the same dataset.

        Parameters
        ----------
        farm_id, owner : str
        herd_file : HerdFile
        data : bytes
            What it was read from.
        """
        folder = _folder(herd_file.sha256)
        files = {
            f"{folder}/original": data,
            f"{folder}/animals.parquet": herd_file_as_parquet(herd_file),
        }
        for key, content in files.items():  # before the transaction: others need not wait for it
            self._files.put(key, content)

        def keep_files() -> None:
            """Write again what somebody has deleted meanwhile with a dataset of the same bytes."""
            for key, content in files.items():
                if not self._files.exists(key):
                    self._files.put(key, content)

        return self.rows.add(
            NewDataset(
                farm_id=farm_id,
                owner=owner,
                sha256=herd_file.sha256,
                name=herd_file.name,
                n_rows=herd_file.n_rows,
                report_date=herd_file.herd.report_date,
                quality=[asdict(issue) for issue in herd_file.issues],
                counts=herd_file.herd.counts(),
            ),
            keep_files,
        )

    def delete(self, scope: Scope, dataset_id: str) -> None:
        """Delete a dataset, and its files where no other farm has the same bytes.

        Raises
        ------
        ConflictError
            A run uses it.
        StorageError
            Its files cannot be deleted; the dataset stays.
        NotFoundError
        """
        self.rows.delete(scope, dataset_id, lambda sha256: self._files.delete_prefix(_folder(sha256)))

    def derived(self, row: DatasetRow, name: str) -> bytes:
        """Return what was made of a herd file and kept beside it, or raise NotFoundError."""
        return self._files.get(f"{_folder(row.sha256)}/derived/{name}")

    def keep_derived(self, row: DatasetRow, name: str, data: bytes) -> None:
        """Keep what was made of a herd file beside it; it is deleted with the file."""
        self._files.put(f"{_folder(row.sha256)}/derived/{name}", data)

    def load(self, row: DatasetRow) -> HerdFile:
        """Return a kept herd file as it was read."""
        table = parquet.read_table(io.BytesIO(self._files.get(f"{_folder(row.sha256)}/animals.parquet")))
        columns = {name: np.array(table[name].to_pylist(), np.int32) for name in (*DAYS, "lactation")}
        records = AnimalRecords(
            report_date=row.report_date,
            animal_ids=np.array(table["animal_id"].to_pylist(), object),
            presence=np.array(table["presence"].to_pylist(), np.int8),
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
        },
        metadata={
            _ABSENT_RECORDS: json.dumps(absent).encode(),
            _STATUS_COUNTS: json.dumps(herd_file.status_counts, ensure_ascii=False).encode(),
        },
    )
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _folder(sha256: str) -> str:
    return f"datasets/{sha256}"


def _issue(*, severity: str, sample_rows: list[int], **values: Any) -> QualityIssue:
    return QualityIssue(severity=Severity(severity), sample_rows=tuple(sample_rows), **values)
