"""What is expected of each animal: it adds up to the herd, and the simulation meets it animal by animal."""

from dataclasses import replace

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.engine.exact.each_animal import EachAnimal, each_animal
from herd_engine.engine.exact.expectation import expected_forecast
from herd_engine.engine.simulate import simulate
from herd_engine.errors import ParameterError
from herd_engine.model.animals import NO_DAY, Herd
from herd_engine.model.forecast import COUNT_COLUMNS, Metric
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.model.tables import Tables
from tests.herds import dry_cow, heifer, herd, open_cow, pregnant_cow, tables
from tests.statistical.closed_forms import Lactation
from tests.statistical.hazard_herds import hazard_tables, in_a_constant_season
from tests.statistical.test_expectation import CONCEIVES_AT_437, FARMS, SEED, farm

STATES = (Metric.HEIFER_COUNT, Metric.PREGNANT_HEIFER_COUNT, Metric.MILKING_COUNT, Metric.DRY_COUNT)
ODD = (
    pregnant_cow(400, 310),  # overdue, not even dry
    dry_cow(400, 310, 80),  # overdue
    dry_cow(400, 200, 20) | {"conception": NO_DAY},
    dry_cow(400, 200, 20) | {"conception": NO_DAY, "expected_calving": 70, "lactation": 7},
    open_cow(80, insemination=-10, lactation=2),
    open_cow(900),
    heifer(450, insemination=-5),
    heifer(1),
    heifer(600, state=1, conception=-100),
    open_cow(200, is_flagged=True),
    heifer(600, state=1, conception=-100, is_flagged=True),
    pregnant_cow(200, 90, lactation=2),
)


def known_tables() -> Tables:
    return calibrate(farm("sample").records, Mode.CALIBRATED, ModelParameters())


def expected(of: Herd, known: Tables, months: int = 24) -> np.ndarray:
    values = expected_forecast(of, known, Scenario(horizon_months=months)).values
    return np.stack([values[state] for state in STATES], axis=1)


@pytest.mark.parametrize("name", FARMS)
def test_animals_and_calves_to_come_add_up_to_the_herd(name: str) -> None:
    known = calibrate(farm(name).records, Mode.CALIBRATED, ModelParameters())

    found = each_animal(farm(name).herd, known, 24)

    total = found.there.sum(axis=0) + found.calves_to_come
    assert np.abs(total - expected(farm(name).herd, known)).max() <= 1e-6


def test_calves_that_are_carried_already_are_told_apart_from_later_ones() -> None:
    known = calibrate(farm("sample").records, Mode.CALIBRATED, ModelParameters(female_fraction=0.9))

    found = each_animal(farm("sample").herd, known, 24)

    total = found.there.sum(axis=0) + found.calves_to_come
    assert np.abs(total - expected(farm("sample").herd, known)).max() <= 1e-6


def test_every_odd_animal_is_what_a_herd_of_it_alone_would_be() -> None:
    known = known_tables()
    together = each_animal(herd(*ODD), known, 24)

    for place, animal in enumerate(ODD):
        alone = herd(animal)
        found = each_animal(alone, known, 24)
        assert together.there[place] == pytest.approx(found.there[0], abs=1e-12)
        assert found.there[0] + found.calves_to_come == pytest.approx(expected(alone, known), abs=1e-9)


@pytest.mark.parametrize(
    "animal",
    [open_cow(120, insemination=-20, lactation=2), pregnant_cow(200, 60), heifer(420), dry_cow(400, 260, 40)],
    ids=["open", "in calf", "heifer", "dry"],
)
def test_runs_of_one_animal_meet_its_card(animal: dict[str, int]) -> None:
    known = in_a_constant_season(known_tables())
    assert known.calibrated is not None
    childless = replace(known, calibrated=replace(known.calibrated, heifer_calf=np.zeros(2)))
    runs = 4000

    found = each_animal(herd(animal), childless, 24).there[0]
    counts = simulate(herd(animal), childless, Scenario(horizon_months=24), runs, SEED).counts

    columns = [list(COUNT_COLUMNS).index(state) for state in STATES]
    error = np.sqrt(np.maximum(found * (1 - found), 1 / runs) / runs)
    off = np.abs(counts[:, :, columns].mean(axis=0) - found) / error
    assert off.max() <= 4.5  # of a hundred numbers
    assert (off > 2).mean() < 0.12


def sure_herd() -> EachAnimal:
    sure = Lactation(days_open=np.concatenate([np.zeros(100), [1.0]]), leaves_on=420, loss=0.0)
    calendar = hazard_tables([sure], CONCEIVES_AT_437, 0.0, heifer_calf=np.zeros(2))
    return each_animal(herd(open_cow(50), heifer(427), dry_cow(360, 260, 40)), calendar, 24)


def test_an_animal_without_chance_has_its_dates_to_the_day() -> None:
    found = sure_herd()

    # Open for 50 days: conceives on day 50, dry on day 50 + 218, calves on day 50 + 278.
    assert found.calving.tolist() == [[328.0] * 3, [288.0] * 3, [18.0] * 3]
    assert found.dry_off[0].tolist() == [268.0] * 3
    assert np.isnan(found.dry_off[1:]).all()
    assert found.present == pytest.approx(np.ones((3, 3)))
    # In milk to the day before the dry-off and from the calving on; the dry cow is dry again from day 336 on.
    assert found.milking_days == pytest.approx([267 + 38, 78, 318])
    assert found.in_calf.tolist() == [0.0, 0.0, 1.0]


def test_who_is_marked_is_not_called_open() -> None:
    found = each_animal(herd(open_cow(200, is_flagged=True)), known_tables(), 2)

    assert np.isnan(found.in_calf).all()
    assert np.isnan(found.calving).all()


def test_rates_without_hazards_are_refused() -> None:
    with pytest.raises(ParameterError, match="calibrated"):
        each_animal(herd(open_cow(10)), tables(), 3)
