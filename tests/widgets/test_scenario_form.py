import pytest

from herd_engine.model.scenario import ModelParameters
from herd_engine.scenarios.presets import BUILT_IN
from widgets.view_models.form_fields import form_fields
from widgets.view_models.herd_data import HerdData
from widgets.view_models.page_model import PageModel
from widgets.view_models.scenario_form import ScenarioForm


@pytest.fixture
def data(page: PageModel) -> HerdData:
    return HerdData(page)


@pytest.fixture
def form(page: PageModel, data: HerdData) -> ScenarioForm:
    return ScenarioForm(page, data)


def test_the_form_has_every_field_of_the_model_with_its_range() -> None:
    ranges = {item.path: (item.low, item.high) for item in form_fields()}

    for name, declared in ModelParameters.__dataclass_fields__.items():
        assert ranges[f"model.{name}"] == (declared.metadata["low"], declared.metadata["high"])
    assert ranges["horizon_months"] == (1, 120)
    assert ranges["mc_runs"] == (1, 50_000)


def test_a_change_is_checked_at_once_and_said_at_its_field(form: ScenarioForm) -> None:
    form.set("model.voluntary_waiting_period", 500)

    assert not form.is_valid
    problem = form.problems["model.voluntary_waiting_period"]
    assert problem.key == "problem.whole"
    assert problem.params == {"low": 0, "high": 200}

    form.set("model.voluntary_waiting_period", 70)
    assert form.is_valid


@pytest.mark.parametrize("value", ["abc", None, 7.5, True])
def test_what_is_no_whole_number_is_said_to_be_none(form: ScenarioForm, value: object) -> None:
    form.set("horizon_months", value)

    assert form.problems["horizon_months"].key == "problem.whole"


def test_an_optional_number_may_be_empty(form: ScenarioForm) -> None:
    form.set("model.max_days_in_milk", 400)
    form.set("model.max_days_in_milk", None)

    assert form.is_valid


def test_a_rule_that_joins_two_fields_is_said_at_the_later_one(form: ScenarioForm) -> None:
    form.set("model.gestation_lo", 282)

    assert form.problems["model.gestation_hi"].key == "problem.model.gestation_hi"


def test_every_change_can_be_undone_a_preset_and_a_reset_too(form: ScenarioForm) -> None:
    form.refresh_presets()
    aggressive = next(row for row in form.presets if row.name == "aggressive")
    start = form.payload

    form.set("seed", 7)
    form.apply(aggressive.id)
    assert form.value("purchase_policy") == "auto_forecast"
    assert form.value("seed") == 7
    assert (
        form.value("model.population_regulation") == BUILT_IN["aggressive"]["model"]["population_regulation"]
    )
    form.reset()
    for _ in range(3):
        form.undo()

    assert form.payload == start
    assert not form.can_undo


def test_a_change_to_the_same_value_is_none(form: ScenarioForm) -> None:
    form.set("seed", 42)

    assert not form.can_undo


def test_a_preset_of_ones_own_holds_assumptions_and_nothing_of_this_run(form: ScenarioForm) -> None:
    form.set("model.voluntary_waiting_period", 77)
    form.set("seed", 9)

    form.save_preset("Longer wait")

    saved = next(row for row in form.presets if row.name == "Longer wait")
    assert saved.params["model"]["voluntary_waiting_period"] == 77
    assert {"seed", "mc_runs", "horizon_months"} & set(saved.params) == set()


def test_a_purchase_that_lacks_its_pregnancy_is_said_at_that_purchase(form: ScenarioForm) -> None:
    given = {"date_in": "2026-09-15", "count": 10, "days_pregnant": 150, "expected_calving_date": None}
    form.set_purchases([given, given | {"days_pregnant": None}])

    assert list(form.problems) == ["purchases.1.expected_calving_date"]


def test_purchases_go_when_the_program_decides_on_them(form: ScenarioForm) -> None:
    form.set_purchases([{"date_in": "2026-09-15", "count": 10, "days_pregnant": 150}])

    form.set("purchase_policy", "auto_counter")

    assert form.payload["purchases"] == []
    assert form.is_valid


def test_a_purchase_after_the_forecast_is_said_once_the_herd_is_known(
    form: ScenarioForm, data: HerdData, sample_csv: bytes
) -> None:
    form.set_purchases([{"date_in": "2035-01-01", "count": 10, "days_pregnant": 150}])
    assert form.is_valid

    data.begin(len(sample_csv))
    data.receive("farm.csv", sample_csv)

    assert form.problems["purchases"].key == "problem.outside_forecast"


def test_a_path_that_the_form_does_not_have_is_refused(form: ScenarioForm) -> None:
    with pytest.raises(KeyError, match="__class__"):
        form.set("model.__class__", 1)
