"""What other processes do in the tests; run by name in a fresh interpreter."""

from herd_engine.runs.store import Store, StoreSettings
from herd_engine.storage.outputs.index import OutputsIndex


def flush_until(settings: StoreSettings, n_runs: int) -> int:
    """Append what is pending, over and over, until so many runs are in the table; return how often."""
    store = Store(settings)
    index = OutputsIndex(store.database, store.files)
    times = 0
    while sum(len(runs) for runs in index.reader.runs_in(_of_one_metric(index)).values()) < n_runs:
        times += index.flush() > 0
    index.close()
    store.close()
    return times


def _of_one_metric(index: OutputsIndex) -> list:
    return [file for file in index.table.data_files() or () if file.partition[1] == "culls"]
