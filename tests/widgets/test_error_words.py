import re
from pathlib import Path

import pytest

from herd_engine.errors import ConflictError, HerdError, NotFoundError, ParameterError, ScenarioError
from herd_engine.figures.wording import Language
from tests.architecture.test_errors import EXAMPLES
from widgets.texts import Texts, catalogue
from widgets.views.error_words import error_text, run_reason

ENGINE = Path(__file__).parents[2] / "herd_engine"
RUNNER_CODES = ("INTERNAL_ERROR", "TIMEOUT", "WORKER_LOST", "WORKER_STOPPED")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_is_worded_in_both_languages_without_its_own_message(
    error: HerdError, language: Language
) -> None:
    words = error_text(error, Texts(language))

    assert words
    assert str(error) not in words
    assert bool(re.search("[А-Яа-я]", words)) == (language is Language.RUSSIAN)


@pytest.mark.parametrize("language", Language)
def test_every_reason_that_a_run_can_fail_for_is_worded(language: Language) -> None:
    codes = [*(error.code for error in EXAMPLES), *RUNNER_CODES]
    reasons = {code: run_reason(code, Texts(language)) for code in codes}

    assert {code for code, words in reasons.items() if not words or "{" in words} == set()
    assert run_reason("OF_TOMORROW", Texts(language)) == ""


def test_every_conflict_that_people_meet_has_its_own_words() -> None:
    sources = "".join(path.read_text("utf-8") for path in ENGINE.rglob("*.py"))
    given = set(re.findall(r'ConflictError\((?:[^()]|\([^()]*\))*?, "([a-z_]+)"', sources))
    worded = {key.rpartition(".")[2] for key in catalogue(Language.ENGLISH) if "error.CONFLICT." in key}

    assert given == worded


def test_what_an_error_knows_is_said() -> None:
    russian = Texts(Language.RUSSIAN)

    assert "прогноза 8c5b" in error_text(NotFoundError("run", "8c5b"), russian)
    assert "«Северная»" in error_text(ConflictError("…", "farm_taken", "Северная"), russian)
    assert "«Период добровольного ожидания»" in error_text(
        ParameterError("voluntary_waiting_period", 1, "…"), russian
    )
    assert "На сколько вперёд" in error_text(ScenarioError((("horizon_months", "…"),)), russian)
    assert "herd_count" in error_text(ScenarioError((("herd_count", "…"),)), russian)
