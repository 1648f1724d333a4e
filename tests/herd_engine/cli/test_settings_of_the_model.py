"""`--set NAME=VALUE`: every lever can be set, each to a value as it counts."""

import pytest

from herd_engine.cli.options import parse_settings
from herd_engine.errors import ParameterError
from herd_engine.model.levers import LEVERS, Lever, Unit

TOGETHER = {"gestation_lo": 270, "gestation_hi": 285, "gestation_mu": 278.5}
"""What must stay in order among themselves."""


@pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda lever: lever.name)
def test_every_lever_can_be_set(lever: Lever) -> None:
    value = TOGETHER.get(lever.name, False)
    if lever.low is not None and lever.high is not None and not value:
        value = lever.low + (lever.high - lever.low) / 4
        value = round(value) if lever.unit is Unit.DAYS else value

    model = parse_settings([f"{lever.name}={value}"])["model"]

    assert getattr(model, lever.name) == value


@pytest.mark.parametrize("said", ["waiting_period_change=1.5", "calf_loss=few", "parameter_uncertainty=2"])
def test_what_is_no_such_value_is_refused(said: str) -> None:
    with pytest.raises(ParameterError):
        parse_settings([said])
