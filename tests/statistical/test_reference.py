"""Two-sample tests against a slow independent implementation of the model on two real herds."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile, read_herd_file
from herd_engine.engine.simulate import Execution, simulate
from herd_engine.model.forecast import COUNT_COLUMNS, Simulation
from tests.plain_model.reference import NAMES, scenario_of

pytestmark = pytest.mark.reference

RUNS = 2000
TABLES = [
    f"{herd}_{policy}_{mode}"
    for herd in ("ds1", "ds2")
    for policy in ("auto_counter", "auto_forecast", "manual")
    for mode in ("empirical", "theoretical")
] + ["ds2_auto_forecast_empirical_parameters", "ds2_manual_empirical_purchases"]


@dataclass(frozen=True)
class Cell:
    """One month and metric in both samples."""

    month: int
    metric: str
    mean: float
    sd: float
    their_mean: float
    their_sd: float
    their_runs: int

    @property
    def z(self) -> float:
        """Difference of means over its standard error, variance pooled as equal distributions have it."""
        degrees = RUNS + self.their_runs - 2
        pooled = ((RUNS - 1) * self.sd**2 + (self.their_runs - 1) * self.their_sd**2) / degrees
        # The tables are rounded to three digits.
        rounding = 0.0005
        error = np.sqrt(pooled * (1 / RUNS + 1 / self.their_runs)) + rounding
        return float((self.mean - self.their_mean) / error)


def our_values(simulation: Simulation, metric: str, month: int) -> np.ndarray:
    if metric == "avg_dim":
        return simulation.days_in_milk_sum[:, month] / simulation.counts[:, month, 0]
    column = COUNT_COLUMNS.index(NAMES[metric])
    return simulation.counts[:, month, column].astype(np.float64)


@pytest.fixture(scope="module")
def herds(data_dir: Path) -> dict[str, HerdFile]:
    return {name: read_herd_file(data_dir / name) for name in ("ds1.csv", "ds2.csv")}


@pytest.fixture(scope="module")
def cells(reference_dir: Path, herds: dict[str, HerdFile]) -> dict[str, list[Cell]]:
    manifest = json.loads((reference_dir / "manifest.json").read_text(encoding="utf-8"))
    result = {}
    for entry in manifest:
        herd_file, scenario = herds[entry["dataset"]], scenario_of(entry)
        tables = calibrate(herd_file.records, scenario.mode, scenario.model)
        simulation = simulate(herd_file.herd, tables, scenario, RUNS, 2026, Execution(threads=2))
        months = json.loads((reference_dir / entry["file"]).read_text(encoding="utf-8"))["months"]
        result[entry["file"].removesuffix(".json")] = [
            Cell(row["month"], metric, values.mean(), values.std(ddof=1), theirs["mean"], theirs["sd"],
                 entry["runs"])
            for row in months
            for metric, theirs in row.items()
            if metric != "month"
            for values in [our_values(simulation, metric, row["month"])]
        ]  # fmt: skip
    return result


def test_every_table_of_the_manifest_is_compared(cells: dict[str, list[Cell]]) -> None:
    assert sorted(cells) == sorted(TABLES)
    assert all(len(rows) == 5 + 36 * 10 for rows in cells.values())


@pytest.mark.parametrize("table", TABLES)
def test_the_report_date_is_the_same(cells: dict[str, list[Cell]], table: str) -> None:
    start = [cell for cell in cells[table] if cell.month == 0]

    assert [cell.mean for cell in start] == pytest.approx([cell.their_mean for cell in start], abs=0.0006)


@pytest.mark.parametrize("table", TABLES)
def test_monthly_means_are_those_of_the_reference(cells: dict[str, list[Cell]], table: str) -> None:
    apart = [cell for cell in cells[table] if abs(cell.z) > 4.5]

    assert not apart


@pytest.mark.parametrize("table", TABLES)
def test_monthly_spreads_are_those_of_the_reference(cells: dict[str, list[Cell]], table: str) -> None:
    # Purchases are heavy-tailed: a ratio of standard deviations says little there.
    compared = [cell for cell in cells[table] if cell.metric != "purchases_in" and cell.their_sd > 1]

    apart = [cell for cell in compared if not 0.75 <= cell.sd / cell.their_sd <= 1.33]

    assert len(compared) > 200
    assert not apart


def test_few_cells_lie_beyond_two_standard_errors(cells: dict[str, list[Cell]]) -> None:
    z = np.array([cell.z for rows in cells.values() for cell in rows if cell.month > 0])

    assert (np.abs(z) > 2).mean() < 0.10
