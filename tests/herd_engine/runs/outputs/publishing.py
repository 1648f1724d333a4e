"""Publish runs whose numbers are known, as a runner does but without simulating."""

import io
import itertools
from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from herd_engine.model.forecast import STATISTICS, Metric
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.outputs.rows import OutputRow
from herd_engine.storage.paging import ListPage
from herd_engine.storage.run_rows import ArtifactRow, Published, RunRow

MONTHS = 3
ROWS_OF_A_RUN = len(Metric) * MONTHS
WORKER = "test"
_seeds = itertools.count(1)


def month(point: int) -> date:
    """Return a record date: the report date, or the first of a month of 2026 or later."""
    return date(2026 + (2 + point) // 12, (2 + point) % 12 + 1, 1)


def rows(first: float = 100.0, months: int = MONTHS, asof: date = date(2026, 3, 1)) -> list[dict[str, Any]]:
    """Return rows of a run: its median is ``first`` at first, one more each month, 1000 more each metric."""
    return [
        {
            "asof_date": asof.isoformat(),
            "target_month": month(point).isoformat(),
            "horizon_months": point,
            "metric": metric.value,
            "unit": "head",
            **dict.fromkeys(STATISTICS, first + point + 1000 * number),
            **dict.fromkeys([f"mcse_{name}" for name in STATISTICS]),
        }
        for number, metric in enumerate(Metric)
        for point in range(months)
    ]


def as_parquet(content: list[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(content), buffer)
    return buffer.getvalue()


def begin(kept: KeptRuns, dataset: DatasetRow, data: bytes, **submitted: Any) -> RunRow:
    """Submit a run, claim it and write its file; nothing is published yet."""
    payload = None if "scenario_id" in submitted else {"mc_runs": 10, "seed": next(_seeds)}
    run = kept.submit(dataset.id, payload, force=True, **submitted).run
    claimed = kept.store.runs.claim(WORKER)
    assert claimed is not None
    assert claimed.id == run.id
    kept.store.files.put(f"runs/{run.id}/outputs.parquet", data)
    return claimed


def publish(kept: KeptRuns, dataset: DatasetRow, first: float = 100.0, **submitted: Any) -> RunRow:
    """Publish a run of ``rows``; return it."""
    asof = dataset.report_date
    return publish_file(kept, dataset, as_parquet(rows(first, asof=asof)), **submitted)


def publish_file(kept: KeptRuns, dataset: DatasetRow, data: bytes, **submitted: Any) -> RunRow:
    run = begin(kept, dataset, data, **submitted)
    file = ArtifactRow(name="outputs.parquet", role="outputs", sha256="", size=len(data), deterministic=True)
    published = Published(manifest_hash="m", content_hash=f"content {run.id}", artifacts=(file,))
    assert kept.store.runs.publish(run.id, WORKER, published)
    return kept.get(run.id)


def every(ask: Any, *arguments: Any, limit: int = 500) -> list[OutputRow]:
    """Return the items of all pages."""
    found: list[OutputRow] = []
    cursor = None
    while True:
        page: ListPage[OutputRow] = ask(*arguments, cursor=cursor, limit=limit)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


def numbers(found: Iterable[OutputRow]) -> list[tuple[str, str, date, float | None]]:
    """Return what rows say, in a form to compare: run, metric, month, median."""
    return [(row.run_id, row.metric, row.target_month, row.p50) for row in found]


def expected(run: RunRow, first: float = 100.0) -> list[tuple[str, str, date, float | None]]:
    """Return what a run of ``rows`` says."""
    return [
        (run.id, metric.value, month(point), first + point + 1000 * number)
        for number, metric in enumerate(Metric)
        for point in range(MONTHS)
    ]
