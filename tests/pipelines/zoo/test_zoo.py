"""The zoo as a whole: a small deterministic one, and (long) the gate itself."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from herd_engine.cli.zoo import app
from pipelines.zoo.farms.kinds import KINDS
from pipelines.zoo.judge import METRICS, ZooPlan, visit
from pipelines.zoo.report import BROKEN, report

SMALL = ZooPlan(farms=2, runs=60, cows=120)


@pytest.mark.slow
def test_a_small_zoo_is_the_same_again_and_held_by_its_bands(tmp_path: Path) -> None:
    """Of 8 metrics x 36 months x 2 farms: far more inside than the half that blind bands would hold."""
    zoo = visit([KINDS["stationary"]], SMALL)
    judged = report(zoo)

    assert zoo == visit([KINDS["stationary"]], SMALL)
    assert [row["metric"] for row in judged["rows"]] == [metric.value for metric in METRICS]
    assert sum(row["coverage"] for row in judged["rows"]) / len(METRICS) > 0.6
    assert [row["crps_to_reference"] < 1.1 for row in judged["rows"]].count(True) >= 6

    kept = tmp_path / "zoo.json"
    kept.write_text(json.dumps(zoo))
    told = CliRunner().invoke(app, ["report", str(kept), "--before", str(kept)])
    assert told.exit_code == 0
    assert "milking_count" in told.output
    assert "pooled coverage" in told.output


def test_an_unknown_kind_is_refused_with_those_there_are(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["run", str(tmp_path / "zoo.json"), "--kind", "zebra"])

    assert told.exit_code == 1
    assert "stationary" in str(told.exception)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_the_gate_holds_where_farms_go_on_as_they_are() -> None:
    steady = [kind for kind in KINDS.values() if kind.is_stationary]
    rules = report(visit(steady, ZooPlan(farms=6, threads=2)))["gate"]

    assert [rule["rule"] for rule in rules if rule["state"] == BROKEN] == []
