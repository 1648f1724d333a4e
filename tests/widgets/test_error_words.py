import pytest

from herd_engine.i18n.catalogue import languages
from tests.architecture.test_errors import EXAMPLES
from widgets.texts import Texts
from widgets.views.common.error_words import run_reason

RUNNER_CODES = ("INTERNAL_ERROR", "TIMEOUT", "WORKER_LOST", "WORKER_STOPPED")


@pytest.mark.parametrize("language", languages())
def test_every_reason_that_a_run_can_fail_for_is_worded(language: str) -> None:
    codes = [*(error.code for error in EXAMPLES), *RUNNER_CODES]
    reasons = {code: run_reason(code, Texts(language)) for code in codes}

    assert {code for code, words in reasons.items() if not words or "{" in words} == set()
    assert run_reason("OF_TOMORROW", Texts(language)) == ""
