"""Values of cows against closed forms, and against lives that are drawn day by day by other code."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import gamma, gammainc

from herd_engine.calibration.calibrate import calibrate
from herd_engine.engine.exact.expectation import lives_of
from herd_engine.engine.exact.expected_lives import Lives
from herd_engine.errors import ParameterError
from herd_engine.model.milk_curves import milk_by_day
from herd_engine.model.scenario import Mode, ModelParameters
from herd_engine.model.tables import Tables
from herd_engine.review.values.recursion import Economy, StateValues, pregnant_parts, state_values
from tests.statistical.closed_forms import Lactation, days_open_law
from tests.statistical.hazard_herds import hazard_tables
from tests.statistical.sample_farm import sample_farm

DAYS = 3600
D = 1.06 ** (-1 / 365.25)
NEVER = np.zeros(400)
NO_HEIFER = np.concatenate([np.zeros(437), [1.0]])
SPRINGER, SALVAGE = 1900.0, 900.0


def laws(cow: Lactation) -> Lives:
    return lives_of(hazard_tables([cow], NO_HEIFER, 0.001), DAYS)


def economy(lives: Lives, margin: float | np.ndarray = 5.0, **changes: float | np.ndarray) -> Economy:
    shape = lives.open.shape
    values: dict[str, Any] = {
        "margin": np.broadcast_to(np.asarray(margin, float), shape).copy(),
        "dry_day": -3.0, "calving": np.full(shape[0], 150.0), "salvage": SALVAGE, "springer": SPRINGER,
        "daily": D,
    }  # fmt: skip
    return Economy(**(values | changes))


def rpo(values: StateValues) -> np.ndarray:
    return values.of(values.open_parts) - values.replaced


# Closed forms.


def test_a_cow_without_memory_is_worth_a_springer_less_what_she_brings() -> None:
    loss = 0.35 / 365.25
    lives = laws(Lactation(days_open=NEVER, leaves_on=10_000, loss=loss))

    found = state_values(lives, economy(lives))

    assert rpo(found)[1:] == pytest.approx(SPRINGER - SALVAGE, rel=1e-9)
    assert found.per_day == pytest.approx(5 + D * loss * SALVAGE - SPRINGER * (1 - D * (1 - loss)), rel=1e-9)


def test_a_pregnancy_that_changes_nothing_is_worth_nothing() -> None:
    cow = Lactation(days_open=days_open_law(60, 0.22, 390), leaves_on=10_000, loss=0.3 / 365.25)
    lives = laws(cow)

    found = state_values(lives, economy(lives, dry_day=5.0, calving=np.zeros(6)))

    more = (found.of(found.conceived_parts) - found.of(found.open_parts))[1:]
    assert more[lives.conceives[1:] > 0] == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize(
    ("group", "a", "b", "c"), [(1, 15.72, 0.2433, 0.002445), (3, 21.92, 0.2627, 0.004041)]
)
def test_milk_at_a_price_of_1_is_the_sum_of_the_curve(group: int, a: float, b: float, c: float) -> None:
    lives = laws(Lactation(days_open=NEVER, leaves_on=305, loss=0.0))
    curve = np.stack([milk_by_day("wood_us_2006", max(each, 1), DAYS) for each in range(6)])

    found = state_values(
        lives, economy(lives, curve, dry_day=0.0, calving=np.zeros(6), salvage=0.0, springer=0.0, daily=1.0)
    )

    closed = a * c ** -(b + 1) * gamma(b + 1) * gammainc(b + 1, c * 304.5)
    assert found.open_parts[group, 0, 0] == pytest.approx(closed, rel=1e-3)


@pytest.mark.parametrize(
    ("curve", "sums"), [("wood_us_2006", (10491, 11868, 12683)), ("milkbot_priors", (7492, 8688, 9164))]
)
def test_curves_give_the_documented_305_days(curve: str, sums: tuple[int, ...]) -> None:
    assert [round(milk_by_day(curve, each, 305).sum()) for each in (1, 2, 3)] == list(sums)


def test_curves_of_wood_peak_where_documented_and_an_unknown_one_is_refused() -> None:
    peaks = [int(milk_by_day("wood_us_2006", each, 305).argmax()) for each in (1, 2, 5)]

    assert peaks == [100, 65, 65]
    with pytest.raises(ParameterError, match="wood_us_2006"):
        milk_by_day("gompertz", 1, 305)


# A farm.


def farm_tables(**model: Any) -> Tables:
    return calibrate(sample_farm()[0].records, Mode.CALIBRATED, ModelParameters(**model))


def priced(lives: Lives, **changes: float | np.ndarray) -> Economy:
    curve = np.stack([milk_by_day("wood_us_2006", max(each, 1), DAYS) for each in range(6)])
    return economy(lives, curve * 0.33 - 3.0, **changes)


def test_a_fresh_cow_of_the_first_lactation_is_worth_a_springer_less_what_she_brings() -> None:
    lives = lives_of(farm_tables(), DAYS)

    assert rpo(state_values(lives, priced(lives)))[1, 0] == pytest.approx(SPRINGER - SALVAGE, rel=1e-12)


def test_prices_twice_as_high_double_every_value() -> None:
    lives = lives_of(farm_tables(), DAYS)
    once = priced(lives)
    twice = Economy(
        margin=2 * once.margin, dry_day=-6.0, calving=2 * once.calving, salvage=2 * SALVAGE,
        springer=2 * SPRINGER, daily=D,
    )  # fmt: skip

    one, two = state_values(lives, once), state_values(lives, twice)

    assert two.of(two.open_parts) == pytest.approx(2 * one.of(one.open_parts), rel=1e-9)
    assert two.place == pytest.approx(2 * one.place, rel=1e-9)


def test_springer_and_salvage_dearer_by_as_much_change_no_pay_off() -> None:
    lives = lives_of(farm_tables(), DAYS)

    before = rpo(state_values(lives, priced(lives)))
    after = rpo(state_values(lives, priced(lives, salvage=SALVAGE + 250, springer=SPRINGER + 250)))

    assert after[1:] == pytest.approx(before[1:], abs=1e-6)


def test_at_the_break_even_price_a_place_is_worth_nothing() -> None:
    lives = lives_of(farm_tables(), DAYS)
    dear = state_values(lives, priced(lives)).heifer_break_even

    assert state_values(lives, priced(lives, springer=dear)).place == pytest.approx(0.0, abs=1e-6)


def test_one_more_point_of_pregnancy_rate_is_worth_less_and_less() -> None:
    earned = []
    for factor in (0.5, 0.75, 1.0, 1.25, 1.5):
        lives = lives_of(farm_tables(conception_intensity=factor), DAYS)
        earned.append(state_values(lives, priced(lives)).per_day)

    gains = np.diff(earned)
    assert (gains > 0).all()
    assert (np.diff(gains) < 0).all()


def test_a_discount_that_lets_values_grow_is_refused() -> None:
    lives = laws(Lactation(days_open=NEVER, leaves_on=10_000, loss=0.001))

    with pytest.raises(ParameterError, match="discount"):
        state_values(lives, economy(lives, daily=1.1))


# Lives that are drawn day by day, from the rates themselves.


def drawn_lives(
    known: Tables, money: Economy, place: float, group: int, day: int, in_calf: int | None
) -> np.ndarray:
    """Return the discounted money of 4,000 lives, each until she leaves."""
    assert known.calibrated is not None
    exits, catches = known.calibrated.exits, known.calibrated.conceptions.daily_probability
    leaving = -np.expm1(-exits.shape / exits.years / 365.25)
    chance, n = np.random.default_rng(20260226), 4000
    g, x, total = np.full(n, group), np.full(n, day), np.full(n, money.margin[group, day])
    since = np.full(n, -1 if in_calf is None else in_calf)
    due, dry = np.zeros(n, int), np.zeros(n, int)
    carries, dries = known.gestation, known.conception_to_dry_off

    def conceive(rows: np.ndarray) -> None:
        due[rows] = chance.choice(carries.days, len(rows), p=carries.probability)
        drawn = chance.choice(dries.days, len(rows), p=dries.probability)
        dry[rows] = np.minimum(drawn, due[rows] - 1)

    if in_calf is not None:
        conceive(np.arange(n))
    here, t = np.ones(n, bool), 0
    while here.any():
        t, discount = t + 1, money.daily ** (t + 1)
        rows = np.flatnonzero(here)
        x[rows] += 1
        since[rows] += since[rows] >= 0
        band = np.clip(
            np.searchsorted(exits.edges[1], x[rows], side="right") - 1, 0, exits.edges.shape[1] - 2
        )
        is_known = (since[rows] > exits.confirmation_lag).astype(int)
        gone = chance.random(len(rows)) < leaving[g[rows], is_known, band]
        total[rows[gone]] += discount * (money.salvage + place)
        here[rows[gone]] = False
        rows = rows[~gone]
        calving = rows[(since[rows] >= 0) & (since[rows] == due[rows])]
        total[calving] += discount * money.calving[g[calving]]
        g[calving] = np.minimum(g[calving] + 1, 5)
        x[calving], since[calving] = 0, -1
        open_rows = rows[(since[rows] < 0) & (x[rows] > 0)]
        within = np.minimum(x[open_rows], catches.shape[1] - 1)
        caught = open_rows[chance.random(len(open_rows)) < catches[np.minimum(g[open_rows], 3), within]]
        since[caught] = 0
        conceive(caught)
        is_dry = (since[rows] >= 0) & (since[rows] >= dry[rows])
        margin = money.margin[g[rows], np.minimum(x[rows], DAYS)]
        total[rows] += discount * np.where(is_dry, money.dry_day, margin)
    return total


@pytest.mark.parametrize(("group", "day", "in_calf"), [(1, 0, None), (2, 180, None), (3, 200, 70)])
def test_drawn_lives_come_to_the_value_of_their_state(group: int, day: int, in_calf: int | None) -> None:
    known = farm_tables()
    lives = lives_of(known, DAYS)
    money = priced(lives)
    found = state_values(lives, money)
    if in_calf is None:
        value = found.of(found.open_parts)[group, day]
    else:
        own, leaves, calves = pregnant_parts(lives, money, group, day, in_calf)
        then = found.of(found.fresh_parts)[group + 1]
        value = own + leaves * found.place + calves * then

    drawn = drawn_lives(known, money, found.place, group, day, in_calf)

    error = drawn.std(ddof=1) / np.sqrt(len(drawn))
    assert abs(drawn.mean() - value) <= 4 * error
    assert error < 40  # so that a wrong value of a few days' margin would show


def test_drawn_lives_notice_a_margin_that_is_off() -> None:
    known = farm_tables()
    lives = lives_of(known, DAYS)
    found = state_values(lives, priced(lives))
    dearer = replace(priced(lives), dry_day=-6.0)

    drawn = drawn_lives(known, dearer, found.place, 2, 180, None)

    value = found.of(found.open_parts)[2, 180]
    assert abs(drawn.mean() - value) > 4 * drawn.std(ddof=1) / np.sqrt(len(drawn))
