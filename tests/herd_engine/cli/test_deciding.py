"""`herd kpis`, `herd review`, `herd sheet`: what to know, and what to do."""

import json
from pathlib import Path

import pytest

from herd_engine.i18n.catalogue import catalogue
from tests.herd_engine.cli.commands import Herd


def test_key_figures_of_a_real_herd_go_to_programs(data_dir: Path, herd: Herd) -> None:
    document = json.loads(herd("kpis", data_dir / "ds2.csv", "--json", "-").out)

    assert document["schema"] == "herd-kpis/1"
    pr21 = next(each for each in document["kpis"] if each["key"] == "pr21")
    assert (pr21["value"], pr21["n"], pr21["N"], pr21["ci_method"]) == (None, 255, [1422, 933], "wilson")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_key_figures_are_told_in_the_language_of_the_reader(farm: Path, herd: Herd, language: str) -> None:
    ended = herd("kpis", farm, "--language", language, "--about")

    assert ended.code == 0
    assert catalogue(language)["kpi_limit.do_not_breed_unknown"].split()[0] in ended.out
    assert catalogue(language)["kpi_head.history"] in ended.out


def test_a_target_that_is_none_is_refused(farm: Path, herd: Herd) -> None:
    ended = herd("kpis", farm, "--target", "vpw=70")

    assert ended.code == 2
    assert "vwp" in ended.err


def test_rules_and_their_animals_go_to_programs(data_dir: Path, herd: Herd) -> None:
    document = json.loads(
        herd("review", data_dir / "ds2.csv", "--target", "late_first_service=90", "--json", "-").out
    )

    assert document["schema"] == "herd-detective/1"
    late = document["rates"]["LATE_FIRST_SERVICE"]
    assert (late["n"], late["N"], late["ci_method"]) == (12, [190], "wilson")
    assert document["hits"]["total_rows"] == len(document["hits"]["rows"])
    stated = {each["key"]: each for each in document["targets"]}["late_first_service"]
    assert (stated["value"], stated["is_default"]) == (90, False)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_rules_are_told_to_people(farm: Path, herd: Herd, language: str) -> None:
    ended = herd("review", farm, "--language", language)

    assert ended.code == 0
    assert catalogue(language)["rule_head.rate"] in ended.out


def test_the_sheet_is_printed_and_written(folder: Path, farm: Path, herd: Herd) -> None:
    document = json.loads(herd("sheet", farm, "--json", "-").out)
    ended = herd("sheet", farm, "--csv", "sheet.csv", "--html", "sheet.html", "--language", "ru")

    assert ended.code == 0
    lines = (folder / "sheet.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(document["rows"])
    assert "Лист работ" in (folder / "sheet.html").read_text("utf-8")
    assert herd("sheet", farm, "--list", "sell").code == 0
    assert herd("sheet", farm, "--days", "61").code == 2


def test_cards_are_told_written_and_add_up(folder: Path, farm: Path, herd: Herd) -> None:
    document = json.loads(herd("cards", farm, "--json", "-").out)
    animal = document["rows"][0]["animal"]
    one = json.loads(herd("cards", farm, "--animal", animal, "--json", "-").out)
    told = herd("cards", farm, "--list", "dry", "--html", "cards.html", "--language", "ru")

    assert document["sum"]["max_difference"] <= 1e-6
    assert one["rows"] == document["rows"][:1]
    assert told.code == 0
    assert "Карточки животных" in (folder / "cards.html").read_text("utf-8")
    assert catalogue("en")["card_head.in_herd"] in herd("cards", farm, "--animal", animal).out
    assert herd("cards", farm, "--limit", "3").code == 0
    assert herd("cards", farm, "--animal", "none").code == 2
    assert herd("cards", farm, "--list", "wet").code == 2


def test_a_plan_is_found_told_and_kept(farm: Path, herd: Herd) -> None:
    goal = ("--keep", "milking>=130", "--from", "4", "--to", "8", "--runs", "100")
    document = json.loads(herd("optimize", farm, *goal, "--json", "-").out)
    ended = herd("optimize", farm, *goal, "--save", "Keep 130", "--language", "ru")

    assert document["schema"] == "herd-plan/1"
    assert ended.code == 0
    assert catalogue("ru")["plan_note.prices"].split(",")[0] in ended.out.replace("\n", " ")
    kept = json.loads(herd("scenarios", "show", "Keep 130").out)
    assert sum(each["count"] for each in kept["params"]["purchases"]) == document["total_bought"]


def test_a_goal_that_cannot_be_reached_is_an_answer_and_a_wrong_one_an_error(farm: Path, herd: Herd) -> None:
    stuck = herd(
        "optimize", farm, "--keep", "milking>=900", "--from", "1", "--to", "3", "--runs", "100", "--json", "-"
    )

    assert stuck.code == 0
    assert json.loads(stuck.out)["not_reachable"]["largest_chance"] == 0.0
    assert herd("optimize", farm, "--keep", "milk>=900").code == 2


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_moves_a_number_is_told(farm: Path, herd: Herd, language: str) -> None:
    asked = ("sensitivity", farm, "--output", "calvings@5")
    document = json.loads(herd(*asked, "--json", "-").out)
    ended = herd(*asked, "--language", language)

    assert (document["schema"], document["output"], document["points"]) == (
        "herd-sensitivity/1", "calvings@5", 13,
    )  # fmt: skip
    assert ended.code == 0
    assert catalogue(language)["tornado_note.steps"].split(",")[0] in ended.out.replace("\n", " ")
    assert herd("sensitivity", farm, "--output", "calvings").code == 2


@pytest.mark.parametrize("language", ["en", "ru"])
def test_another_plan_is_told_beside_the_one_that_is(farm: Path, herd: Herd, language: str) -> None:
    asked = ("whatif", farm, "--lever", "culling=0.8", "--months", "6", "--runs", "20")
    document = json.loads(herd(*asked, "--json", "-").out)
    ended = herd(*asked, "--language", language)

    assert (document["schema"], len(document["metrics"][0]["months"])) == ("herd-lab/1", 7)
    assert document["levers"][0]["after"] == 0.8
    assert ended.code == 0
    assert catalogue(language)["whatif_head.better"].split()[-1] in ended.out
    assert herd("whatif", farm).code == 2
