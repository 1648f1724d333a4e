"""What holds for every herd, every farm and every scenario within its ranges."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from herd_engine.engine.simulate import Execution, simulate
from herd_engine.model.animals import Herd
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import COUNT_COLUMNS, Simulation
from herd_engine.model.scenario import Mode, ModelParameters, PurchasePolicy, Scenario
from herd_engine.model.tables import Tables
from tests.followed_run import follow_run
from tests.herds import always, dry_cow, heifer, herd, open_cow, pregnant_cow
from tests.herds import tables as certain_tables
from tests.property.small_herds import forecasts, scenarios, tables
from tests.statistical.daily_books import DailyBooks

Case = tuple[Herd, Tables, Scenario]
examples = settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)
SEED = 77


def column(result: Simulation, name: str) -> np.ndarray:
    return result.counts[:, :, COUNT_COLUMNS.index(name)].astype(np.int64)


def present(result: Simulation) -> np.ndarray:
    return sum(column(result, f"{stock}_count") for stock in ("milking", "dry", "heifer", "pregnant_heifer"))


def record_days(scenario: Scenario, start: Herd) -> list[int]:
    starts = month_starts(start.report_date, scenario.horizon_months)
    return [0, *((day - start.report_date).days for day in starts)]


@examples
@given(forecasts())
def test_animals_in_are_animals_out_plus_animals_present(case: Case) -> None:
    result = simulate(*case, 5, SEED)

    came = column(result, "heifer_births") + column(result, "purchases_in")
    left = column(result, "culls")
    start = case[0].n_animals - result.capped_out
    assert (present(result) == start + np.cumsum(came - left, axis=1)).all()


@examples
@given(forecasts())
def test_no_count_is_negative_and_nothing_happens_before_the_first_record(case: Case) -> None:
    result = simulate(*case, 5, SEED)

    assert (result.counts >= 0).all()
    assert (result.counts[:, 0, 4:] == 0).all()
    assert (column(result, "heifer_births") <= column(result, "calvings")).all()
    assert (column(result, "heifer_intros") <= column(result, "calvings")).all()


@examples
@given(forecasts())
def test_days_in_milk_lie_between_none_and_those_of_a_cow_milked_throughout(case: Case) -> None:
    start, _, scenario = case
    result = simulate(*case, 5, SEED)

    in_milk = -start.calving[start.is_milking]
    oldest = int(in_milk.max()) if len(in_milk) else 0
    longest = oldest + np.array(record_days(scenario, start))
    assert (result.days_in_milk_sum >= 0).all()
    assert (result.days_in_milk_sum <= column(result, "milking_count") * longest).all()


@examples
@given(forecasts())
def test_every_event_is_allowed_in_its_animals_state_and_records_are_their_books(case: Case) -> None:
    start, _, scenario = case
    days = record_days(scenario, start)
    run = follow_run(*case, 0, SEED)

    books = DailyBooks(start, run, days[-1], cap=scenario.model.max_days_in_milk)

    for month in range(1, len(days)):
        assert run.records[month] == books.record(days[month], days[month - 1])


@examples
@given(forecasts())
def test_nobody_calves_too_young_or_too_soon(case: Case) -> None:
    start, some_tables, scenario = case
    model, gestation = scenario.model, some_tables.gestation.first_day

    books = DailyBooks(
        start, follow_run(*case, 0, SEED), record_days(scenario, start)[-1], cap=model.max_days_in_milk
    )

    assert all(age >= model.min_first_insem_age_days + gestation for age in books.first_calving_ages)
    assert all(gap >= model.voluntary_waiting_period + gestation for gap in books.calving_gaps)


@examples
@given(forecasts(), st.integers(2, 3), st.integers(1, 9))
def test_threads_and_batches_never_change_a_number(case: Case, threads: int, cut: int) -> None:
    whole = simulate(*case, 10, SEED)
    parts = [simulate(*case, part, SEED, Execution(threads=threads)) for part in (range(cut), range(cut, 10))]

    assert np.array_equal(np.concatenate([part.counts for part in parts]), whole.counts)
    assert np.array_equal(np.concatenate([part.days_in_milk_sum for part in parts]), whole.days_in_milk_sum)


@examples
@given(forecasts(), st.randoms(use_true_random=False))
def test_the_order_of_animals_never_changes_a_number(case: Case, random: object) -> None:
    start, some_tables, scenario = case
    order = np.arange(start.n_animals)
    random.shuffle(order)  # type: ignore[attr-defined]
    names = [name for name in Herd.__slots__ if name not in ("report_date", "excluded")]
    shuffled = replace(start, **{name: getattr(start, name)[order] for name in names})

    one, other = simulate(*case, 5, SEED), simulate(shuffled, some_tables, scenario, 5, SEED)

    assert np.array_equal(one.counts, other.counts)
    assert np.array_equal(one.days_in_milk_sum, other.days_in_milk_sum)


@examples
@given(forecasts(most_months=24), st.integers(1, 12))
def test_a_longer_forecast_begins_with_the_shorter_one(case: Case, more: int) -> None:
    start, some_tables, scenario = case
    months = scenario.horizon_months
    longer = replace(scenario, horizon_months=months + more)

    one, other = simulate(*case, 5, SEED), simulate(start, some_tables, longer, 5, SEED)

    assert np.array_equal(one.counts, other.counts[:, : months + 1])
    assert np.array_equal(one.days_in_milk_sum, other.days_in_milk_sum[:, : months + 1])


def test_a_cow_due_at_once_calves_from_milk_where_the_file_plans_no_dry_off() -> None:
    # Known: 100 days pregnant, calving expected yesterday, so on day 1; the other cow is dry throughout.
    start = herd(pregnant_cow(200, 100, expected_calving=-1), dry_cow(350, 150, 10, expected_calving=100))

    result = simulate(start, certain_tables(), Scenario(horizon_months=1), 1, SEED)

    assert column(result, "milking_count")[0].tolist() == [1, 1]
    assert column(result, "dry_count")[0].tolist() == [1, 1]
    assert column(result, "calvings")[0].tolist() == [0, 1]


ONE_OF_EACH = (
    heifer(300), heifer(600, state=1, conception=-100),
    open_cow(60), pregnant_cow(200, 100), dry_cow(350, 250, 30),
)  # fmt: skip


@pytest.mark.parametrize("policy", PurchasePolicy)
def test_everybody_leaves_on_day_1_if_leaving_is_certain(policy: PurchasePolicy) -> None:
    # Bought by auto_counter on 1 March: the five that left; they leave on the same day, and so on.
    scenario = Scenario(
        mode=Mode.EMPIRICAL,
        horizon_months=3,
        purchase_policy=policy,
        model=ModelParameters(population_regulation=1.0),
    )

    result = simulate(herd(*ONE_OF_EACH), certain_tables(lactation_hazard=np.ones(1)), scenario, 4, SEED)

    bought = column(result, "purchases_in")[0].tolist()
    expected = {
        PurchasePolicy.MANUAL: [0, 0, 0, 0],
        PurchasePolicy.AUTO_COUNTER: [0, 5, 5, 5],
        PurchasePolicy.AUTO_FORECAST: [0, 2, 2, 2],
    }
    assert bought == expected[policy]
    assert (present(result)[:, 1:] == 0).all()
    assert column(result, "culls")[0].tolist() == [0, 5 + bought[1], bought[2], bought[3]]


@pytest.mark.parametrize("animal", ONE_OF_EACH)
def test_a_herd_of_one_animal_is_simulated(animal: dict[str, object]) -> None:
    result = simulate(herd(animal), certain_tables(), Scenario(horizon_months=60), 20, SEED)

    assert (present(result)[:, 0] == 1).all()
    assert (column(result, "culls") == 0).all()
    assert (present(result) >= 1).all()


def test_an_empty_herd_stays_empty_until_somebody_is_bought() -> None:
    empty = herd()

    result = simulate(empty, certain_tables(), Scenario(horizon_months=12), 3, SEED)

    assert (result.counts == 0).all()


@pytest.mark.parametrize("gestation", [240, 330])
def test_a_herd_that_rears_every_calf_for_ten_years_is_conserved(gestation: int) -> None:
    # The fastest growth that parameters allow: conception at 250 days of age, on the day after calving.
    fastest = certain_tables(
        gestation=always(gestation), age_at_conception=always(250), service_period=always(1),
        conception_to_dry_off=always(gestation - 60),
    )  # fmt: skip
    model = ModelParameters(heifer_birth_prob=1.0, voluntary_waiting_period=0, min_first_insem_age_days=250)
    scenario = Scenario(mode=Mode.EMPIRICAL, horizon_months=120, model=model)

    result = simulate(herd(dry_cow(350, 250, 30)), fastest, scenario, 2, SEED)

    assert (present(result)[0] == 1 + np.cumsum(column(result, "heifer_births")[0])).all()
    assert (column(result, "heifer_births") == column(result, "calvings")).all()
    assert present(result)[0, -1] == animals_after_ten_years(gestation)


def animals_after_ten_years(gestation: int) -> int:
    """Count births day by day: a calving on day t follows one on t - 1 - G, or a birth on t - 250 - G."""
    first = max(1, gestation - 250)
    last_day = (month_starts(herd().report_date, 120)[-1] - herd().report_date).days
    calvings = np.zeros(last_day + 1, int)
    calvings[first] = 1
    for day in range(first + 1, last_day + 1):
        for interval in (1 + gestation, 250 + gestation):
            if day >= interval:
                calvings[day] += calvings[day - interval]
    return 1 + int(calvings.sum())


@examples
@given(tables(), st.data())
def test_nobody_is_milked_beyond_the_cap_even_where_breeding_begins_with_it(
    some_tables: Tables, data: st.DataObject
) -> None:
    start = herd(*ONE_OF_EACH)
    scenario = data.draw(scenarios(start.report_date, most_months=120))
    hardest = replace(
        scenario.model, max_days_in_milk=200, voluntary_waiting_period=200, heifer_birth_prob=1.0
    )

    result = simulate(start, some_tables, replace(scenario, model=hardest), 3, SEED)

    assert (result.counts >= 0).all()
    assert (result.days_in_milk_sum <= 200 * column(result, "milking_count")).all()
