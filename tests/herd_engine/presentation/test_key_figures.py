"""Key figures as people read them."""

import pytest

from herd_engine.i18n.wording import wording
from herd_engine.model.kpi import Kpi, KpiUnit, WhyUnknown
from herd_engine.presentation.key_figures import amount, value_text

PR21 = Kpi(key="pr21", unit=KpiUnit.SHARE, low=255 / 1422, high=255 / 933, n=255, of=(1422, 933))


@pytest.mark.parametrize(
    ("kpi", "english", "russian"),
    [
        (PR21, "about 27 %, at least 18 %", "около 27 %, не менее 18 %"),
        (Kpi(key="service_rate_21", unit=KpiUnit.SHARE, low=0.41, high=0.9), "41 % … 90 %", "41 % … 90 %"),
        (Kpi(key="turnover", unit=KpiUnit.PER_COW_YEAR, low=0.2137, high=0.2148), "0.21", "0,21"),
        (Kpi(key="calving_to_first_service", unit=KpiUnit.DAYS, low=90.0), "from 90 d", "от 90 дн."),
        (
            Kpi(key="iofc", unit=KpiUnit.MONEY, reason=WhyUnknown.NEEDS_PRICES),
            "– (needs prices)",
            "– (нужны цены)",
        ),
    ],
    ids=lambda each: each.key if isinstance(each, Kpi) else "",
)
def test_a_number_a_bracket_or_the_reason_why_there_is_none(kpi: Kpi, english: str, russian: str) -> None:
    assert value_text(kpi, wording("en")) == english
    assert value_text(kpi, wording("ru")) == russian


def test_small_shares_have_a_decimal() -> None:
    assert [amount(each, KpiUnit.SHARE, wording("en")) for each in (0.029, 0.41, 0.0, -0.034)] == [
        "2.9 %",
        "41 %",
        "0 %",
        "−3.4 %",
    ]
