import pytest

from herd_engine.model.scenario import ModelParameters
from herd_engine.sample import make_sample
from herd_engine.scenarios.presets import BUILT_IN, HOLD_THE_PLACES
from widgets.view_models.form_fields import form_fields
from widgets.view_models.herd_data import HerdData
from widgets.view_models.page_model import PageModel
from widgets.view_models.scenario_form import FieldProblem, ScenarioForm
from widgets.view_models.sources import sources


@pytest.fixture
def data(page: PageModel) -> HerdData:
    return HerdData(page)


@pytest.fixture
def form(page: PageModel, data: HerdData) -> ScenarioForm:
    return ScenarioForm(page, data)


def test_the_form_has_every_field_of_the_model_with_its_range() -> None:
    ranges = {item.path: (item.low, item.high) for item in form_fields()}

    for name, declared in ModelParameters.__dataclass_fields__.items():
        limits = declared.metadata.get("low"), declared.metadata.get("high")
        assert ranges[f"model.{name}"] == limits
        assert (limits == (None, None)) == (name == "parameter_uncertainty")
    assert ranges["horizon_months"] == (1, 120)
    assert ranges["mc_runs"] == (1, 50_000)


def test_a_change_is_checked_at_once_and_said_at_its_field(form: ScenarioForm) -> None:
    form.set("model.waiting_period_change", 500)

    assert not form.is_valid
    problem = form.problems["model.waiting_period_change"]
    assert problem.key == "problem.whole"
    assert problem.params == {"low": -60, "high": 120}

    form.set("model.waiting_period_change", 20)
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
    form.set("mode", "empirical")
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
    form.set("model.waiting_period_change", 27)
    form.set("seed", 9)

    form.save_preset("Longer wait")

    saved = next(row for row in form.presets if row.name == "Longer wait")
    assert saved.params["model"]["waiting_period_change"] == 27
    assert {"seed", "mc_runs", "horizon_months"} & set(saved.params) == set()


def test_known_values_under_a_new_name_are_asked_about_and_the_name_is_not_lost(form: ScenarioForm) -> None:
    form.save_preset("Wait")
    form.save_preset("Wait longer")

    assert form.known_preset is not None
    assert (form.known_preset.name, form.wished_name) == ("Wait", "Wait longer")
    form.rename_known(renamed=True)
    assert form.known_preset is None
    assert [row.name for row in form.presets if not row.built_in] == ["Wait longer"]

    form.save_preset("Other")
    form.rename_known(renamed=False)
    assert [row.name for row in form.presets if not row.built_in] == ["Wait longer"]


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

    data.begin("farm.csv", len(sample_csv))
    data.receive("farm.csv", sample_csv)

    assert form.problems["purchases"].key == "problem.outside_forecast"


OF_THE_DEFAULT_MODE = {
    "model.culling_intensity",
    "model.waiting_period_change",
    "model.parameter_uncertainty",
}
OF_THE_OTHERS = {"model.population_regulation", "model.voluntary_waiting_period", "model.gestation_mu"}
OF_ALL = {"mode", "model.max_days_in_milk", "model.purchased_days_to_calving_lo", "seed"}


@pytest.mark.parametrize("mode", ["empirical", "theoretical"])
def test_fields_that_the_mode_does_not_read_are_hidden(form: ScenarioForm, mode: str) -> None:
    assert set(form.hidden) >= OF_THE_OTHERS
    assert not set(form.hidden) & (OF_THE_DEFAULT_MODE | OF_ALL)

    form.set("mode", mode)

    assert set(form.hidden) >= OF_THE_DEFAULT_MODE
    assert not set(form.hidden) & (OF_THE_OTHERS | OF_ALL)
    assert set(form.hidden) < {item.path for item in form.fields}


def test_how_far_ahead_purchases_look_is_asked_of_one_policy_alone(form: ScenarioForm) -> None:
    assert "lead_time_days" in form.hidden

    form.set("purchase_policy", "auto_forecast")

    assert "lead_time_days" not in form.hidden


def test_a_change_of_mode_resets_what_the_new_mode_does_not_read(form: ScenarioForm) -> None:
    form.set("model.culling_intensity", 0.8)
    form.set("model.parameter_uncertainty", False)
    form.set("model.max_days_in_milk", 400)

    form.set("mode", "empirical")

    assert form.is_valid
    assert form.value("model.culling_intensity") == 1.0
    assert form.value("model.parameter_uncertainty") is True
    assert form.value("model.max_days_in_milk") == 400

    form.set("model.population_regulation", 0.9)
    form.set("mode", "calibrated")

    assert form.is_valid
    assert form.value("model.population_regulation") == 0.5

    form.undo()
    assert form.value("model.population_regulation") == 0.9


@pytest.mark.parametrize(
    ("path", "wrong"), [("model.culling_intensity", 9), ("model.culling_intensity", "much")]
)
def test_what_was_wrong_in_a_field_that_is_hidden_now_bars_nothing(
    form: ScenarioForm, path: str, wrong: object
) -> None:
    form.set(path, wrong)
    assert not form.is_valid

    form.set("mode", "theoretical")

    assert form.is_valid


def test_a_preset_for_another_mode_is_said_at_the_field_that_the_mode_does_not_read(
    form: ScenarioForm, page: PageModel
) -> None:
    row = page.workbench.catalog.presets.save("Cull less", {"model": {"culling_intensity": 0.8}})
    form.refresh_presets()
    form.set("mode", "empirical")

    form.apply(row.id)

    assert form.problems["model.culling_intensity"].key == "problem.unread"
    assert "model.culling_intensity" not in form.hidden

    form.set("mode", "calibrated")
    assert form.is_valid
    assert form.value("model.culling_intensity") == 0.8


def test_what_the_file_says_of_the_waiting_period_stands_at_the_field_of_either_mode(
    page: PageModel, sample_csv: bytes
) -> None:
    herd_file = page.workbench.read_bytes(sample_csv, "farm.csv")

    found = sources(page.workbench.inspect(herd_file).fit)

    assert found["model.waiting_period_change"] == found["model.voluntary_waiting_period"]
    assert found["model.waiting_period_change"].key == "source.waiting"


def test_what_the_form_does_not_know_is_a_switch(form: ScenarioForm) -> None:
    switches = [item.path for item in form.fields if item.kind == "switch"]

    assert switches == ["model.parameter_uncertainty", "sell_pregnant", "cull_cows"]

    form.set("model.parameter_uncertainty", "yes")
    assert "model.parameter_uncertainty" in form.problems


def test_a_path_that_the_form_does_not_have_is_refused(form: ScenarioForm) -> None:
    with pytest.raises(KeyError, match="__class__"):
        form.set("model.__class__", 1)


@pytest.mark.parametrize(
    ("path", "typed", "taken", "key"),
    [
        ("horizon_months", 500, 120, "form.at_most"),
        ("horizon_months", 0, 1, "form.at_least"),
        ("model.culling_intensity", -1, 0.3, "form.at_least"),
    ],
)
def test_a_number_beyond_what_is_allowed_becomes_the_nearest_that_is_and_says_so(
    form: ScenarioForm, path: str, typed: float, taken: float, key: str
) -> None:
    form.settle(path, typed)

    assert form.value(path) == taken
    assert type(form.value(path)) is type(taken)
    assert form.is_valid
    assert form.bounded == {path: FieldProblem(key, {"typed": typed, "taken": taken})}

    form.set("seed", 3)
    assert form.bounded == {}


def test_a_number_that_is_allowed_is_taken_as_it_was_typed(form: ScenarioForm) -> None:
    form.settle("horizon_months", 90)

    assert form.value("horizon_months") == 90
    assert form.bounded == {}


def test_what_is_no_number_is_left_for_the_visitor_to_mend(form: ScenarioForm) -> None:
    form.settle("horizon_months", "two years")

    assert not form.is_valid
    assert form.bounded == {}


def test_to_hold_the_places_takes_as_many_as_the_chosen_herd_has(
    form: ScenarioForm, data: HerdData, page: PageModel, sample_csv: bytes
) -> None:
    row = page.workbench.kept.add_dataset(sample_csv, "farm.csv")
    page.workbench.kept.add_dataset(make_sample(animals=60, seed=3).csv, "small.csv")
    data.choose(row.id)
    form.refresh_presets()

    form.apply(next(preset for preset in form.presets if preset.name == HOLD_THE_PLACES).id)

    assert form.is_valid
    assert form.value("places_milking") == row.counts["milking"]
    assert form.value("places_head") == sum(row.counts.values()) > 60
    assert form.value("sell_pregnant")
    assert form.value("cull_cows")
