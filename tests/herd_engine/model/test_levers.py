"""A lever is declared once: parameters, texts, help and the guide's table follow from it."""

from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import get_args

import pytest

from herd_engine.cli.options import levers_by_mode
from herd_engine.i18n.catalogue import catalogue, languages
from herd_engine.model.levers import BY_HAZARDS, BY_LISTS, EVERY_MODE, LEVERS, PLACES, Lever, Unit
from herd_engine.model.scenario import FILE_MODES, Mode, ModelParameters, Scenario

GUIDE = Path(__file__).parents[3] / "notebooks" / "guide" / "levers.md"
EVERY = LEVERS | PLACES
MODES = {BY_LISTS: "`empirical`, `theoretical`", BY_HAZARDS: "`calibrated`", EVERY_MODE: "all"}


def row_of(item: Lever) -> str:
    """Return the line of a lever in the guide."""
    spread = "on, off" if item.unit is Unit.SWITCH else f"{item.low} … {item.high}"
    default = "none" if item.default is None else str(item.default).lower()
    move = (
        f"{'more' if item.move.sign > 0 else 'less'} `{item.move.metric}`"
        if item.move
        else "the band's width"
    )
    about = f"{item.about}; {item.source}" if item.source else item.about
    cells = (f"`{item.name}`", str(item.unit), default, spread, MODES[item.modes], about, move)
    return f"| {' | '.join(cells)} |"


def test_the_parameters_are_the_levers() -> None:
    assert {item.name for item in fields(ModelParameters)} == set(LEVERS)
    assert {name: getattr(ModelParameters(), name) for name in LEVERS} == {
        name: item.default for name, item in LEVERS.items()
    }


def test_those_beside_the_model_are_of_the_scenario() -> None:
    assert {name: getattr(Scenario(), name) for name in PLACES} == {
        name: item.default for name, item in PLACES.items()
    }
    assert [item.path for item in PLACES.values()] == list(PLACES)


@pytest.mark.parametrize("name", EVERY)
def test_a_lever_is_of_its_parameters_type(name: str) -> None:
    item = EVERY[name]
    declared = (ModelParameters if item.in_model else Scenario).__dataclass_fields__[name].type
    kinds = set(get_args(declared) or (declared,))

    assert (NoneType in kinds) == (item.default is None)
    assert (bool in kinds) == (item.unit is Unit.SWITCH)
    assert item.default is None or type(item.default) in kinds


def test_modes_are_those_of_scenarios() -> None:
    assert set(EVERY_MODE) == set(Mode)
    assert BY_LISTS == FILE_MODES


def test_what_the_default_mode_does_not_read_says_what_to_use_instead() -> None:
    assert {name for name, item in LEVERS.items() if item.instead} == {
        name for name, item in LEVERS.items() if item.modes == BY_LISTS
    }


@pytest.mark.parametrize("language", languages())
def test_every_lever_is_named_and_explained(language: str) -> None:
    texts = catalogue(language)
    wanted = {key for item in EVERY.values() for key in (item.label_key, f"{item.label_key}.help")}

    assert wanted - set(texts) == set()


def test_the_guide_has_a_line_for_every_lever() -> None:
    told = [
        line for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("| `") and "` | " in line
    ]

    assert [line for line in told if line.count("|") == 8] == [row_of(item) for item in EVERY.values()]


def test_the_help_of_set_names_every_lever_with_its_range() -> None:
    said = levers_by_mode()

    assert all(f"{name} " in said for name in EVERY)
    assert "culling_intensity 0.3…2" in said
