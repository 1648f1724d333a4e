"""What a result says is carried as codes: English texts may change, other languages do not notice."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from herd_engine.calibration import calibrate as calibrate_module
from herd_engine.datasets import issue_kinds as kinds_module
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.datasets.issue_kinds import ISSUE_KINDS, Bends
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.i18n import wording as wording_module
from herd_engine.i18n.catalogue import catalogue
from herd_engine.i18n.wording import wording
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.presentation.page.html_page import forecast_html
from herd_engine.sample import make_sample

BENDING = {
    "exits_close_together",
    "few_births_recorded",
    "few_calving_dates",
    "few_calvings_recorded",
    "few_conceptions_recorded",
    "few_days_of_exits",
    "few_heifer_conceptions",
    "few_inseminations_recorded",
    "missing_optional_columns",
    "no_exits_recorded",
    "report_date_disagreement",
    "report_date_from_latest_date",
    "sold_without_archive_date",
    "unconfirmed_inseminations",
}
"""Kinds of issues after which the whole forecast is another one, not only some animals of it."""


def scrambled(value: Any, luck: np.random.Generator) -> Any:
    """Return texts with every word another one; places to fill in stay."""
    if isinstance(value, str):
        parts = re.split(r"({[^}]*})", value)
        return "".join(
            part if part.startswith("{") else re.sub("[A-Za-z]", lambda _: "qxz"[luck.integers(3)], part)
            for part in parts
        )
    if isinstance(value, Mapping):
        return {key: scrambled(item, luck) for key, item in value.items()}
    return [scrambled(item, luck) for item in value]


@pytest.fixture
def other_english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English whose every text is another one; all else as it is."""
    plain = dict(catalogue("en"))
    names = {"locale", "day_pattern", "month_pattern"}
    luck = np.random.default_rng(7)
    other = {key: text if key in names else scrambled(text, luck) for key, text in plain.items()}

    def changed(language: str) -> Mapping[str, Any]:
        return MappingProxyType(other) if language == "en" else catalogue(language)

    for module in (wording_module, kinds_module, calibrate_module):
        monkeypatch.setattr(module, "catalogue", changed)
    wording.cache_clear()
    yield
    wording.cache_clear()


def page(language: str) -> str:
    herd_file = read_herd_bytes(make_sample(animals=300, problems=True).csv, "farm.csv")
    model = ModelParameters(max_days_in_milk=300)
    scenario = Scenario(horizon_months=2, mode=Mode.EMPIRICAL, model=model)
    return forecast_html(make_forecast(herd_file, scenario, runs=5, seed=1), language=language)


def test_a_page_in_russian_does_not_change_with_the_english_texts(request: pytest.FixtureRequest) -> None:
    russian, english = page("ru"), page("en")
    request.getfixturevalue("other_english")

    assert page("ru") == russian
    assert page("en") != english


def test_the_kinds_of_issues_say_themselves_which_of_them_bend_a_forecast() -> None:
    bends = {kind: entry.bends for kind, entry in ISSUE_KINDS.items() if entry.bends is not Bends.NEVER}

    assert set(bends) >= BENDING
    assert {kind for kind, how in bends.items() if how is Bends.FILE_MODES} == {"unconfirmed_inseminations"}
