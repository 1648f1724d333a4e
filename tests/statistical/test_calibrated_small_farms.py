"""The calibrated mode on farms of which a file tells little or nothing."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.snapshot import herd_on_report_date
from herd_engine.engine.simulate import simulate
from herd_engine.model.animals import NO_DAY, AnimalRecords, Herd
from herd_engine.model.forecast import COUNT_COLUMNS
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.model.tables import Tables
from tests.property.small_herds import herds
from tests.statistical.known_farms import CONCEPTIONS_PER_CYCLE, EXIT_RATES, KnownFarm, make_herd

SEED = 20260226


def some_of(records: AnimalRecords, rows: np.ndarray, **columns: np.ndarray) -> AnimalRecords:
    """Return some rows, with other columns where given."""
    return replace(records.only(rows), **columns)


def small_farm(name: str) -> AnimalRecords:
    """Return a farm of 30 cows, or what is left of it."""
    farm = KnownFarm(cows=30, exit_rates=EXIT_RATES, conceptions=CONCEPTIONS_PER_CYCLE)
    records = make_herd(farm, np.random.default_rng(SEED)).records
    everybody, stays = np.arange(records.n_animals), np.flatnonzero(records.archive == NO_DAY)
    is_cow, nothing = records.lactation > 0, np.full(records.n_animals, NO_DAY, np.int32)
    rows = {
        "no exits": stays,
        "heifers only": np.flatnonzero(~is_cow),
        "cows only": np.flatnonzero(is_cow),
        "one heifer": stays[~is_cow[stays]][:1],
        "one cow": stays[is_cow[stays]][:1],
        "nobody": stays[:0],
    }.get(name, everybody)
    empty = {
        "no dry-offs": ("dry_off",),
        "no inseminations": ("insemination", "conception", "dry_off"),
        "births and calvings only": ("insemination", "conception", "dry_off", "archive"),
    }.get(name, ())
    return some_of(records, rows, **dict.fromkeys(empty, nothing[rows]))


SMALL_FARMS = [
    "all",
    "no exits",
    "no dry-offs",
    "no inseminations",
    "births and calvings only",
    "heifers only",
    "cows only",
    "one heifer",
    "one cow",
    "nobody",
]
YEAR_AHEAD = Scenario(mode=Mode.CALIBRATED, horizon_months=12)


@pytest.mark.parametrize("name", SMALL_FARMS)
def test_a_small_farm_is_calibrated_and_forecast(name: str) -> None:
    records = small_farm(name)

    tables = calibrate(records, Mode.CALIBRATED, ModelParameters())
    known = tables.calibrated
    assert known is not None
    result = simulate(herd_on_report_date(records, {}), tables, YEAR_AHEAD, 20, SEED)

    for values in (known.exits.shape, known.exits.years, known.exits.season, known.conceptions.events):
        assert np.isfinite(values).all()
        assert (values > 0).all()
    for probability in (known.conceptions.daily_probability, known.conceptions.hidden, known.heifer_calf):
        assert ((probability >= 0) & (probability <= 1)).all()
    assert (result.counts >= 0).all()


@pytest.mark.parametrize("name", ["heifers only", "one heifer", "nobody"])
def test_without_cows_on_file_their_rates_are_what_herds_are_usually_like(name: str) -> None:
    known = calibrate(small_farm(name), Mode.CALIBRATED, ModelParameters()).calibrated
    assert known is not None

    # Over days in milk 0 … 429 by band, a lactation's rate is the usual one.
    rates = (known.exits.shape / known.exits.years)[1:, 0, :6]

    assert rates @ np.array([30, 30, 90, 155, 95, 30]) / 430 == pytest.approx(EXIT_RATES, rel=0.01)


@pytest.mark.parametrize("name", SMALL_FARMS)
def test_batches_of_runs_do_not_matter(name: str) -> None:
    records = small_farm(name)
    herd, tables = herd_on_report_date(records, {}), calibrate(records, Mode.CALIBRATED, ModelParameters())

    parts = [simulate(herd, tables, YEAR_AHEAD, runs, SEED).counts for runs in (range(7), range(7, 20))]

    assert np.array_equal(np.concatenate(parts), simulate(herd, tables, YEAR_AHEAD, 20, SEED).counts)


@pytest.mark.parametrize("name", SMALL_FARMS)
def test_the_order_of_rows_does_not_matter(name: str) -> None:
    records = small_farm(name)
    order = np.random.default_rng(1).permutation(records.n_animals)
    results = []
    for rows in (np.arange(records.n_animals), order):
        its = some_of(records, rows)
        tables = calibrate(its, Mode.CALIBRATED, ModelParameters())
        results.append(simulate(herd_on_report_date(its, {}), tables, YEAR_AHEAD, 10, SEED).counts)

    assert np.array_equal(*results)


# Any herd, with rates that a small farm's file gives.


@cache
def small_tables(name: str) -> Tables:
    return calibrate(small_farm(name), Mode.CALIBRATED, ModelParameters())


@st.composite
def cases(draw: st.DrawFn) -> tuple[Herd, Tables]:
    """A herd some of whose animals are inseminated, and tables."""
    herd = draw(herds())
    ago = np.array(
        draw(st.lists(st.integers(0, 80), min_size=herd.n_animals, max_size=herd.n_animals)), np.int32
    )
    served = (herd.conception == NO_DAY) & (ago < 60)
    insemination = np.where(served, -ago, NO_DAY).astype(np.int32)
    return replace(herd, insemination=insemination), small_tables(draw(st.sampled_from(SMALL_FARMS)))


examples = settings(
    derandomize=True, deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)


@examples
@given(cases())
def test_animals_in_are_animals_out_plus_animals_present(case: tuple[Herd, Tables]) -> None:
    counts = simulate(*case, YEAR_AHEAD, 4, SEED).counts.astype(np.int64)

    came, left = (counts[:, :, COUNT_COLUMNS.index(name)] for name in ("heifer_births", "culls"))
    assert (counts[:, :, :4].sum(axis=2) == case[0].n_animals + np.cumsum(came - left, axis=1)).all()
    assert (counts >= 0).all()


@examples
@given(cases(), st.integers(1, 9))
def test_any_cut_into_batches_gives_the_same_runs(case: tuple[Herd, Tables], cut: int) -> None:
    parts = [simulate(*case, YEAR_AHEAD, runs, SEED).counts for runs in (range(cut), range(cut, 10))]

    assert np.array_equal(np.concatenate(parts), simulate(*case, YEAR_AHEAD, 10, SEED).counts)
