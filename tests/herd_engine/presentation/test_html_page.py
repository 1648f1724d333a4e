import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.errors import ParameterError
from herd_engine.exports.csv_file import forecast_csv
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.i18n.wording import wording
from herd_engine.model.answers import Answers
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import Mode, ModelParameters, PurchasePolicy, Scenario
from herd_engine.presentation.page.html_page import forecast_html
from herd_engine.sample.make import make_sample
from tests.herd_engine.charts.hand_made import as_written, forecast_of, long_forecast, small_forecast

HOSTILE = "</title></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&.csv"
XML_NAMESPACES = {"http://www.w3.org/2000/svg"}


class Page(HTMLParser):
    """Elements with their attributes, and the text of scripts and of everything else."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts, self.words, self.inside = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keep the element."""
        self.elements.append((tag, dict(attrs)))
        self.inside.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        """Close the element and what stayed open in it."""
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        """Keep the text of scripts apart."""
        if self.inside[-1:] == ["script"]:
            self.scripts[-1] += data
        elif self.inside[-1:] != ["style"]:
            self.words.append(data)

    def of(self, tag):
        """Return the attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def english():
    return forecast_html(small_forecast())


@pytest.fixture(scope="module")
def without_plotly(english):
    return english.replace(get_plotlyjs(), "")


def test_the_page_opens_with_the_sentence_made_from_the_numbers(english):
    words = " ".join(Page(english).words)

    assert "Milking cows fall from 1,277 to 1,118 (1,062–\u20601,171) by May 2026." in words


def test_plotly_is_inside_exactly_once(english):
    assert english.count(get_plotlyjs()) == 1


def test_the_page_loads_nothing(english):
    for _, attributes in Page(english).elements:
        for name in ("src", "href", "srcset", "action", "poster", "xlink:href"):
            assert attributes.get(name, "#").startswith(("data:", "#"))


def test_no_address_is_named_outside_of_plotly(without_plotly):
    assert set(re.findall(r"https?://[^\s\"'<>)]*", without_plotly)) <= XML_NAMESPACES
    assert "url(" not in without_plotly
    assert "@import" not in without_plotly


def test_the_browser_is_told_to_load_nothing(english):
    (policy,) = (m["content"] for m in Page(english).of("meta") if "http-equiv" in m)

    assert policy.startswith("default-src 'none'")


def test_a_hostile_name_stays_text():
    page = Page(
        forecast_html(
            small_forecast(
                dataset_name=HOSTILE, warnings=(as_written(HOSTILE),), assumptions=(as_written(HOSTILE),)
            )
        )
    )

    assert HOSTILE in page.words
    assert page.of("img") == []
    assert not any("onerror" in attributes for _, attributes in page.elements)
    assert len(page.scripts) == len(Page(forecast_html(small_forecast())).scripts)


def test_a_hostile_name_cannot_leave_the_style_sheet():
    page = forecast_html(small_forecast(dataset_name='"; } body { display: none } </style><b>'))

    assert page.count("</style>") == 1
    assert "display: none } <" not in page.split("</style>")[0]


@pytest.mark.parametrize(("language", "title"), [("en", "Herd forecast"), ("ru", "Прогноз стада")])
def test_the_page_speaks_its_language(language, title):
    page = Page(forecast_html(small_forecast(), language=language))

    assert page.of("html") == [{"lang": language}]
    assert any(title in text for text in page.words)


def test_an_unknown_language_is_refused():
    with pytest.raises(ParameterError, match="must be one of en, ru"):
        forecast_html(small_forecast(), language="xx")


def test_every_chart_has_a_figure_a_table_and_a_picture_to_save(english):
    page = Page(english)
    charts = [d["id"] for d in page.of("div") if d.get("class") == "chart"]

    assert charts == ["milking_count", "events", "structure", "avg_days_in_milk"]
    assert [b["data-chart"] for b in page.of("button")] == charts
    assert len(page.of("details")) == len(charts) + 1  # and the provenance


def test_embedded_figures_are_figures(english):
    texts = re.findall(r'<script type="application/json" id="\w+-figure">(.*?)</script>', english)

    assert len(texts) == 4
    assert all(isinstance(go.Figure(json.loads(text)), go.Figure) for text in texts)


def test_tiles_can_be_reached_and_explain_themselves(english):
    page = Page(english)
    tiles = [item for item in page.of("li") if item.get("class") == "tile"]
    definitions = {p["id"] for p in page.of("p") if p.get("role") == "tooltip"}

    assert len(tiles) == 6
    assert {tile["tabindex"] for tile in tiles} == {"0"}
    assert {tile["aria-describedby"] for tile in tiles} == definitions


def test_tiles_speak_of_the_date_of_interest(english):
    words = " ".join(Page(english).words)

    # 1 Apr 2026: 1218.5 → 1,218, band 1201.45 … 1230, change 1218 - 1277, as the tile shows them
    assert "What to expect on 1 Apr 2026" in words
    assert "1,201–1,230" in words
    assert "−59 against 1,277 now" in words


def test_without_a_date_of_interest_tiles_look_a_year_ahead():
    words = " ".join(Page(forecast_html(long_forecast(36))).words)
    scenario = replace(long_forecast(36).meta.scenario, future_date=None)
    forecast = long_forecast(36)
    forecast = replace(forecast, meta=replace(forecast.meta, scenario=scenario))

    assert "What to expect on 1 Apr 2026" in words
    assert "What to expect on 1 Feb 2027" in " ".join(Page(forecast_html(forecast)).words)


def test_all_numbers_can_be_downloaded(english):
    (link,) = (a for a in Page(english).of("a") if "download" in a)

    assert base64.b64decode(link["href"].removeprefix("data:text/csv;base64,")) == forecast_csv(
        small_forecast(), plain=True
    )


def test_quality_and_provenance_are_told(english):
    words = " ".join(Page(english).words)

    assert "A calving lies after the report date." in words
    assert "Left out of the herd: sold 812." in words
    assert "ab" * 32 in words
    assert "Records describe the future." in words


def test_issues_name_some_of_their_lines(english):
    assert "rows: 3; lines: 17, 203, 590" in Page(english).words
    (issue,) = small_forecast().meta.quality
    more = small_forecast(quality=(replace(issue, row_count=40),))
    assert "строк: 40; №\u00a017, 203, 590, …" in Page(forecast_html(more, language="ru")).words


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Left out of the herd: sold 1,812, moved to another farm 7, wolves 1."),
        (
            "ru",
            "Не вошли в стадо: проданы\u00a0— 1\u00a0812, перемещены на другую ферму\u00a0— 7, wolves 1.",
        ),
    ],
)
def test_reasons_to_leave_rows_out_are_worded(language, told):
    excluded = {"sold": 1812, "dead": 0, "moved": 7, "wolves": 1}

    assert told in Page(forecast_html(small_forecast(excluded=excluded), language=language)).words


@pytest.fixture(scope="module")
def problem_herd():
    answers = Answers.of(statuses={"На лечении": "present"}, accept_losses=True)
    return read_herd_bytes(make_sample(animals=300, problems=True).csv, "farm.csv", answers=answers)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("policy", PurchasePolicy)
def test_the_russian_page_of_a_file_with_problems_has_no_english_sentence(problem_herd, mode, policy):
    model = ModelParameters(max_days_in_milk=300)
    scenario = Scenario(horizon_months=2, mode=mode, purchase_policy=policy, model=model)
    forecast = make_forecast(problem_herd, scenario, runs=2, seed=1)
    meta = forecast.meta
    words = wording("en")
    sentences = {*map(words.issue, meta.quality), *map(words.say, (*meta.assumptions, *meta.warnings))}
    english, russian = (
        " ".join(Page(forecast_html(forecast, language=language)).words) for language in ("en", "ru")
    )

    assert len(meta.quality) > 20
    assert len(meta.assumptions) == (5 if mode is Mode.CALIBRATED else 4)
    assert "The cap of 300 days in milk" in words.say(meta.warnings[-1])
    assert "Предел дней в доении (300)" in russian
    for sentence in sentences:
        assert sentence in english
        assert sentence not in russian
    for reason in meta.excluded:
        assert f" {reason.replace('_', ' ')} " not in russian


def test_a_clean_herd_says_so():
    words = Page(forecast_html(small_forecast(quality=(), warnings=(), excluded={}))).words

    assert "Nothing remarkable was found in the herd file." in words


def test_a_herd_without_milking_cows_has_a_page():
    forecast = forecast_of([0, 0])
    unknown = replace(
        forecast.series[Metric.AVG_DAYS_IN_MILK],
        **{name: np.full(2, np.nan) for name in ("mean", "p_low", "p25", "p50", "p75", "p_high")},
    )
    forecast = replace(forecast, series={**forecast.series, Metric.AVG_DAYS_IN_MILK: unknown})

    assert "Milking cows: none on 26 Feb 2026 and none by Mar 2026." in " ".join(
        Page(forecast_html(forecast)).words
    )


def test_equal_forecasts_give_equal_pages_whatever_the_time_took(english):
    assert forecast_html(replace(small_forecast(), timing={"engine": 9.0})) == english


def test_fine_print_stands_with_the_provenance_and_is_escaped():
    page = forecast_html(small_forecast(), fine_print="within 10 days <of> the past")

    assert "within 10 days &lt;of&gt; the past" in page[page.index('id="provenance"') :]
