"""Farms of the zoo by hand: one animal at a time, and that nobody is lost or made."""

from datetime import date

import numpy as np
import pytest

from pipelines.zoo.farms.book import BEEF, DIED, MOVED, NEVER, SEXED, SOLD
from pipelines.zoo.farms.farm import ZooFarm
from pipelines.zoo.farms.kinds import KINDS, FarmKind

REPORT_DATE = date(2025, 1, 15)
QUIET = FarmKind(name="quiet", about="nothing by itself", cows=20)


def empty_farm(kind: FarmKind = QUIET, day: int = 0) -> ZooFarm:
    """Return a farm without animals at the end of a day."""
    farm = ZooFarm(kind, 1, REPORT_DATE)
    farm.book["gone"][:] = farm.day
    farm.day = day
    return farm


def test_a_pregnant_cow_is_dried_off_and_calves_on_her_days() -> None:
    farm = empty_farm()
    (cow,) = farm.book.add(
        1, birth=-1500, lactation=2, calving=-200, conception=-120, semen=SEXED, drying=3, due=5
    )

    farm.day = 3
    farm._dry_off()
    assert (farm._milking().size, farm._cows().size, farm.counts["dryoffs"]) == (0, 1, 1)

    farm.day = 5
    farm._calve()
    told = {
        name: int(farm.book[name][cow]) for name in ("lactation", "calving", "dried", "conception", "due")
    }
    assert told == {"lactation": 3, "calving": 5, "dried": NEVER, "conception": NEVER, "due": NEVER}
    assert farm._record()["avg_days_in_milk"] == 0
    assert farm.counts["calvings"] == 1
    assert farm.counts["heifer_intros"] == 0


def test_beef_calves_leave_and_sexed_ones_are_mostly_heifers() -> None:
    """Of 2,000 sexed calvings of cows 0.90 x (1 - 0.045) give a heifer, within four standard errors."""
    beef, sexed = empty_farm(), empty_farm()
    for farm, semen in ((beef, BEEF), (sexed, SEXED)):
        farm.book.add(2000, birth=-1500, lactation=2, calving=-300, conception=-278, semen=semen, due=0)
        farm._calve()

    assert beef.counts["heifer_births"] == 0
    assert sexed.counts["heifer_births"] / 2000 == pytest.approx(0.8595, abs=4 * np.sqrt(0.86 * 0.14 / 2000))


def test_a_lost_pregnancy_is_open_again_and_never_calves() -> None:
    farm = empty_farm()
    (cow,) = farm.book.add(
        1, birth=-900, lactation=1, calving=-100, conception=-40, loss=2, drying=180, due=238
    )
    farm.day = 2
    farm._lose()

    assert farm.book["conception"][cow] == farm.book["due"][cow] == farm.book["loss"][cow] == NEVER
    assert 12 <= farm.book["service"][cow] <= 32


def test_a_full_barn_sells_open_cows_longest_in_milk_and_the_youngest_heifers() -> None:
    """Twenty cows: 17 places in milk (0.86 x 20 = 17.2), 38 heads (1.9 x 20). Here are 19 and 41."""
    farm = empty_farm(FarmKind(name="barn", about="", cows=20, is_full=True))
    cows = farm.book.add(19, birth=-2000, lactation=2, calving=-10 * np.arange(1, 20))
    farm.book["conception"][cows[-1]] = -90  # the longest in milk is pregnant: she stays
    young = farm.book.add(22, birth=-np.arange(1, 23))

    farm._hold_places()

    assert np.flatnonzero(farm.book["gone"] == 0)[-3:].tolist() == [cows[-3], cows[-2], young[0]]
    assert (farm._milking().size, farm.book.where().size) == (17, 38)


def test_lots_take_the_nearest_due_and_groups_of_the_right_age() -> None:
    """8 % and 5 % of 100 cows a year, in four: two springers, one moved heifer of 150 to 300 days."""
    farm = empty_farm(FarmKind(name="lots", about="", cows=100, springer_lots=0.08, moved=0.05))
    springers = farm.book.add(4, birth=-700, conception=-200, due=np.array([90, 60, 70, 80]))
    young = farm.book.add(3, birth=np.array([-100, -200, -400]))

    farm._lots()

    way = farm.book["way"]
    assert way[springers].tolist() == [0, SOLD, SOLD, 0]
    assert way[young].tolist() == [0, MOVED, 0]


def test_sick_years_kill_as_many_times_the_calves() -> None:
    """Of 20,000 calves a day: 1 - 0.95**(1/60) die; four times the rate in a sick year."""
    deaths = {}
    for times in (1.0, 4.0):
        farm = empty_farm(FarmKind(name="sick", about="", sick_from=-5, sick_to=5, sick_times=times))
        farm.book.add(20_000, birth=-10)
        farm._leave(REPORT_DATE)
        deaths[times] = int((farm.book["way"] == DIED).sum())

    expected = 20_000 * (1 - 0.95 ** (1 / 60))
    assert deaths[1.0] == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert deaths[4.0] == pytest.approx(4 * expected, abs=4 * np.sqrt(4 * expected))


def test_heat_costs_half_in_mid_july_and_nothing_in_january() -> None:
    farm = empty_farm(FarmKind(name="hot", about="", heat=0.5))
    assert farm._heat() == 0
    farm.day = (date(2025, 7, 16) - REPORT_DATE).days
    assert farm._heat() == pytest.approx(0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_lost_or_made_in_any_month(kind: str) -> None:
    farm = ZooFarm(KINDS[kind], 3, REPORT_DATE, cows=40, start=-100)
    farm.live_until(0)
    there = farm.book.where().size
    farm.live_until(200)

    assert len(farm.records) == 7  # February to August
    for record in farm.records:
        now = sum(
            record[name] for name in ("milking_count", "dry_count", "heifer_count", "pregnant_heifer_count")
        )
        assert now == there + record["heifer_births"] - record["culls"]
        there = now


def test_a_farm_is_the_same_again_and_another_with_another_seed() -> None:
    farms = [ZooFarm(KINDS["stationary"], seed, REPORT_DATE, cows=30, start=-100) for seed in (1, 1, 2)]
    for farm in farms:
        farm.live_until(100)

    assert farms[0].records == farms[1].records
    assert farms[0].records != farms[2].records
