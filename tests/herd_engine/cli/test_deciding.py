"""`herd kpis`: what to know, and what to do."""

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
