"""`herd datasets|scenarios|presets|farms|runs`: what is kept, in a home of its own."""

import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from openpyxl import load_workbook

from herd_engine.datasets.herd_file import read_herd_file
from herd_engine.forecasting.long_run_check import sanity_line
from herd_engine.i18n.wording import wording
from herd_engine.model.source import Source
from herd_engine.runs import liveness
from herd_engine.scenarios.presets import BUILT_IN
from herd_engine.workbench import Workbench
from tests.herd_engine.cli.commands import ENVIRONMENT, Herd
from tests.herd_engine.runs.conftest import work

SETTINGS = ("--set", "mc_runs=20", "--set", "horizon_months=4", "--set", "seed=3")
"""As `herd forecast --runs 20 --months 4 --seed 3`."""


@pytest.fixture(autouse=True)
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, in which no process is started beside the test's."""
    monkeypatch.setenv("HERD_HOME", str(folder / "home"))
    monkeypatch.setattr(liveness, "start_runner", lambda _home: None)
    return folder / "home"


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let whoever is asked answer so."""

    def say(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return say


def execute() -> None:
    kept = Workbench.open().kept
    work(kept)
    kept.close()


def submitted(herd: Herd, *arguments: object) -> list[dict[str, object]]:
    return json.loads(herd("runs", "submit", *arguments, "--json", "-").out)["runs"]


@pytest.mark.parametrize("asked", [("forecast", "--runs", "5", "--months", "2"), ("inspect",)])
def test_a_plain_file_needs_no_database_and_no_cluster(asked: tuple[str, ...], farm: Path) -> None:
    code = (
        "import sys; from herd_engine.cli.app import run; sys.argv = sys.argv[1:]; code = run();"
        "print(code, sorted({'sqlalchemy', 'alembic', 'dask', 'distributed'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, "herd", asked[0], str(farm), *asked[1:]]
    ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=True)

    assert ended.stdout.splitlines()[-1] == "0 []"


def test_exports_of_a_run_are_the_bytes_that_forecast_writes(farm: Path, folder: Path, herd: Herd) -> None:
    herd("forecast", farm, "--runs", 20, "--months", 4, "--seed", 3,
         "--csv", "a.csv", "--xlsx", "a.xlsx", "--html", "a.html", "--excel", "--language", "ru")  # fmt: skip
    (run,) = submitted(herd, farm, *SETTINGS)
    execute()

    ended = herd("runs", "export", run["id"][:8], "--excel", "--language", "ru",
                 "--csv", "b.csv", "--xlsx", "b.xlsx", "--html", "b.html")  # fmt: skip

    assert (ended.code, ended.out) == (0, "Written: b.csv, b.xlsx, b.html\n")
    for kind in ("csv", "html"):
        assert (folder / f"b.{kind}").read_bytes() == (folder / f"a.{kind}").read_bytes(), kind
    kept_name = Workbench.open().kept.catalog.farm.name
    alone, kept = cells(folder / "a.xlsx"), cells(folder / "b.xlsx")
    assert alone - kept == Counter(["herd.csv"])  # a file alone has no farm: it stands in its place
    assert (kept[kept_name], alone[kept_name]) == (2, 0)


def cells(path: Path) -> Counter[object]:
    return Counter(cell.value for sheet in load_workbook(path) for row in sheet for cell in row)


def test_the_page_and_workbook_of_a_long_run_have_its_sanity_line(
    farm: Path, folder: Path, herd: Herd
) -> None:
    (run,) = submitted(herd, farm, "--set", "mc_runs=20", "--set", "horizon_months=24")
    execute()

    herd("runs", "export", run["id"], "--language", "ru", "--xlsx", "a.xlsx", "--html", "a.html")

    kept = Workbench.open().kept
    line = sanity_line(read_herd_file(farm), kept.forecast(str(run["id"])))
    kept.close()
    assert line is not None
    page = (folder / "a.html").read_text("utf-8")
    assert escape(line.sentences(wording("ru"))) in page[page.index('id="provenance"') :]
    (*_, last) = load_workbook(folder / "a.xlsx")["Исходные данные"].iter_rows(values_only=True)
    assert last == ("Проверка", line.sentences(wording("ru")))


def test_an_unfinished_run_has_nothing_to_export(farm: Path, folder: Path, herd: Herd) -> None:
    (run,) = submitted(herd, farm, *SETTINGS)

    ended = herd("runs", "export", run["id"], "--csv", "b.csv")

    assert (ended.code, (folder / "b.csv").exists()) == (2, False)
    assert "There is no artifact result.json" in ended.err
    assert herd("runs", "export", run["id"]).code == 2


def test_a_run_of_a_named_scenario_remembers_it(farm: Path, herd: Herd) -> None:
    herd("scenarios", "create", "Base", *SETTINGS)

    (run,) = submitted(herd, farm, "--scenario-name", "BASE")

    shown = json.loads(herd("runs", "show", run["id"]).out)
    assert (shown["scenario_version"], shown["config"]["scenario"]["mc_runs"]) == (1, 20)
    assert herd("runs", "submit", farm, "--scenario-name", "Base", "--set", "seed=1").code == 2


def test_varying_two_fields_queues_every_combination(farm: Path, herd: Herd) -> None:
    runs = submitted(
        herd, farm, *SETTINGS, "--vary", "model.gestation_sigma=1,3", "--vary", "mode=empirical,theoretical"
    )

    assert [tuple(run["values"].values()) for run in runs] == [
        (1, "empirical"), (1, "theoretical"), (3, "empirical"), (3, "theoretical")
    ]  # fmt: skip
    assert len({run["group_id"] for run in runs}) == 1
    assert {run["status"] for run in runs} == {"queued"}


def test_a_bad_variant_is_told_and_the_others_are_queued(farm: Path, herd: Herd) -> None:
    ended = herd("runs", "submit", farm, *SETTINGS, "--vary", "model.gestation_sd=1,-1")

    assert ended.code == 2
    assert len(ended.out.splitlines()) == 1
    assert "Not queued: model.gestation_sd=-1" in ended.err
    assert len(json.loads(herd("runs", "list", "--json", "-").out)["runs"]) == 1


def test_runs_are_listed_by_text_and_day_in_pages(farm: Path, herd: Herd) -> None:
    submitted(herd, farm, *SETTINGS, "--vary", "model.gestation_sd=1,2,3")

    first = json.loads(herd("runs", "list", "--limit", 2, "--text", "HERD", "--json", "-").out)
    rest = herd("runs", "list", "--limit", 2, "--text", "HERD", "--cursor", first["next_cursor"],
                "--json", "-")  # fmt: skip

    assert (len(first["runs"]), len(json.loads(rest.out)["runs"])) == (2, 1)
    for option, day in (("--to", "2020-01-31"), ("--from", "2999-01-01")):
        assert json.loads(herd("runs", "list", option, day, "--json", "-").out)["runs"] == []
    assert herd("runs", "list", "--from", "yesterday").code == 2


def test_pruning_tells_first_and_asks(
    farm: Path, herd: Herd, answer: Callable[[str], None], home: Path
) -> None:
    runs = submitted(herd, farm, *SETTINGS, "--vary", "model.gestation_sd=1,2,3")
    execute()
    herd("runs", "pin", runs[0]["id"])

    told = json.loads(herd("runs", "prune", "--keep", 1, "--dry-run", "--json", "-").out)
    answer("n")
    refused = herd("runs", "prune", "--keep", 1)
    pruned = herd("runs", "prune", "--keep", 1, "--yes")

    assert told == {"dry_run": True, "runs": [runs[1]["id"]]}
    assert refused.code == 130
    assert (pruned.code, pruned.out.splitlines()[-1]) == (0, "1 runs deleted")
    assert not (home / "files" / "runs" / runs[1]["id"]).exists()
    assert herd("runs", "verify").out.startswith("2 runs verified")
    assert herd("runs", "verify", "--all").out.startswith("2 runs verified")


def test_deleting_runs_says_which_were_skipped(farm: Path, herd: Herd) -> None:
    (done,) = submitted(herd, farm, *SETTINGS)
    execute()
    (queued,) = submitted(herd, farm, "--set", "seed=4")

    ended = herd("runs", "delete", done["id"][:8], queued["id"], "zz", "--yes", "--json", "-")

    assert ended.code == 2
    assert json.loads(ended.out) == {
        "deleted_ids": [done["id"]],
        "skipped": [{"id": queued["id"], "reason": "active"}, {"id": "zz", "reason": "not_found"}],
    }


def test_nothing_is_deleted_where_nobody_can_be_asked(herd: Herd, monkeypatch: pytest.MonkeyPatch) -> None:
    herd("scenarios", "create", "Base")
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    ended = herd("scenarios", "delete", "Base")

    assert ended.code == 2
    assert "`--yes` must be given where nobody can be asked" in ended.err
    assert herd("scenarios", "show", "Base").code == 0


def test_deleting_a_scenario_asks_with_the_number_of_its_runs(
    farm: Path, herd: Herd, answer: Callable[[str], None]
) -> None:
    herd("scenarios", "create", "Base", *SETTINGS)
    (run,) = submitted(herd, farm, "--scenario-name", "Base")

    answer("n")
    assert herd("scenarios", "delete", "base").code == 130
    answer("y")
    ended = herd("scenarios", "delete", "base")

    assert "1 run, is kept and marked" in ended.err

    assert (ended.code, ended.out.strip()) == (0, "Base deleted; 1 run kept and marked")
    assert json.loads(herd("runs", "show", run["id"]).out)["scenario_deleted"]


def test_a_scenario_is_made_of_a_file_a_preset_and_settings(folder: Path, herd: Herd) -> None:
    (folder / "base.json").write_text('{"seed": 7, "confidence_central": 0.5, "lead_time_days": 30}')

    ended = herd("scenarios", "create", "Careful", "--file", "base.json", "--preset", "Conservative",
                 "--set", "model.population_regulation=0.7", "--tag", "autumn")  # fmt: skip

    shown = json.loads(herd("scenarios", "show", "careful").out)
    params = shown["params"]
    assert (ended.code, shown["tags"], shown["legacy_reason"]) == (0, ["autumn"], None)
    # The conservative preset of section 4 of the functional specification.
    assert (params["mode"], params["confidence_central"]) == ("theoretical", 0.9)
    assert params["model"]["max_service_period_after_vwp"] == 260
    assert params["model"]["population_regulation"] == 0.7
    assert (params["seed"], params["lead_time_days"]) == (7, 30)


def test_an_edit_changes_only_what_it_names(herd: Herd) -> None:
    herd("scenarios", "create", "Base", *SETTINGS, "--description", "as it is")

    ended = herd("scenarios", "edit", "Base", "--set", "seed=8", "--name", "Best")

    shown = json.loads(herd("scenarios", "show", "Best").out)
    assert ended.out.endswith("Best, version 2\n")
    assert (shown["params"]["seed"], shown["params"]["mc_runs"]) == (8, 20)
    assert shown["description"] == "as it is"


def test_a_legacy_scenario_is_shown_with_its_reason_and_not_run(farm: Path, folder: Path, herd: Herd) -> None:
    (folder / "old.json").write_text('{"dim_mode": "from_calving", "mc_runs": 1}')

    created = herd("scenarios", "create", "Old", "--file", "old.json")
    ran = herd("runs", "submit", farm, "--scenario-name", "Old")

    reason = "can be looked at but not run"
    assert (created.code, ran.code) == (0, 2)
    assert reason in created.err
    assert reason in ran.err
    assert reason in json.loads(herd("scenarios", "show", "Old").out)["legacy_reason"]


@pytest.mark.parametrize("setting", ["mc_run=5", "purchases.0.count=3", "seed.low=1"])
def test_a_setting_that_names_no_field_is_refused(herd: Herd, setting: str) -> None:
    assert herd("scenarios", "create", "Base", "--set", setting).code == 2
    assert json.loads(herd("scenarios", "list", "--json", "-").out)["scenarios"] == []


@pytest.mark.parametrize("text", ["[1]", "{", ""])
def test_a_file_that_holds_no_scenario_is_refused(folder: Path, herd: Herd, text: str) -> None:
    (folder / "a.json").write_text(text)

    ended = herd("scenarios", "create", "Base", "--file", "a.json")

    assert ended.code == 2
    assert "`--file` must" in ended.err


def test_presets_of_ones_own_come_and_go_and_built_in_ones_stay(herd: Herd) -> None:
    first = herd("presets", "save", "Mine", "--set", "seed=3").out
    again = herd("presets", "save", "Mine", "--set", "seed=3").out

    ended = herd("presets", "delete", "mine", "baseline", "--yes")

    assert first == again
    assert (ended.code, ended.out) == (2, f"{first.split()[0]} deleted\n")
    assert "skipped: built_in" in ended.err
    presets = json.loads(herd("presets", "list", "--json", "-").out)["presets"]
    assert [preset["name"] for preset in presets] == list(BUILT_IN)
    legacy = {preset["name"] for preset in presets if preset["legacy"]}
    assert legacy == {"conservative", "aggressive"}
    assert presets[2]["about"]["ru"] == "коров продают на 15 % реже, чем сейчас"


def test_a_preset_of_known_content_is_told_and_renamed(herd: Herd) -> None:
    herd("presets", "save", "Mine", "--set", "seed=3")

    again = herd("presets", "save", "Careful", "--set", "seed=3")
    assert again.code == 2
    assert "kept already, as the preset 'Mine'" in again.err
    assert 'herd presets rename "Mine" "Careful"' in again.err

    assert herd("presets", "rename", "Mine", "Careful").out.strip().endswith("Careful")


def test_datasets_are_added_renamed_archived_and_deleted(farm: Path, home: Path, herd: Herd) -> None:
    added = json.loads(herd("datasets", "add", farm, "--json", "-").out)
    assert herd("datasets", "add", farm).out == f"{added['id']} herd.csv\n"

    assert herd("datasets", "rename", "herd.csv", "spring").out == f"{added['id']} spring\n"
    assert herd("datasets", "archive", added["id"][:8]).out == f"{added['id']} spring archived\n"
    assert json.loads(herd("datasets", "list", "--json", "-").out)["datasets"] == []
    archived = json.loads(herd("datasets", "list", "--archived", "--json", "-").out)["datasets"]
    assert [each["sha256"] for each in archived] == [added["sha256"]]

    assert herd("datasets", "delete", "spring", "--yes").code == 0
    assert [path for path in home.rglob("*") if path.is_file() and "datasets" in path.parts] == []


def test_a_dataset_that_a_run_uses_is_not_deleted(farm: Path, herd: Herd) -> None:
    submitted(herd, farm, *SETTINGS)

    ended = herd("datasets", "delete", "herd.csv")

    assert ended.code == 2
    assert "is used by runs and cannot be deleted; archive it instead" in ended.err


def test_farms_are_chosen_by_option_by_environment_and_by_default(
    herd: Herd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scenarios(*arguments: str) -> list[str]:
        found = json.loads(herd("scenarios", "list", *arguments, "--json", "-").out)["scenarios"]
        return [scenario["name"] for scenario in found]

    herd("farms", "add", "North")
    herd("scenarios", "create", "Cold", "--farm", "north")

    assert (scenarios(), scenarios("--farm", "NORTH")) == ([], ["Cold"])
    monkeypatch.setenv("HERD_FARM", "North")
    assert scenarios() == ["Cold"]
    monkeypatch.delenv("HERD_FARM")
    herd("farms", "default", "North")
    assert scenarios() == ["Cold"]
    assert herd("scenarios", "list", "--farm", "South").code == 2


def test_farms_are_renamed_archived_and_brought_back(herd: Herd) -> None:
    herd("farms", "add", "North")
    herd("farms", "rename", "North", "South")

    assert herd("farms", "archive", "south").out == "South archived\n"
    farms = json.loads(herd("farms", "list", "--json", "-").out)["farms"]
    assert [farm["is_default"] for farm in farms] == [True]
    assert herd("farms", "archive", "south", "--restore").out == "South\n"
    assert herd("farms", "archive", farms[0]["name"]).code == 2


def test_reproducing_a_spoiled_run_says_which_number_differs(farm: Path, herd: Herd, home: Path) -> None:
    (run,) = submitted(herd, farm, *SETTINGS)
    execute()
    same = herd("runs", "reproduce", run["id"][:8])
    path = home / "files" / "runs" / str(run["id"]) / "result.json"
    result = json.loads(path.read_text(encoding="utf-8"))
    value = result["points"][2]["p50"]["dry_count"]
    result["points"][2]["p50"]["dry_count"] = value + 7
    path.write_text(json.dumps(result), encoding="utf-8")

    told = herd("runs", "reproduce", run["id"])
    document = herd("runs", "reproduce", run["id"], "--json", "-")

    assert (same.code, same.out) == (0, f"{run['id']}: the same bytes again.\n")
    month = result["points"][2]["date"]
    assert (told.code, told.out) == (2, "")
    assert f"dry_count, {month}, p50: {value + 7} was published, {value} came out again" in told.err
    (changed,) = json.loads(document.out)["changed"]
    assert (document.code, changed["name"], changed["n_differences"]) == (2, "result.json", 1)
    assert changed["differences"][0]["place"] == ["dry_count", month, "p50"]


def test_a_request_of_the_same_key_gives_the_same_run_and_another_is_a_conflict(
    farm: Path, herd: Herd
) -> None:
    (first,) = submitted(herd, farm, *SETTINGS, "--idempotency-key", "order-1", "--force")
    (again,) = submitted(herd, farm, *SETTINGS, "--idempotency-key", "order-1", "--force")
    other = herd("runs", "submit", farm, "--set", "seed=4", "--idempotency-key", "order-1")
    many = herd("runs", "submit", farm, "--idempotency-key", "order-2", "--vary", "seed=1,2")

    assert (again["id"], again["reused"]) == (first["id"], True)
    assert (other.code, "idempotency key 'order-1' was used for another run" in other.err) == (2, True)
    assert (many.code, "it is of one run" in many.err) == (2, True)


def test_events_of_a_run_are_listed_after_any_number(farm: Path, herd: Herd) -> None:
    (run,) = submitted(herd, farm, *SETTINGS)
    execute()

    every = json.loads(herd("runs", "events", run["id"], "--json", "-").out)["events"]
    later = json.loads(herd("runs", "events", run["id"], "--after", 2, "--json", "-").out)["events"]
    shown = herd("runs", "events", run["id"], "--after", len(every) - 1).out

    assert [event["seq"] for event in every] == list(range(1, len(every) + 1))
    assert [event["type"] for event in every] == ["queued", "running", "progress", "succeeded"]
    assert later == every[2:]
    assert (shown.split()[0], shown.split()[-1]) == (str(len(every)), "succeeded")


def test_a_forecast_is_named_renamed_and_made_the_plan_of_its_farm(farm: Path, herd: Herd) -> None:
    (first,) = submitted(herd, farm, *SETTINGS, "--name", "As now")
    (second,) = submitted(herd, farm, "--set", "seed=4")
    assert first["name"] == "As now"

    assert (
        herd("runs", "rename", second["id"], "Меньше выбытия").out.strip() == f"{second['id']} Меньше выбытия"
    )
    assert herd("runs", "star", second["id"]).out.strip() == f"{second['id']} the plan of My farm"
    plans = json.loads(herd("runs", "list", "--starred", "--json", "-").out)["runs"]
    assert [(run["id"], run["name"], run["starred"]) for run in plans] == [
        (second["id"], "Меньше выбытия", True)
    ]
    assert "★ Меньше" in herd("runs", "list", "--text", "меньше").out

    herd("runs", "star", second["id"], "--remove")
    assert json.loads(herd("runs", "list", "--starred", "--json", "-").out)["runs"] == []


def test_a_name_that_a_reused_forecast_does_not_take_is_told(farm: Path, herd: Herd) -> None:
    submitted(herd, farm, *SETTINGS, "--name", "As now")

    again = herd("runs", "submit", farm, *SETTINGS, "--name", "Another")

    assert "reused" in again.out
    assert "is called As now" in " ".join(again.err.split())


def test_who_asked_for_a_run_is_shown_and_cancels_only_the_own_wish(farm: Path, herd: Herd) -> None:
    (run,) = submitted(herd, farm, *SETTINGS, "--priority", "3")
    dataset_id = json.loads(herd("runs", "show", run["id"]).out)["dataset_id"]
    payload = {"mc_runs": 20, "horizon_months": 4, "seed": 3}
    Workbench(None, "anna", None, Source.APP).kept.submit(dataset_id, payload)

    asked = json.loads(herd("runs", "show", run["id"]).out)["submissions"]
    assert [(each["principal"], each["source"], each["priority"]) for each in asked] == [
        ("local", "cli", 3),
        ("anna", "app", 0),
    ]
    assert "goes on: others asked for it too" in herd("runs", "cancel", run["id"]).out
    refused = herd("runs", "cancel", run["id"])
    assert (refused.code, "asked for by others: anna" in refused.err) == (2, True)
    assert herd("runs", "cancel", run["id"], "--for-everybody").out.strip() == f"{run['id']} canceled"


def test_what_a_plan_asks_for_is_asked_for_in_its_name(
    farm: Path, herd: Herd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERD_SUBMITTER", "plan:weekly")
    (run,) = submitted(herd, farm, *SETTINGS)

    (asked,) = json.loads(herd("runs", "show", run["id"]).out)["submissions"]
    assert (asked["principal"], asked["source"]) == ("plan:weekly", "plan")


def test_a_file_of_another_farm_is_asked_about_and_kept_where_it_is_confirmed(farm: Path, herd: Herd) -> None:
    herd("farms", "add", "North")
    herd("datasets", "add", farm)

    for command in (("datasets", "add"), ("runs", "submit")):
        refused = herd(*command, farm, "--farm", "North")
        assert refused.code == 2
        assert "kept already as a file of My farm, not of North" in " ".join(refused.err.split())
    assert json.loads(herd("datasets", "list", "--farm", "North", "--json", "-").out)["datasets"] == []

    assert herd("datasets", "add", farm, "--farm", "North", "--same-farm").code == 0


def test_an_unknown_farm_says_how_to_add_it(herd: Herd) -> None:
    ended = herd("datasets", "list", "--farm", "Nowhere")

    assert (ended.code, 'herd farms add "Nowhere"' in ended.err) == (2, True)


def test_all_presets_of_herds_are_drawn_in_one_picture_that_needs_nothing_else(
    farm: Path, folder: Path, herd: Herd
) -> None:
    ended = herd("presets", "compare", farm, "--html", "all.html", "--runs", "4", "--months", "3")

    page = (folder / "all.html").read_text("utf-8")
    assert ended.code == 0
    for name in ("Baseline", "Keep the cows", "Fewer culls", "Better fertility", "Longer wait",
                 "Sell fewer heifers", "Conservative", "Aggressive"):  # fmt: skip
        assert f'"name":"{name}"' in page
    assert "<script src=" not in page
