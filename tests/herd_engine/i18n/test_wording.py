from datetime import date

import pytest

from herd_engine.i18n.catalogue import catalogue
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.forecast import Metric
from herd_engine.model.message import Message
from tests.herd_engine.charts.hand_made import small_forecast

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "digits", "english", "russian"),
    [
        (1234567.0, 0, "1,234,567", f"1{NBSP}234{NBSP}567"),
        (2.5, 0, "2", "2"),
        (3.5, 0, "4", "4"),
        (-159.0, 0, "−159", "−159"),
        (-0.2, 0, "0", "0"),
        (1181.152, 1, "1,181.2", f"1{NBSP}181,2"),
        (None, 0, "–", "–"),
        (float("nan"), 1, "–", "–"),
    ],
)
def test_numbers_are_written_as_the_language_does(value, digits, english, russian):
    assert wording("en").number(value, digits) == english
    assert wording("ru").number(value, digits) == russian


@pytest.mark.parametrize(("value", "written"), [(82.0, "+82"), (-82.0, "−82"), (0.4, "0"), (-0.4, "0")])
def test_a_change_has_a_sign_unless_it_rounds_to_nothing(value, written):
    assert wording("en").change(value) == written


def test_dates_are_written_as_the_language_does():
    day = date(2026, 8, 1)

    assert wording("en").day(day) == "1 Aug 2026"
    assert wording("ru").day(day) == "1 августа 2026"
    assert wording("en").by_month(day) == "Aug 2026"
    assert wording("ru").by_month(day) == "августу 2026 года"
    assert wording("ru").month(day) == "Август 2026"


def test_a_median_comes_with_its_band():
    assert wording("en").with_band(small_forecast(), Metric.MILKING_COUNT, 3) == "1,118 (1,062–1,171)"
    assert wording("en").with_band(small_forecast(), Metric.CALVINGS, 0) == "–"
    assert wording("en").band(small_forecast(), Metric.CALVINGS, 0) == "–"


@pytest.mark.parametrize(("share", "written"), [(0.9, "90"), (0.95, "95"), (0.925, "92.5"), (0.99, "99")])
def test_a_share_is_told_in_futures(share, written):
    assert wording("en").futures(share) == f"{written} of 100 futures"


@pytest.mark.parametrize(
    ("n", "written"),
    [(1, "1 строка"), (2, "2 строки"), (5, "5 строк"), (11, "11 строк"), (21, "21 строка"),
     (112, "112 строк"), (1234, "1\N{NO-BREAK SPACE}234 строки")],
)  # fmt: skip
def test_russian_counts_as_russians_do(n, written):
    assert wording("ru").count("rows", n) == written


def test_english_counts_one_and_many():
    assert [wording("en").count("rows", n) for n in (0, 1, 4485)] == ["0 rows", "1 row", "4,485 rows"]


def test_a_message_is_filled_with_numbers_dates_lists_and_other_messages():
    words = Wording(
        "ru",
        {
            **catalogue("ru"),
            "kinds": {"told": "{rows} строк, {share:1} %, {report_date}; {names}; {parts:; }"},
            "part": "часть {n}",
        },
    )
    parts = tuple(Message("part", {"n": n}) for n in (1, 2000))
    facts = {"rows": 1234, "share": 2.25, "report_date": "2026-03-01", "names": ["a", "b"], "parts": parts}

    assert words.say(Message("told", facts)) == (
        f"1{NBSP}234 строк, 2,2 %, 1 марта 2026; a, b; часть 1; часть 2{NBSP}000"
    )


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_message_of_a_later_version_is_told_by_its_code_and_facts(language):
    assert wording(language).say(Message("never_heard_of", {"rows": 3})) == "never_heard_of (rows = 3)"
    assert wording(language).say(Message("never_heard_of")) == "never_heard_of"
    assert wording(language).say(Message("future_date", {"rows": 3})) == "future_date (rows = 3)"
