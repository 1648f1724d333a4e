"""Pictures of the herd as it is, and of what calibration makes of its records."""

import json

import numpy as np
import pytest

from herd_engine.calibration.fit import Fit, fit_herd
from herd_engine.charts.days_in_milk import days_in_milk_distribution
from herd_engine.charts.fitted import (
    exit_rates,
    fitted_distributions,
)
from herd_engine.charts.parity import parity_pyramid
from herd_engine.charts.theme import DARK
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.model.animals import AnimalState
from herd_engine.model.scenario import Mode
from herd_engine.sample import make_sample
from tests.herds import always, dry_cow, heifer, herd, open_cow, pregnant_cow, spread, tables

SMALL_HERD = herd(
    heifer(100),
    heifer(364),
    heifer(365),
    heifer(500, state=AnimalState.PREGNANT_HEIFER),
    open_cow(0),
    open_cow(29),
    open_cow(230),
    pregnant_cow(230, 60),
    pregnant_cow(800, 200, lactation=3),
    dry_cow(330, 230, 10, lactation=7),
)
NOBODY = herd()
FIT = Fit(
    tables={
        Mode.EMPIRICAL: tables(
            age_at_conception=spread(400, 409),
            lactation_hazard=np.array([0.001, 0.002]),
            month_hazard=np.full(12, 0.001),
        ),
        Mode.THEORETICAL: tables(age_at_conception=always(404), conception_to_dry_off=always(221)),
    },
    issues=(),
)
NO_FIT = Fit(tables={}, issues=())


def notes(figure):
    return [note.text for note in figure.layout.annotations]


def test_cows_in_milk_stand_by_their_days_in_milk_open_ones_hatched():
    figure = days_in_milk_distribution(SMALL_HERD).figure
    pregnant, not_pregnant = figure.data

    # Bins of 30 days: 0 and 29 in the first, 230 in the eighth, 800 in the last one, from 600 on.
    assert [i for i, n in enumerate(pregnant.y) if n] == [7, 20]
    assert [(i, n) for i, n in enumerate(not_pregnant.y) if n] == [(0, 2), (7, 1)]
    assert pregnant.marker.pattern.shape != not_pregnant.marker.pattern.shape
    # (0 + 29 + 230 + 230 + 800) / 5 = 257.8
    assert figure.layout.title.text == (
        "Cows in milk have been milked for 258 days on average; 1 of 5 are open after 200 days"
    )
    assert notes(figure) == ["mean: 258"]


def test_the_table_of_days_in_milk_counts_every_cow_in_milk():
    table = days_in_milk_distribution(SMALL_HERD).table

    assert table.rows[0] == ("0–29", "0", "2", "2")
    assert table.rows[7] == ("210–239", "1", "1", "2")
    assert table.rows[-1] == ("600+", "1", "0", "1")
    assert sum(int(row[-1]) for row in table.rows) == 5


def test_the_pyramid_has_cows_by_lactation_and_heifers_apart():
    figure = parity_pyramid(SMALL_HERD).figure
    standing, dry = figure.data

    assert list(standing.y)[:4] == [
        "Heifers under 1 year",
        "Heifers over 1 year",
        "Pregnant heifers",
        "Lactation 1",
    ]
    assert list(standing.x) == [2, 1, 1, 4, 0, 1, 0, 0]
    assert list(dry.x) == [0, 0, 0, 0, 0, 0, 0, 1]
    assert list(dry.text)[-1] == "1 (1 dry)"
    assert dry.marker.pattern.shape == "/"
    # 4 of 6 cows, 1 of 6 cows.
    assert (
        figure.layout.title.text
        == "Of 100 cows 67 are in their first lactation, 17 in their fifth or a later one"
    )


def test_the_table_of_the_pyramid_is_read_from_the_top():
    rows = parity_pyramid(SMALL_HERD).table.rows

    assert rows[0] == ("Lactation 5+", "0", "1", "1")
    assert rows[4] == ("Lactation 1", "4", "0", "4")
    assert sum(int(row[-1]) for row in rows) == SMALL_HERD.n_animals


def test_a_herd_without_cows_has_pictures():
    assert (
        days_in_milk_distribution(NOBODY).figure.layout.title.text == "No cows are in milk on the report date"
    )
    assert parity_pyramid(NOBODY).figure.layout.title.text == "0 head, none of them has calved yet"
    assert days_in_milk_distribution(NOBODY).table.rows == ()


def test_records_are_bars_and_the_formula_is_a_line():
    figure = fitted_distributions(FIT).figure
    records, formula = figure.data[:2]

    # 400 … 409 in bins of 15 days: five days in 390 … 404, five in 405 … 419.
    assert list(records.x) == [397.5, 412.5]
    assert list(records.y) == pytest.approx([5, 5])
    assert list(formula.x) == [397.5]
    assert (records.type, formula.type) == ("bar", "scatter")
    # Uniform over ten days: mean 404.5, variance (10² - 1) / 12.
    assert notes(figure)[0] == "<b>Age at first conception</b>: 404 ± 3 days, n = 10"
    assert figure.layout.title.text == (
        "As recorded, heifers conceived at 404 days on average, cows 100 days after calving, "
        "and went dry 220 days later"
    )


def test_the_table_sets_records_beside_the_formula():
    rows = fitted_distributions(FIT).table.rows

    assert rows[0] == ("Age at first conception", "10", "404.5", "2.9", "404.0", "0.0")
    assert rows[2] == ("Conception to dry-off", "1", "220.0", "0.0", "221.0", "0.0")


def test_bars_count_all_records_of_a_file():
    records = read_herd_bytes(make_sample(animals=300, seed=4).csv, "farm.csv").records
    fit = fit_herd(records)

    figure = fitted_distributions(fit).figure

    bars = [trace for trace in figure.data if trace.type == "bar"]
    lines = [trace for trace in figure.data if trace.type == "scatter"]
    for name, bar, line in zip(
        ("age_at_conception", "service_period", "conception_to_dry_off"), bars, lines, strict=True
    ):
        n = getattr(fit.tables[Mode.EMPIRICAL], name).n_observed
        assert sum(bar.y) == pytest.approx(n)
        assert sum(line.y) == pytest.approx(n)


def test_exits_are_told_of_100_animals_in_a_year():
    figure = exit_rates(FIT).figure
    by_lactation, by_month = figure.data

    # 1 - 0.999^365 = 30.59 %, 1 - 0.998^365 = 51.84 %.
    assert list(by_lactation.y) == pytest.approx([30.59, 51.84], abs=0.01)
    assert len(by_month.y) == 12
    assert exit_rates(FIT).table.rows[1] == ("Lactation 1", "51.8")
    assert figure.layout.title.text == (
        "By the records, of 100 cows in their first lactation 52 leave within a year, of 100 heifers 31"
    )


def test_a_file_without_records_has_pictures():
    assert notes(fitted_distributions(NO_FIT).figure)[0] == "<b>Age at first conception</b>: no records"
    assert fitted_distributions(NO_FIT).table.rows[0][1:] == ("–",) * 5
    assert exit_rates(NO_FIT).figure.layout.title.text == "Nothing is known about animals that left"
    assert exit_rates(NO_FIT).table.rows == ()


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    ("build", "data"),
    [
        (days_in_milk_distribution, SMALL_HERD),
        (days_in_milk_distribution, NOBODY),
        (parity_pyramid, SMALL_HERD),
        (fitted_distributions, FIT),
        (fitted_distributions, NO_FIT),
        (exit_rates, FIT),
        (exit_rates, NO_FIT),
    ],
)
def test_pictures_are_dark_where_wanted_and_fit_into_a_page(build, data, language):
    figure = build(data, language=language, theme=DARK).figure

    assert figure.layout.paper_bgcolor == DARK.surface
    assert "#ffffff" not in figure.to_json()
    json.dumps(figure.to_plotly_json(), allow_nan=False, default=str)
