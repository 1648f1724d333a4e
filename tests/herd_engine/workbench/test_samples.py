"""A sample farm beside the visitor's own: one each, none for who may add no farm."""

from datetime import date
from pathlib import Path

import pytest

from herd_engine.errors import ForbiddenError
from herd_engine.model.visitor import Visitor
from herd_engine.workbench import Workbench
from herd_engine.workbench.samples import add_sample_farm

NAME, DAY = "Sample farm", date(2026, 5, 1)


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    bench = Workbench.open(tmp_path / "home")
    for farm, member, role in (
        ("North", "anna", "admin"),
        ("South", "boris", "admin"),
        ("South", "vera", "viewer"),
    ):
        if farm not in {each.name for each in bench.farms.list()}:
            bench.farms.add(farm)
        bench.farms.grant(farm, member, role)
    return bench


def of(bench: Workbench, name: str, farm: str) -> Workbench:
    return bench.of(Visitor(name=name), farm)


def test_two_people_have_a_sample_farm_each(bench: Workbench) -> None:
    first = add_sample_farm(of(bench, "anna", "North"), NAME, DAY)
    second = add_sample_farm(of(bench, "boris", "South"), NAME, DAY)
    again = add_sample_farm(of(bench, "anna", "North"), NAME, DAY)

    assert [each.farms.current().name for each in (first, second, again)] == [NAME, f"{NAME} 2", NAME]
    assert len(first.datasets.all()) == len(second.datasets.all()) == 1
    assert f"{NAME} 2" not in {farm.name for farm in of(bench, "anna", "North").farms.list(archived=True)}


def test_who_may_add_no_farm_gets_none(bench: Workbench) -> None:
    with pytest.raises(ForbiddenError):
        add_sample_farm(of(bench, "vera", "South"), NAME, DAY)
    assert NAME not in {farm.name for farm in bench.farms.list()}
