"""Errors and failures are worded in the language of whoever reads them."""

import ast
import fnmatch
import re
from pathlib import Path

import pytest

from herd_engine.errors import (
    ConflictError,
    HerdDataError,
    HerdError,
    NotFoundError,
    ParameterError,
    ScenarioError,
)
from herd_engine.i18n.catalogue import languages
from herd_engine.i18n.error_words import error_text
from herd_engine.i18n.wording import wording
from herd_engine.model.quality import QualityIssue, Severity
from pipelines.reports.failure_words import failure_of, in_words
from pipelines.reports.manifest import ReportFailure
from tests.architecture.test_errors import EXAMPLES

ROOT = Path(__file__).parents[3]
PACKAGES = [ROOT / name for name in ("herd_engine", "pipelines", "widgets")]
ENGLISH, RUSSIAN = wording("en"), wording("ru")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_is_worded_in_both_languages_without_its_own_message(
    error: HerdError, language: str
) -> None:
    words = error_text(error, wording(language))

    assert words
    assert str(error) not in words
    assert bool(re.search("[А-Яа-я]", words)) == (language == "ru")


def cases_given() -> set[str]:
    """Return the case of every conflict that is raised, with ``*`` for what is put into it."""
    cases = set()
    for path in (path for folder in PACKAGES for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ConflictError":
                case = node.args[1]
                parts = case.values if isinstance(case, ast.JoinedStr) else [case]
                cases.add("".join(str(getattr(part, "value", "")) if isinstance(part, ast.Constant) else "*"
                                  for part in parts))  # fmt: skip
    return cases


def test_every_conflict_is_a_case_that_has_its_own_words() -> None:
    given = cases_given()
    worded = {key.rpartition(".")[2] for key in ENGLISH.texts if "error.CONFLICT." in key}

    assert len(given) > 25
    assert {case for case in given if not fnmatch.filter(worded, case)} == set()
    assert {name for name in worded if not any(fnmatch.fnmatch(name, case) for case in given)} == set()


def test_what_an_error_knows_is_said() -> None:
    assert "прогноза 8c5b" in error_text(NotFoundError("run", "8c5b"), RUSSIAN)
    assert "«Северная»" in error_text(ConflictError("…", "farm_taken", "Северная"), RUSSIAN)
    assert "«Период добровольного ожидания»" in error_text(
        ParameterError("voluntary_waiting_period", 1, "…"), RUSSIAN
    )
    assert "На сколько вперёд" in error_text(ScenarioError((("horizon_months", "…"),)), RUSSIAN)
    assert "herd_count" in error_text(ScenarioError((("herd_count", "…"),)), RUSSIAN)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_why_a_report_cannot_begin_is_said_in_its_language(error: HerdError) -> None:
    english, russian = (failure_of(error, words, "open") for words in (ENGLISH, RUSSIAN))

    assert english.message == str(error)
    assert (russian.code, russian.section) == (error.code, "open")
    assert re.search("[А-Яа-я]", russian.message)
    assert str(error) in russian.details


def test_of_a_herd_file_all_that_is_wrong_is_said() -> None:
    issue = QualityIssue(code="no_rows", severity=Severity.ERROR, message="No rows.", blocking=True)
    other = QualityIssue(code="odd", severity=Severity.WARNING, message="Odd.", blocking=False)

    no_rows = "The file has a header but no animals. Export it again."
    failure = failure_of(HerdDataError("It cannot be used.", (issue, other)), ENGLISH, "open")

    assert (failure.message, failure.details) == (no_rows, f"{no_rows}\nOdd.")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("TIME_LIMIT", "он не уложился в отведённое время."),
        ("ClusterError", "Вычислительные узлы не отвечают. Запустите прогноз ещё раз через несколько минут."),
        ("ZeroDivisionError", "ошибка ZeroDivisionError; что сообщила программа — в подробностях."),
        ("ParameterError", "ошибка ParameterError; что сообщила программа — в подробностях."),
    ],
)
def test_what_stops_a_notebook_is_said_in_russian_and_its_english_kept(code: str, words: str) -> None:
    told = ReportFailure(code=code, message="it broke", section="due", details="line 1")

    failure = in_words(told, RUSSIAN)

    assert failure == ReportFailure(code=code, message=words, section="due", details="it broke\n\nline 1")
    assert in_words(told, ENGLISH) == told
