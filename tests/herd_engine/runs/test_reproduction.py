"""A run that is simulated again tells which of its numbers came out otherwise."""

import io
import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from herd_engine.errors import ConflictError
from herd_engine.runs.draws_file import DRAWS
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.reproduction import ChangedFile, ChangedValue
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.run_rows import RunRow
from tests.herd_engine.runs.conftest import PAYLOAD, work

MONTH = "2026-04-01"


@pytest.fixture
def run(kept: KeptRuns, dataset: DatasetRow) -> RunRow:
    submitted = kept.submit(dataset.id, PAYLOAD).run
    work(kept)
    return kept.get(submitted.id)


def spoil(kept: KeptRuns, run: RunRow, name: str, data: bytes) -> None:
    kept.store.files.put(f"runs/{run.id}/{name}", data)


def spoil_cell(kept: KeptRuns, run: RunRow, name: str, row: int, column: str, value: object) -> None:
    """Write a table again with another value in one cell."""
    table = parquet.read_table(io.BytesIO(kept.artifact(run.id, name)))
    cells = table[column].to_pylist()
    cells[row] = value
    place = table.column_names.index(column)
    changed = io.BytesIO()
    parquet.write_table(table.set_column(place, column, pa.array(cells, table[column].type)), changed)
    spoil(kept, run, name, changed.getvalue())


def test_a_changed_number_of_the_result_is_told_by_metric_month_and_statistic(
    kept: KeptRuns, run: RunRow
) -> None:
    result = json.loads(kept.artifact(run.id, "result.json"))
    point = next(point for point in result["points"] if point["date"] == MONTH)
    was, error = point["p50"]["milking_count"], point["mcse"]["calvings"]["p_low"]
    point["p50"]["milking_count"] = was + 1
    point["mcse"]["calvings"]["p_low"] = error + 0.5
    spoil(kept, run, "result.json", json.dumps(result, ensure_ascii=False, indent=2).encode() + b"\n")

    (changed,) = kept.reproduce(run.id)

    assert (changed.name, changed.n_differences) == ("result.json", 2)
    assert set(changed.differences) == {
        ChangedValue(("milking_count", MONTH, "p50"), was + 1, was),
        ChangedValue(("calvings", MONTH, "mcse p_low"), error + 0.5, error),
    }
    assert f"milking_count, {MONTH}, p50: {was + 1} was published, {was} came out again" in str(changed)


def test_a_changed_cell_of_the_outputs_and_of_the_draws_is_told(kept: KeptRuns, run: RunRow) -> None:
    rows = parquet.read_table(io.BytesIO(kept.artifact(run.id, "outputs.parquet"))).to_pylist()
    row = next(i for i, r in enumerate(rows) if (r["metric"], r["target_month"]) == ("culls", MONTH))
    draws = parquet.read_table(io.BytesIO(kept.artifact(run.id, DRAWS))).to_pylist()
    spoil_cell(kept, run, "outputs.parquet", row, "p_high", None)
    spoil_cell(kept, run, DRAWS, 61, "dry_count", 1000)

    assert kept.reproduce(run.id) == (
        ChangedFile(
            name="outputs.parquet",
            n_differences=1,
            differences=(ChangedValue(("culls", MONTH, "p_high"), None, rows[row]["p_high"]),),
        ),
        ChangedFile(
            name=DRAWS,
            n_differences=1,  # row 61 of 60 replicates a date is replicate 1 of the second date
            differences=(
                ChangedValue((rows[1]["target_month"], "1", "dry_count"), 1000, draws[61]["dry_count"]),
            ),
        ),
    )


def test_a_table_that_was_only_written_otherwise_is_the_same(kept: KeptRuns, run: RunRow) -> None:
    before = kept.artifact(run.id, "outputs.parquet")
    spoil_cell(kept, run, "outputs.parquet", 0, "metric", "milking_count")

    assert kept.artifact(run.id, "outputs.parquet") != before
    assert kept.reproduce(run.id) == ()


def test_files_that_are_gone_or_cannot_be_read_are_named(kept: KeptRuns, run: RunRow) -> None:
    spoil(kept, run, "result.json", b"half a fil")
    spoil(kept, run, DRAWS, b"PAR1")
    spoil(kept, run, "config.json", kept.artifact(run.id, "config.json") + b"\n")
    kept.store.files.delete_prefix(f"runs/{run.id}/quality.json")

    assert [str(changed) for changed in kept.reproduce(run.id)] == [
        "config.json: the same values, in other bytes",
        "quality.json: the file is missing",
        f"{DRAWS}: what was published can no longer be read",
        "result.json: what was published can no longer be read",
    ]


def test_a_file_of_another_run_is_told_in_few_lines(kept: KeptRuns, dataset: DatasetRow, run: RunRow) -> None:
    other = kept.submit(dataset.id, PAYLOAD | {"seed": 6}).run
    work(kept)
    spoil(kept, run, "result.json", kept.artifact(other.id, "result.json"))

    (changed,) = kept.reproduce(run.id)

    lines = str(changed).splitlines()
    assert len(lines) == 22
    assert "  meta, seed: 6 was published, 5 came out again" in lines
    assert lines[-1] == f"  and {changed.n_differences - 20:,} more"


def test_only_a_run_that_succeeded_can_be_made_again(kept: KeptRuns, dataset: DatasetRow) -> None:
    queued = kept.submit(dataset.id, PAYLOAD).run

    with pytest.raises(ConflictError, match="only a run that succeeded can be made again"):
        kept.reproduce(queued.id)
