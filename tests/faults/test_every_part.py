"""Every part with every fault while a run is under way; takes half an hour, so only when asked for."""

from functools import partial

import pytest

from tests.faults.house import House, fill_disk, freeze_database, kill, stop, take_database_away

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

VICTIMS = ("scheduler", "workers", "dask worker", "runner", "apps", "api", "schedule", "watch")
DATABASES = pytest.mark.parametrize("house", ["postgresql", "sqlite"], indirect=True)


@DATABASES
@pytest.mark.parametrize("fault", [kill, stop])
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_part_that_is_killed_or_stopped_costs_nothing(house: House, victim: str, fault: object) -> None:
    run_id = house.under_way()

    partial(fault, house, victim)()

    house.assert_well(run_id)


@DATABASES
def test_a_full_disk_costs_nothing(house: House) -> None:
    run_id = house.under_way()

    fill_disk(house)

    house.assert_well(run_id)


@pytest.mark.parametrize("fault", [take_database_away, freeze_database])
def test_a_database_that_is_away_for_half_a_minute_costs_nothing(house: House, fault: object) -> None:
    run_id = house.under_way()

    partial(fault, house, 30.0)()

    house.assert_well(run_id)
    assert house.row(run_id).attempt == 1
