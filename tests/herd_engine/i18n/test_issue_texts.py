import json
import re
from string import Formatter

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.columns import HEADERS
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.datasets.issue_kinds import ISSUE_KINDS, make_issue
from herd_engine.datasets.reader.date_order import DATE_FORMATS
from herd_engine.errors import HerdDataError
from herd_engine.i18n.catalogue import TEXTS, catalogue
from herd_engine.i18n.wording import wording
from herd_engine.model.quality import QualityIssue, Severity
from herd_engine.model.scenario import FILE_MODES, Mode, ModelParameters

CALIBRATION_KINDS = {"empty_age_at_conception", "empty_service_period", "empty_conception_to_dry_off"}
LATIN_THAT_MAY_STAY = {
    "n",  # number of records
    *("CRPS", "CSV", "XLSX", "xlsx", "Parquet", "UTF", "JavaScript", "Herd", "Workbench"),
    *("map", "nothing", "population_regulation", "seed", "sheet"),  # as typed at a terminal, or in a file
    "br",  # markup of chart labels
    "b",
}


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def leaves(value):
    if isinstance(value, str):
        yield value
    else:
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)


def test_every_kind_of_issue_has_words_and_no_words_are_left_over():
    assert set(catalogue("en")["kinds"]) == set(ISSUE_KINDS) | CALIBRATION_KINDS


@pytest.mark.parametrize("kind", ISSUE_KINDS)
def test_an_issue_of_any_kind_speaks_russian(kind):
    names = placeholders(catalogue("en")["kinds"][kind]) - {"row_count"}
    days = {name: "2026-03-01" for name in names if name in ("report_date", "latest_date")}
    issue = make_issue(kind, np.arange(1234), **{name: f"<{name}>" for name in names} | days)
    written = wording("ru").issue(issue)

    assert re.search("[а-яё]{3}", written)
    assert all(f"<{name}>" in written for name in names - days.keys())
    assert "{" not in written


@pytest.mark.parametrize("name", ["charts", "issues"])
def test_no_latin_words_are_left_in_russian(name):
    content = json.loads((TEXTS / "ru" / f"{name}.json").read_text("utf-8"))
    if name == "issues":
        content["values"] = {key: list(words.values()) for key, words in content["values"].items()}
    for text in leaves(content):
        words = re.findall("[A-Za-z_]+", re.sub(r"{[^}]*}", "", text))
        assert set(words) <= LATIN_THAT_MAY_STAY, text


def test_columns_formats_and_modes_are_called_as_the_farm_knows_them():
    values = catalogue("ru")["values"]

    assert values["column"] == {column.value: names[0] for column, names in HEADERS.items()}
    assert set(DATE_FORMATS) <= set(values["format"])
    assert set(values["mode"]) == set(FILE_MODES)  # the calibrated mode asks for no list


def test_facts_are_written_as_the_language_does():
    dates = make_issue("future_date", np.arange(3), column="birth_date", report_date="2026-03-01")
    columns = make_issue("missing_optional_columns", columns=["a", "b"], found=[], suggestions=[])

    assert "В столбце «Дата рождения» есть даты позже даты отчёта (1 марта 2026)." in wording("ru").issue(
        dates
    )
    assert "Нет столбцов: a, b." in wording("ru").issue(columns)
    assert "Похожие: –." in wording("ru").issue(columns)
    assert wording("ru").issue(make_issue("long_lactation", np.arange(1234))).endswith(": 1\u00a0234.")


def test_kinds_that_share_a_code_are_told_apart():
    heifer, cow = (make_issue(kind) for kind in ("heifer_with_calving", "cow_without_calving"))

    assert heifer.code == cow.code
    assert wording("ru").issue(heifer).startswith("Лактация 0, но указана дата отёла.")
    assert wording("ru").issue(cow).startswith("Лактация 1 или больше, но нет даты отёла.")


def test_english_is_worded_by_the_same_way():
    issue = make_issue("duplicate_animal_id", np.arange(1500), left_out=1234)

    assert ". The first row of each counts, 1,234 others are left out." in wording("en").issue(issue)
    assert "1234 others" in issue.message


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("never_heard_of", {}),
        ("future_date", {"column": "birth_date"}),
        ("future_date", {"report_date": "?"}),
    ],
)
def test_an_issue_without_words_stays_english(code, params):
    issue = QualityIssue(code=code, severity=Severity.INFO, message="Something else.", params=params)

    assert wording("ru").issue(issue) == "Something else."


def test_issues_of_calibration_speak_russian():
    herd_file = read_herd_bytes(
        b"animal_id,birth_date,lactation,status,lactation_start_date\n1,01.01.2025,0,heifer,\n", "x"
    )
    with pytest.raises(HerdDataError) as caught:
        calibrate(herd_file.records, Mode.EMPIRICAL, ModelParameters())

    assert {issue.code for issue in caught.value.issues} == CALIBRATION_KINDS
    for issue in caught.value.issues:
        assert "для режима «эмпирический» нужен хотя бы один" in wording("ru").issue(issue)
