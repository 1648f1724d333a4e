"""One run of the kernel with every event of every animal noted."""

from typing import NamedTuple

import numpy as np

from herd_engine.engine.inputs import prepare
from herd_engine.engine.kernel.ledger import new_ledger
from herd_engine.engine.kernel.life import new_stack
from herd_engine.engine.kernel.run import run_many
from herd_engine.engine.run_rates import no_rates, run_rates
from herd_engine.engine.simulate import in_one_layout
from herd_engine.model.animals import Herd
from herd_engine.model.forecast import COUNT_COLUMNS
from herd_engine.model.scenario import Scenario
from herd_engine.model.tables import Tables

KINDS = ("conception", "dry_off", "calving", "birth", "purchase", "culled", "flag_exit", "non_conceiver",
         "cap_exit", "loss", "sold")  # fmt: skip


class FollowedRun(NamedTuple):
    """Events as (key, day, kind, lactation), and the records."""

    events: list[tuple[int, int, str, int]]
    records: list[dict[str, int]]


def follow_run(herd: Herd, tables: Tables, scenario: Scenario, run: int, seed: int) -> FollowedRun:
    """Run the kernel once."""
    inputs = in_one_layout(prepare(herd, tables, scenario).inputs)
    n_records = len(inputs.record_day)
    capacity = 200_000 + 60 * herd.n_animals
    room = capacity if inputs.has_places else 0
    ledger = new_ledger(n_records - 1, len(inputs.clock.scale), trace_capacity=capacity, most_present=room)
    counts = np.zeros((1, n_records, len(COUNT_COLUMNS)), np.int32)
    days_in_milk_sum = np.zeros((1, n_records), np.int64)
    rates = (
        no_rates() if tables.calibrated is None else run_rates(inputs.posterior, seed, range(run, run + 1))
    )
    run_many(
        inputs, in_one_layout(rates), ledger, new_stack(), np.uint64(seed), run, counts, days_in_milk_sum
    )
    rows = ledger.trace[: ledger.trace_length[0]].tolist()
    records = [
        {str(name): int(value) for name, value in zip(COUNT_COLUMNS, row, strict=True)}
        | {"days_in_milk_sum": int(dim)}
        for row, dim in zip(counts[0], days_in_milk_sum[0], strict=True)
    ]
    sold = {key: day for key, kind, day, _ in rows if KINDS[kind] == "sold"}
    happened = (row for row in rows if row[2] <= sold.get(row[0], row[2]))  # later ones were taken back
    return FollowedRun(
        [(key, day, KINDS[kind], lactation) for key, kind, day, lactation in happened], records
    )
