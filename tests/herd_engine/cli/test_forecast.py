"""`herd forecast`: what it writes and prints."""

import csv
import io
import json
import os
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from rich.console import Console

from herd_engine.cli import printing
from herd_engine.cli.forecast import print_forecast
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.exports.document import forecast_schema
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import FILE_MODES, Mode, Scenario
from herd_engine.presentation.shown_forecast import ShownForecast
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.herd_engine.cli.commands import ANSWERS, Herd, start

FEW = ("--runs", 20, "--months", 12)


def without_timing(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    del document["timing"]
    return document


def test_a_file_name_that_is_no_utf8_is_shown_with_replacement_signs(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xf1\xf2\xe0\xe4\xee.csv")
    (tmp_path / name).write_bytes(make_sample(animals=60, seed=3).csv)
    outputs = ("--json", "o.json", "--html", "o.html", "--csv", "o.csv", "--xlsx", "o.xlsx")

    done = start("forecast", name, "--runs", 20, "--months", 3, *outputs, folder=tmp_path)
    looked_at = start("inspect", name, "--json", "-", folder=tmp_path)
    missing = start("inspect", f"no-{name}", folder=tmp_path)

    assert (done.code, looked_at.code, missing.code) == (0, 0, 2), done.err
    for file in ("o.json", "o.html", "o.csv"):
        assert "�����.csv" in (tmp_path / file).read_text(encoding="utf-8")
    assert json.loads(looked_at.out)["dataset"]["name"] == "�����.csv"


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(Mode))
def test_threads_change_nothing_but_timing(data_dir: Path, tmp_path: Path, mode: Mode) -> None:
    wishes = ("--mode", mode, "--policy", "auto_forecast", "--runs", 1000, "--seed", 7)
    common = ("forecast", data_dir / "ds2.csv", *wishes)

    for threads in (1, 2):
        ended = start(*common, "--threads", threads, "--json", f"{threads}.json", folder=tmp_path)
        assert ended.code == 0
        warned = "Inseminated in the last seven weeks without a result yet: 243." in ended.err
        assert warned == (mode in FILE_MODES)

    document = json.loads((tmp_path / "1.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, forecast_schema())
    assert without_timing(tmp_path / "1.json") == without_timing(tmp_path / "2.json")
    assert (document["meta"]["runs"], document["meta"]["seed"]) == (1000, 7)
    assert len(document["points"]) == 37


def test_auto_stops_where_bands_are_stable_with_the_numbers_of_that_many_runs(farm: Path, herd: Herd) -> None:
    common = ("forecast", farm, "--months", 3, "--seed", 5)
    told = [herd(*common, "--runs", "auto", "--threads", n, "--json", f"{n}.json") for n in (1, 2)]
    one, two = (json.loads(Path(f"{n}.json").read_text(encoding="utf-8")) | {"timing": {}} for n in (1, 2))
    n_runs, stability = one["meta"]["runs"], one["meta"]["stability"]
    herd(*common, "--runs", n_runs, "--json", "fixed.json")
    fixed = json.loads(Path("fixed.json").read_text(encoding="utf-8")) | {"timing": {}}

    assert [ended.code for ended in told] == [0, 0]
    assert one == two
    assert (stability["is_stable"], stability["stopped"], stability["n_unsettled"]) == (True, "stable", 0)
    assert stability["checked_at"][-1] == n_runs < stability["most_runs"] == 20_000
    assert f"{n_runs:,} futures were enough" in told[0].out.replace("\n", " ")
    del one["meta"]["stability"]
    assert one == fixed


def test_auto_says_where_the_most_runs_are_not_enough(farm: Path, herd: Herd) -> None:
    ended = herd("forecast", farm, "--months", 3, "--runs", "auto", "--max-runs", 300, "--json", "-")

    meta = json.loads(ended.out)["meta"]
    assert (meta["runs"], meta["stability"]["checked_at"]) == (300, [200, 300])
    assert (meta["stability"]["is_stable"], meta["stability"]["stopped"]) == (False, "most_runs")
    (warning,) = [said for said in meta["warnings"] if said["code"] == "warning_unstable"]
    assert warning["params"] == {"runs": 300, "left": meta["stability"]["n_unsettled"]}
    assert "not stable after 300 futures" in ended.err
    for wrong, said in (
        (("--runs", "many"), "whole number or auto"),
        (("--runs", 100, "--max-runs", 300), "stand with --runs auto"),
        (("--runs", "auto", "--max-runs", 60_000), "be within 1 … 50000"),
    ):
        refused = herd("forecast", farm, *wrong)
        assert (refused.code, said in refused.err.replace("\n", " ")) == (2, True), refused.err


def test_the_page_of_an_automatic_number_of_runs_shows_how_the_bands_settled(farm: Path, herd: Herd) -> None:
    herd("forecast", farm, "--months", 3, "--runs", "auto", "--html", "auto.html", "--language", "ru")
    herd("forecast", farm, "--months", 3, "--runs", 300, "--html", "fixed.html", "--language", "ru")
    pages = [Path(name).read_text(encoding="utf-8") for name in ("auto.html", "fixed.html")]

    assert ['id="convergence-figure"' in page for page in pages] == [True, False]
    assert ["Вариантов достаточно: " in page for page in pages] == [True, False]


def test_json_on_the_terminal_stands_alone(faulty_farm: Path, herd: Herd) -> None:
    ended = herd("forecast", faulty_farm, *ANSWERS, *FEW, "--json", "-", "--csv", "forecast.csv")

    assert ended.code == 0
    jsonschema.validate(json.loads(ended.out), forecast_schema())
    assert "fractional_lactation" in ended.err
    assert Path("forecast.csv").is_file()


def test_every_format_tells_the_same_median(farm: Path, herd: Herd) -> None:
    ended = herd(
        "forecast", farm, *FEW, "--json", "a.json", "--csv", "a.csv", "--xlsx", "a.xlsx", "--html", "a.html"
    )

    point = json.loads(Path("a.json").read_text(encoding="utf-8"))["points"][6]
    milking = point["p50"]["milking_count"]
    rows = list(csv.reader(io.StringIO(Path("a.csv").read_text(encoding="utf-8"))))
    series = [row for row in rows[rows.index(["[SERIES]"]) :] if row]
    column = next(i for i, name in enumerate(series[1]) if name.startswith("milking_count") and "50" in name)
    in_csv = next(row[column] for row in series if row[0] == point["date"])
    sheet = openpyxl.load_workbook("a.xlsx")["Series"]
    position = next(cell.column for cell in sheet[1] if cell.value == "Milking cows, median")
    in_xlsx = sheet.cell(row=8, column=position).value
    assert sheet.cell(row=8, column=1).value == datetime.fromisoformat(point["date"])
    assert round(milking) == int(in_csv) == in_xlsx
    assert '<html lang="en">' in Path("a.html").read_text(encoding="utf-8")
    assert "Written: a.json, a.csv, a.xlsx, a.html" in ended.out


def test_excel_means_byte_order_mark_and_semicolons(farm: Path, herd: Herd) -> None:
    herd("forecast", farm, *FEW, "--csv", "plain.csv")
    herd("forecast", farm, *FEW, "--csv", "excel.csv", "--excel")

    plain, excel = Path("plain.csv").read_bytes(), Path("excel.csv").read_bytes()
    assert excel.startswith(b"\xef\xbb\xbf")
    assert not plain.startswith(b"\xef\xbb\xbf")
    by_comma = list(csv.reader(io.StringIO(plain.decode())))
    assert list(csv.reader(io.StringIO(excel.decode("utf-8-sig")), delimiter=";")) == by_comma


def test_the_page_speaks_russian(farm: Path, herd: Herd) -> None:
    herd("forecast", farm, *FEW, "--html", "page.html", "--language", "ru")

    page = Path("page.html").read_text(encoding="utf-8")
    assert '<html lang="ru">' in page
    assert "Дойные" in page


def test_a_file_that_stands_there_is_replaced_as_a_whole(farm: Path, herd: Herd, folder: Path) -> None:
    target = folder / "forecast.json"
    target.write_text("old")

    with target.open(encoding="utf-8") as reader:
        ended = herd("forecast", farm, *FEW, "--json", target)

        assert reader.read() == "old"  # who reads it meanwhile sees the old file to its end
    assert ended.code == 0
    assert json.loads(target.read_text(encoding="utf-8"))["meta"]["runs"] == 20
    assert {path.name for path in folder.iterdir()} == {"herd.csv", "forecast.json"}


def test_purchases_arrive(farm: Path, herd: Herd) -> None:
    herd("forecast", farm, *FEW, "--purchase", "2026-05-10:25:150", "--purchase", "2026-05-20:5:2026-08-01",
         "--json", "a.json")  # fmt: skip

    points = json.loads(Path("a.json").read_text(encoding="utf-8"))["points"]
    assert {p["date"]: p["p50"]["purchases_in"] for p in points if p["p50"]["purchases_in"]} == {
        "2026-06-01": 30
    }


def test_settings_reach_the_model(farm: Path, herd: Herd) -> None:
    herd("forecast", farm, *FEW, "--set", "waiting_period_change=20", "--set", "max_days_in_milk=none",
         "--future-date", "2026-08-01", "--confidence", 0.8, "--json", "a.json")  # fmt: skip

    document = json.loads(Path("a.json").read_text(encoding="utf-8"))
    model = document["meta"]["scenario"]["model"]
    assert (model["waiting_period_change"], model["max_days_in_milk"]) == (20, None)
    assert document["meta"]["levels"] == {"p_low": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p_high": 0.9}
    assert document["future_point"]["date"] == "2026-08-01"


def test_places_hold_the_herd_and_are_told(farm: Path, herd: Herd) -> None:
    herd("forecast", farm, *FEW, "--set", "places_head=200", "--set", "sell_pregnant=true", "--set",
         "cull_cows=true", "--json", "a.json")  # fmt: skip

    document = json.loads(Path("a.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, forecast_schema())
    scenario = document["meta"]["scenario"]
    assert (scenario["places_head"], scenario["sell_pregnant"], scenario["cull_cows"]) == (200, True, True)
    assert "places_milking" not in scenario
    stocks = ("milking_count", "dry_count", "heifer_count", "pregnant_heifer_count")
    assert all(sum(point["mean"][name] for name in stocks) <= 200 for point in document["points"][1:])


def test_a_cap_on_days_in_milk_is_told(farm: Path, herd: Herd) -> None:
    ended = herd("forecast", farm, *FEW, "--set", "max_days_in_milk=200")

    assert "warning The cap of 200 days in milk took" in ended.err


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_the_terminal_and_hides_nothing(
    farm: Path, herd: Herd, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(printing.out, "width", width)

    said = herd("forecast", farm, *FEW, "--policy", "auto_counter", "--json", "a.json").out

    points = json.loads(Path("a.json").read_text(encoding="utf-8"))["points"]
    assert max(len(line) for line in said.splitlines()) <= width
    assert "…" not in said
    assert all(point["date"] in said for point in points[::3])
    # A row holds the calvings, culls and purchases of three months: means add up.
    row = next(line for line in said.splitlines() if line.startswith(points[6]["date"]))
    events = ("calvings", "culls", "purchases_in")
    sums = [sum(point["mean"][name] for point in points[4:7]) for name in events]
    assert row.split()[-3:] == [f"{total:,.0f}" for total in sums]


def test_errors_that_only_cost_rows_are_told_and_strict_refuses_them(faulty_farm: Path, herd: Herd) -> None:
    lenient = herd("forecast", faulty_farm, *ANSWERS, *FEW)
    strict = herd("forecast", faulty_farm, *ANSWERS, *FEW, "--strict", "--json", "a.json")

    assert lenient.code == 0
    assert "faulty.csv has errors; the forecast does without what they spoil" in lenient.err
    assert (strict.code, strict.out) == (2, "")
    for code in ("negative_lactation", "fractional_lactation"):
        assert f"error {code}" in lenient.err
        assert f"error {code}" in strict.err
    assert not Path("a.json").exists()


def test_other_modes_are_drawn_beside_the_forecast_in_one_figure(farm: Path, herd: Herd) -> None:
    ended = herd("forecast", farm, *FEW, "--beside", "empirical", "--html", "page.html")

    assert ended.code == 0
    page = Path("page.html").read_text(encoding="utf-8")
    for metric in ("milking_count", "calvings", "avg_days_in_milk"):
        assert f"beside_{metric}" in page
    assert "Empirical" in page


def test_modes_beside_without_a_page_to_draw_them_on_are_refused(farm: Path, herd: Herd) -> None:
    ended = herd("forecast", farm, *FEW, "--beside", "empirical")

    assert ended.code == 2
    assert "`--beside` must come with --html" in ended.err


@pytest.mark.parametrize("language", ["en", "ru"])
def test_settings_that_the_other_mode_does_not_read_are_told(farm: Path, herd: Herd, language: str) -> None:
    told = {
        "en": "Empirical does not read culling_intensity = 0.5",
        "ru": "не читает culling_intensity = 0.5",
    }
    options = ("--beside", "empirical", "--html", "page.html", "--language", language)
    ended = herd("forecast", farm, *FEW, "--set", "culling_intensity=0.5", *options)
    page = Path("page.html").read_text(encoding="utf-8")
    plain = herd("forecast", farm, *FEW, *options)

    assert told["en"] in ended.err
    assert told[language] in page
    assert "does not read" not in plain.err
    assert told[language] not in Path("page.html").read_text(encoding="utf-8")


def test_a_mode_that_cannot_be_drawn_beside_is_refused_before_the_long_work(
    farm: Path, herd: Herd, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [line.split(";") for line in farm.read_text("utf-8-sig").splitlines()]
    dry_off = rows[0].index('"Дата запуска тек.лакт"')
    farm.write_text("\n".join(";".join(row) for row in rows if row[dry_off] in ('""', rows[0][dry_off])))
    without = herd("forecast", farm, *FEW, "--html", "page.html")
    monkeypatch.setattr("herd_engine.forecasting.forecast.simulate", None)  # nothing may be simulated
    ended = herd("forecast", farm, *FEW, "--beside", "empirical", "--html", "other.html")

    assert without.code == 0
    assert ended.code == 2
    assert "no conception to dry-off intervals" in ended.err
    assert not Path("other.html").exists()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_no_number_is_broken_in_any_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A herd of thousands: every median and both ends of its band are whole words of the table."""
    herd_file = read_herd_bytes(make_sample(animals=300).csv, "a.csv")
    small = make_forecast(herd_file, Scenario(horizon_months=12), 20, 1)
    names = ("p50", "p_low", "p_high")
    series = {
        metric: replace(each, **{name: 83 * getattr(each, name) for name in names})
        for metric, each in small.series.items()
    }
    large = replace(small, series=series)
    console = Console(width=width, record=True, file=io.StringIO())
    monkeypatch.setattr("herd_engine.cli.forecast.out", console)
    print_forecast(ShownForecast(workbench=Workbench.open(), forecast=large, herd_file=lambda: herd_file))
    words = set(re.split(r"[\s–]+", console.export_text()))

    assert "…" not in "".join(words)
    for name in names:
        for point in (3, 6, 9, 12):
            assert f"{large.value(Metric.MILKING_COUNT, name, point):,.0f}" in words
    if width >= 80:
        assert {"days", "bought"} <= words
        heifers = large.value(Metric.PREGNANT_HEIFER_COUNT, "p_high", 12)
        assert f"{heifers:,.0f}" in words
