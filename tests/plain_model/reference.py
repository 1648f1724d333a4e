"""The reference tables: which there are, what they were made with, and our records in their terms."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from herd_engine.model.scenario import Mode, ModelParameters, Purchase, PurchasePolicy, Scenario

SHARED = Path(__file__).resolve().parents[3] / "shared"
REFERENCE_DIR = Path(os.environ.get("HERD_REFERENCE_DIR", SHARED / "reference"))
DATA_DIR = Path(os.environ.get("HERD_DATA_DIR", SHARED / "data"))

NAMES = {
    "milking": "milking_count",
    "dry": "dry_count",
    "heifer": "heifer_count",
    "pregnant_heifer": "pregnant_heifer_count",
    **{name: name for name in ("calvings", "dryoffs", "culls", "purchases_in", "heifer_intros")},
}
"""Name in the tables and in `PlainRun.records`."""


def missing_reason(dataset: str) -> str | None:
    """Return why nothing can be compared, None where everything is there."""
    if "HERD_REFERENCE_DIR" in os.environ and "HERD_DATA_DIR" in os.environ:
        return None  # who names the folders wants them compared: what is missing there is an error
    if not (REFERENCE_DIR / "manifest.json").exists():
        return "no reference tables: set HERD_REFERENCE_DIR"
    if not (DATA_DIR / dataset).exists():
        return f"no herd file {dataset}: set HERD_DATA_DIR"
    return None


def manifest() -> dict[str, dict[str, Any]]:
    """Return what each table was made with, by file name."""
    entries = json.loads((REFERENCE_DIR / "manifest.json").read_text("utf-8"))
    return {entry["file"]: entry for entry in entries}


def months(file: str) -> list[dict[str, Any]]:
    """Return a table's months; the first is the report date."""
    return json.loads((REFERENCE_DIR / file).read_text("utf-8"))["months"]


def scenario_of(entry: dict[str, Any]) -> Scenario:
    """Return the scenario of a table."""
    model = dict(entry["overrides"])
    purchases = [dict(purchase) for purchase in model.pop("purchases", [])]
    lead_time_days = model.pop("lead_time_days", 90)
    for purchase in purchases:
        for name in {"date_in", "expected_calving_date"} & set(purchase):
            purchase[name] = date.fromisoformat(purchase[name])
    return Scenario(
        horizon_months=entry["horizon_months"],
        mode=Mode(entry["mode"]),
        purchase_policy=PurchasePolicy(entry["policy"]),
        lead_time_days=lead_time_days,
        purchases=tuple(Purchase(**purchase) for purchase in purchases),
        model=ModelParameters(population_regulation=entry["population_regulation"], **model),
    )


def monthly_values(record: dict[str, int]) -> dict[str, float]:
    """Return a record under the names of the tables."""
    values: dict[str, float] = {name: record[ours] for name, ours in NAMES.items()}
    return values | {"avg_dim": record["days_in_milk_sum"] / record["milking_count"]}
