"""One fault of each kind while a run is under way: everything works again, nothing is lost, equal bytes.

Only ``-m long`` runs it, as all parts with all faults beside it: eight parts and their work want a machine
of their own, on which a minute is a minute.
"""

import pytest

from tests.faults.house import House, fill_disk, kill, stop, take_database_away

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


def test_a_part_that_is_killed_comes_back(house: House) -> None:
    run_id = house.under_way()

    kill(house, "runner")

    house.assert_well(run_id)


def test_a_part_that_is_stopped_is_not_ready_and_is_started_again(house: House) -> None:
    run_id = house.under_way()

    stop(house, "runner")

    house.assert_well(run_id)


def test_a_full_disk_is_waited_for(house: House) -> None:
    run_id = house.under_way()

    fill_disk(house)

    house.assert_well(run_id)
    assert house.row(run_id).attempt == 1


def test_a_database_that_is_away_is_waited_for(house: House) -> None:
    run_id = house.under_way()

    take_database_away(house, 5.0)

    house.assert_well(run_id)
    assert house.row(run_id).attempt == 1
