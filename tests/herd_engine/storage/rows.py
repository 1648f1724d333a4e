"""Rows to store; what a test does not name has a value of its own."""

import uuid
from datetime import date
from typing import Any

from herd_engine.storage.datasets import NewDataset
from herd_engine.storage.run_rows import ArtifactRow, NewRunRow, Published
from herd_engine.storage.scope import Scope


def new_dataset(scope: Scope, **changes: Any) -> NewDataset:
    values: dict[str, Any] = {
        "farm_id": scope.farm_id,
        "owner": "anna",
        "sha256": uuid.uuid4().hex,
        "file_sha256": uuid.uuid4().hex,
        "answers": {},
        "name": "herd.csv",
        "n_rows": 10,
        "report_date": date(2026, 2, 26),
        "quality": [{"code": "missing_status", "row_count": 2}],
        "counts": {"open": 4, "dry": 6},
    }
    return NewDataset(**(values | changes))


def no_files(sha256: str = "") -> None:
    """Stand for files of a dataset where no test looks at them."""


def example_run(scope: Scope, **changes: Any) -> NewRunRow:
    values: dict[str, Any] = {
        "farm_id": scope.farm_id,
        "owner": "anna",
        "run_hash": uuid.uuid4().hex,
        "config": '{"seed":1}',
        "seed": 2**53 - 1,
        "runs_total": 100,
        "engine_version": "0.1.0",
    }
    return NewRunRow(**(values | changes))


def published(manifest_hash: str = "m" * 64) -> Published:
    result = ArtifactRow(name="result.json", role="result", sha256="a" * 64, size=3, deterministic=True)
    return Published(manifest_hash=manifest_hash, content_hash="c" * 64, artifacts=(result,))
