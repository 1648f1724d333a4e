"""A number is a number: however it is written, an equal scenario is the same scenario and gives the same."""

import math
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import ParameterError
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.model.forecast import Forecast
from herd_engine.model.scenario import Mode, ModelParameters, Scenario, unread_by
from herd_engine.sample import make_sample
from herd_engine.scenarios.identity import run_hash
from herd_engine.scenarios.schema import to_payload

LEVERS = {item.name: item for item in fields(ModelParameters) if item.type in (float, float | None)}
BETWEEN = {
    "culling_intensity": 0.5,
    "heifer_sales_intensity": 0.5,
    "conception_intensity": 1.1,
    "gestation_mean": 278.5,
    "population_regulation": 0.25,
    "gestation_mu": 277.5,
}
"""Levers beside the one that is looked at: no integer among them, which an array of integers would cut."""
WHOLE = [
    (name, value)
    for name, item in LEVERS.items()
    for value in {math.ceil(item.metadata["low"]), math.floor(item.metadata["high"])}
    if item.metadata["low"] <= value <= item.metadata["high"]
]


@cache
def herd_file() -> HerdFile:
    return read_herd_bytes(make_sample(animals=200).csv, "sample.csv")


def scenario(name: str, value: float) -> Scenario:
    """Return a scenario of a mode that reads the lever."""
    mode = next(mode for mode in (Mode.CALIBRATED, Mode.THEORETICAL) if name not in unread_by(mode))
    others = {other: beside for other, beside in BETWEEN.items() if other not in unread_by(mode)}
    wide = {"gestation_lo": 240, "gestation_hi": 330} if name == "gestation_mu" else {}
    return Scenario(horizon_months=6, mode=mode, model=ModelParameters(**(others | wide | {name: value})))


def same(a: Forecast, b: Forecast) -> bool:
    return a.meta == replace(b.meta) and all(
        np.array_equal(getattr(a.series[metric], part), getattr(b.series[metric], part), equal_nan=True)
        for metric in a.series
        for part in type(a.series[metric]).__slots__
    )


def test_every_lever_that_is_no_count_is_tried() -> None:
    assert {name for name, _ in WHOLE} == set(LEVERS) - {"female_fraction"}  # 0.05 … 0.95 holds no integer


@pytest.mark.parametrize(("name", "value"), WHOLE)
def test_an_integer_gives_what_the_equal_float_gives(name: str, value: int) -> None:
    as_integer, as_float = scenario(name, value), scenario(name, float(value))

    forecasts = [make_forecast(herd_file(), each, 4, 1) for each in (as_integer, as_float)]

    assert as_integer == as_float
    assert same(*forecasts)
    hashes = {run_hash(to_payload(each, 1, 4), "ab" * 32, "1", "1") for each in (as_integer, as_float)}
    assert len(hashes) == 1


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.sampled_from(WHOLE),
    st.sampled_from([int, float, np.int64, np.int16, np.float64, np.float32]),
)
def test_however_a_number_is_given_a_lever_is_a_float(whole: tuple[str, int], kind: type) -> None:
    name, value = whole
    made = scenario(name, kind(value))

    assert {type(getattr(made.model, each)) for each in LEVERS} <= {float, type(None)}
    assert hash(made) == hash(scenario(name, float(value)))


def test_nothing_sold_is_0_whichever_its_sign() -> None:
    assert math.copysign(1, scenario("heifer_sales_intensity", -0.0).model.heifer_sales_intensity) == 1


@pytest.mark.parametrize("value", [True, "1", None, 1j, math.nan])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ParameterError, match="`culling_intensity` must"):
        ModelParameters(culling_intensity=value)


@pytest.mark.parametrize("value", [1, 0, "true", None])
def test_what_is_no_truth_is_refused(value: object) -> None:
    with pytest.raises(ParameterError, match="`parameter_uncertainty` must be true or false"):
        ModelParameters(parameter_uncertainty=value)
