import json
from datetime import date
from importlib.resources import files

import pytest

from herd_engine.errors import ParameterError
from herd_engine.figures.wording import wording
from herd_engine.model.forecast import Metric
from tests.unit.figures.hand_made import small_forecast

NBSP = "\u00a0"


def texts(language):
    return json.loads((files("herd_engine.figures") / "texts" / f"{language}.json").read_text("utf-8"))


def placeholders(text):
    return sorted(part.split("}")[0] for part in text.split("{")[1:])


def test_both_languages_have_the_same_texts_with_the_same_placeholders():
    english, russian = texts("en"), texts("ru")

    assert list(english) == list(russian)
    for key, text in english.items():
        if isinstance(text, str):
            assert placeholders(text) == placeholders(russian[key]), key
        assert len(text) > 0
        assert len(russian[key]) > 0


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_metric_has_name_subject_unit_and_definition(language):
    for metric in Metric:
        assert set(texts(language)["metrics"][metric]) == {"name", "subject", "unit", "definition"}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("form", ["months", "months_short", "months_by", "months_of_day"])
def test_a_year_has_twelve_months(language, form):
    assert len(texts(language)[form]) == 12


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


def test_an_unknown_language_is_refused():
    with pytest.raises(ParameterError, match="`language` must be one of en, ru; got 'de'"):
        wording("de")
