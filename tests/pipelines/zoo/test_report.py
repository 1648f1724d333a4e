"""Tables and gate of the zoo against numbers counted by hand."""

import copy
from typing import Any

import pytest

from herd_engine.errors import ParameterError
from pipelines.zoo.judge import METRICS, SCHEMA
from pipelines.zoo.report import BROKEN, HOLDS, OPEN, bias, coverage, crps, interval, report


def farm(
    number: int, inside: list[int], *, kind: str = "stationary", expected: float = 100.0
) -> dict[str, Any]:
    """Return a farm of which each metric was judged alike; months 1, 12, 13, 36 for four hits."""
    months = [1, 12, 13, 36][: len(inside)]
    judged = {
        "month": months, "inside": inside, "crps": [2.0] * len(inside),
        "expected": [expected] * len(inside), "happened": [100.0] * len(inside),
    }  # fmt: skip
    worse = judged | {"crps": [4.0] * len(inside)}
    modes = {
        mode: {metric.value: copy.deepcopy(each) for metric in METRICS}
        for mode, each in (("calibrated", judged), ("empirical", worse))
    }
    return {"kind": kind, "number": number, "animals": 10, "modes": modes}


def zoo(*farms: dict[str, Any]) -> dict[str, Any]:
    return {"schema": SCHEMA, "version": "1", "runs": 2, "months": 36, "farms": list(farms)}


def test_coverage_score_and_bias_are_means_over_farms_and_months() -> None:
    farms = [farm(1, [1, 0, 1, 1]), farm(2, [1, 1, 0, 0], expected=104.0)]

    assert coverage(farms, "dry_count").tolist() == [3 / 4, 1 / 2]
    assert [coverage(farms, "dry_count", year).tolist() for year in (1, 2, 3)] == [[0.5, 1], [1, 0], [1, 0]]
    assert (crps(farms, "culls") / crps(farms, "culls", "empirical")).tolist() == [0.5, 0.5]
    assert bias(farms, "calvings").tolist() == pytest.approx([0, 0.04])
    row = report(zoo(*farms))["rows"][0]
    assert row["coverage"] == 5 / 8
    assert row["coverage_by_year"] == [0.75, 0.5, 0.5]
    assert (row["crps_to_reference"], row["bias"]) == (0.5, pytest.approx(0.02))


def test_farms_are_resampled_whole() -> None:
    """Of two farms, one all inside and one all outside, a quarter of the resamples holds only one of them."""
    assert interval(coverage([farm(1, [1] * 4), farm(2, [0] * 4)], "culls")) == (0.0, 1.0)
    assert interval(coverage([farm(1, [1, 0, 1, 0])] * 5, "culls")) == (0.5, 0.5)


def test_the_gate_breaks_only_where_the_whole_interval_is_out() -> None:
    def states(*farms: dict[str, Any]) -> dict[str, str]:
        return {rule["rule"]: rule["state"] for rule in report(zoo(*farms))["gate"]}

    kept = states(*(farm(i, [1, 1, 1, 1, 0][:4] if i else [0, 0, 1, 1]) for i in range(3)))
    assert kept["pooled coverage of stationary kinds"] == HOLDS  # 10 of 12 = .83
    open_ = states(farm(1, [1] * 4), farm(2, [0] * 4))
    assert open_["pooled coverage of stationary kinds"] == OPEN
    broken = states(farm(1, [0] * 4, expected=110.0), farm(2, [1, 0, 0, 0], expected=103.0))
    assert broken["pooled coverage of stationary kinds"] == BROKEN
    assert broken["coverage of culls, stationary"] == BROKEN
    assert broken["bias of culls, stationary kinds"] == BROKEN


def test_a_kind_that_changes_is_held_to_the_lowest_cell_alone() -> None:
    rules = report(zoo(farm(1, [0] * 4, kind="heat"), farm(2, [0] * 4, kind="heat")))["gate"]

    assert {rule["rule"] for rule in rules} == {f"coverage of {metric}, heat" for metric in METRICS}


def test_one_farm_breaks_no_rule() -> None:
    rules = report(zoo(farm(1, [0] * 4)))["gate"]

    assert {rule["state"] for rule in rules} == {HOLDS, OPEN}


def test_a_score_that_became_worse_is_named() -> None:
    now, before = zoo(farm(1, [1] * 4)), zoo(farm(1, [1] * 4))
    now["farms"][0]["modes"]["calibrated"]["culls"]["crps"] = [2.2] * 4

    told = [rule for rule in report(now, before)["gate"] if "before" in rule["rule"]]
    assert [(rule["rule"], round(rule["value"], 3)) for rule in told] == [
        ("CRPS of culls, stationary, against before", 1.1)
    ]


def test_another_document_is_refused() -> None:
    with pytest.raises(ParameterError, match="herd-zoo/1"):
        report({"schema": "herd-bench/1", "farms": []})
