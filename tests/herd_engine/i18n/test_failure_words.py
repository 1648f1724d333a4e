"""Why a run failed is kept as a code with facts, and worded in the language of whoever looks."""

import json

import pytest

from herd_engine.errors import BatchError, HerdDataError
from herd_engine.i18n.catalogue import languages
from herd_engine.i18n.failure_words import failure_of, failure_text, kept_failure
from herd_engine.i18n.wording import wording
from herd_engine.model.message import Message
from herd_engine.model.quality import QualityIssue, Severity
from tests.architecture.test_errors import EXAMPLES

RUNNER_FAILURES = {
    "INTERNAL_ERROR": {},
    "TIMEOUT": {"seconds": 0.5},
    "WORKER_LOST": {"times": 3},
    "WORKER_STOPPED": {},
}


@pytest.mark.parametrize("language", languages())
def test_every_reason_that_a_run_can_fail_for_is_worded(language: str) -> None:
    words = wording(language)
    kept = {error.code: failure_of(error).as_plain()["params"] for error in EXAMPLES} | RUNNER_FAILURES
    told = {code: failure_text(code, json.loads(json.dumps(params)), words) for code, params in kept.items()}
    reasons = {code: failure_text(code, None, words) for code in kept}

    assert {code for code, text in (*told.items(), *reasons.items()) if not text or "{" in text} == set()
    assert failure_text("OF_TOMORROW", {}, words) == ""


def test_facts_survive_being_kept_and_speak_russian() -> None:
    issue = QualityIssue(
        code="no_service_periods",
        severity=Severity.ERROR,
        message="English, for logs.",
        params={"kind": "too_few"},
        row_count=2,
    )
    failure = failure_of(HerdDataError("English, for logs.", (issue,)))
    kept = json.loads(json.dumps(failure.as_plain()))

    assert Message.from_plain(kept) == failure
    assert "English" not in json.dumps(kept)


def test_the_limit_is_told_as_the_language_writes_it() -> None:
    told = {
        language: failure_text("TIMEOUT", {"seconds": 90}, wording(language)) for language in ("en", "ru")
    }

    assert told == {
        "en": "It did not end within its time limit. The limit was 90 s.",
        "ru": "Он не уложился в отведённое время. Предел был 90 с.",
    }


def test_programs_are_quoted_only_to_who_looks_after_them() -> None:
    params = failure_of(BatchError(64, "MemoryError")).params

    assert "MemoryError" not in failure_text("BATCH_FAILED", params, wording("ru"))
    assert "MemoryError" in failure_text("BATCH_FAILED", params, wording("ru"), quoted=True)
    assert "future 64" in failure_text("BATCH_FAILED", params, wording("en"))


def test_a_run_of_an_earlier_version_keeps_its_sentence() -> None:
    assert (
        kept_failure("BATCH_FAILED", None, "The batch of runs from 0 failed.")
        == "The batch of runs from 0 failed."
    )
    assert kept_failure(None, None, None) is None
