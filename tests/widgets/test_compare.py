"""The page of comparisons: its model, and its views without a browser."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import ipywidgets
import numpy as np
import openpyxl
import pytest

from herd_engine.errors import NotFoundError
from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.runner import Runner
from herd_engine.model.forecast import Metric
from herd_engine.scenarios.schema import complete
from herd_engine.storage.run_rows import RunFilters
from herd_engine.workbench import Workbench
from widgets.controls.download import Download
from widgets.controls.form import Form
from widgets.controls.items import Items
from widgets.controls.plot import Plot
from widgets.controls.shell import Shell
from widgets.page import Page, all_of
from widgets.pages.compare import compare
from widgets.view_models.compare import Compare, differing_settings
from widgets.view_models.form_fields import form_fields
from widgets.view_models.page_model import PageModel
from widgets.views.compare.story import share_text
from widgets.visit import Visit

SHORT = {"horizon_months": 12, "mc_runs": 60}
WAITING = {**SHORT, "model": {"waiting_period_change": 40}}
BUYING = {**SHORT, "purchases": [{"date_in": "2026-05-01", "count": 20, "days_pregnant": 200}]}
SCENARIO = "<b>Buy</b> & hold"


@pytest.fixture(scope="module")
def kept_home(tmp_path_factory: pytest.TempPathFactory, sample_csv: bytes) -> Path:
    """Four finished runs: base, longer waiting, the same with another seed, a named purchase plan."""
    home = tmp_path_factory.mktemp("home")
    workbench = Workbench(home, "local", None)
    dataset = workbench.kept.add_dataset(sample_csv, "farm.csv").id
    for payload in (SHORT, WAITING, {**WAITING, "seed": 7, "horizon_months": 6}):
        workbench.kept.submit(dataset, payload)
    scenario = workbench.catalog.scenarios.save(SCENARIO, BUYING)
    workbench.kept.submit(dataset, scenario_id=scenario.id)
    with open_cluster(ClusterSettings()) as cluster:
        Runner(workbench.kept.store, cluster).work(Event(), until_idle=True)
    workbench.kept.close()
    return home


@pytest.fixture
def workbench(kept_home: Path) -> Iterator[Workbench]:
    workbench = Workbench(kept_home, "local", None)
    yield workbench
    workbench.kept.close()


@pytest.fixture
def ids(workbench: Workbench) -> list[str]:
    """Ids in the order of submission: base, waiting, waiting with another seed, buying."""
    return [run.id for run in reversed(workbench.kept.list_runs().items)]


def visiting(page: PageModel, *runs: str, base: str | None = None) -> PageModel:
    page.visit = replace(page.visit, runs=runs, base=base)
    return page


def opened(page: PageModel, *runs: str, base: str | None = None) -> Compare:
    model = Compare(visiting(page, *runs, base=base))
    model.open()
    return model


def shown(page: PageModel, *runs: str, base: str | None = None) -> Page:
    view = compare(visiting(page, *runs, base=base))
    view.pump.turn()
    return view


def texts_of(page: Page) -> str:
    return " ".join(w.value for w in all_of(page.root) if isinstance(w, ipywidgets.HTML))


def headline_of(page: Page) -> str:
    return re.search("<h1[^>]*>(.*?)</h1>", texts_of(page))[1]  # type: ignore[index]


def plots(page: Page) -> dict[str, Plot]:
    return {w.name: w for w in all_of(page.root) if isinstance(w, Plot)}


def test_the_address_says_what_is_compared_with_what(page: PageModel, ids: list[str]) -> None:
    model = opened(page, ids[0], ids[1], ids[3], base=ids[1])

    assert model.compared is not None
    assert model.compared.comparison.base == ids[1]
    assert [run.key for run in model.compared.comparison.runs] == [ids[0], ids[3]]
    assert not model.is_busy


def test_an_empty_page_asks_to_choose_and_nothing_fails(page: PageModel, workbench: Workbench) -> None:
    view = shown(page)

    assert "Choose two to six kept forecasts" in texts_of(view)
    assert page.failure is None
    assert [len(w.items) for w in all_of(view.root) if isinstance(w, Items)] == [0, 4]


def test_the_first_run_is_the_base_where_the_address_names_none_of_them(
    page: PageModel, ids: list[str]
) -> None:
    assert opened(page, ids[1], ids[0]).base == ids[1]
    assert opened(page, ids[1], ids[0], base=ids[3]).base == ids[1]


def test_cows_and_young_stock_that_leave_stand_apart_and_add_up(page: PageModel, ids: list[str]) -> None:
    shown_page = texts_of(shown(page, ids[0], ids[3]))
    numbers = [
        int(re.search(rf"{label}</th><td>([+−\d,]+)", shown_page)[1].replace("−", "-").replace(",", ""))  # type: ignore[index]
        for label in ("Leave the herd in all", "Of these cows", "Of these young stock")
    ]

    assert abs(numbers[0] - numbers[1] - numbers[2]) <= 1  # each is rounded


def test_the_farms_plan_is_the_base_where_it_is_among_them(
    page: PageModel, workbench: Workbench, ids: list[str]
) -> None:
    workbench.kept.star(ids[3])
    try:
        assert opened(page, ids[1], ids[3]).base == ids[3]
        assert opened(page, ids[1], ids[3], base=ids[1]).base == ids[1]
    finally:
        workbench.kept.star(ids[3], starred=False)


def test_one_run_is_nothing_to_compare_and_a_second_one_is(page: PageModel, ids: list[str]) -> None:
    model = opened(page)
    assert model.compared is None

    model.pick(ids[0], picked=True)
    assert model.compared is None

    model.pick(ids[1], picked=True)
    assert model.compared is not None

    model.pick(ids[0], picked=False)
    assert model.compared is None
    assert model.base == ids[1]


def test_equal_luck_gives_the_difference_that_the_replicates_have(
    page: PageModel, ids: list[str], workbench: Workbench
) -> None:
    model = opened(page, ids[0], ids[3])

    draws = [workbench.kept.draws(run).values(Metric.MILKING_COUNT) for run in (ids[3], ids[0])]
    assert model.compared is not None
    run = model.compared.comparison.runs[0]
    assert run.is_paired
    np.testing.assert_allclose(
        run.differences[Metric.MILKING_COUNT].series.p50, np.median(draws[0] - draws[1], axis=0)
    )
    assert model.compared.luck_apart(ids[3]) == ()


def test_another_seed_is_another_luck(page: PageModel, ids: list[str]) -> None:
    model = opened(page, ids[1], ids[2])

    assert model.compared is not None
    assert not model.compared.comparison.runs[0].is_paired
    assert model.compared.luck_apart(ids[2]) == ("seed",)


def test_runs_are_shown_on_the_days_that_all_of_them_have(page: PageModel, ids: list[str]) -> None:
    model = opened(page, ids[1], ids[2])

    assert model.compared is not None
    aligned = model.compared.aligned
    whole = model.compared.forecasts[ids[1]]
    assert len(whole.dates) == 13
    assert {len(item.dates) for item in aligned.values()} == {7}
    assert aligned[ids[1]].dates == whole.dates[:7]
    np.testing.assert_array_equal(
        aligned[ids[1]].series[Metric.CULLS].mean, whole.series[Metric.CULLS].mean[:7]
    )


def test_a_seventh_run_is_not_taken_and_said(page: PageModel, ids: list[str], workbench: Workbench) -> None:
    many = opened(page, *ids)
    many.chosen = {str(i): row for i, row in enumerate(list(many.chosen.values()) * 2)}
    many.chosen = dict(list(many.chosen.items())[:6])

    many.pick(ids[0], picked=True)

    assert many.is_full
    assert ids[0] not in many.chosen


def test_a_run_of_nobody_is_not_found(page: PageModel) -> None:
    with pytest.raises(NotFoundError, match="There is no run"):
        opened(page, "00000000-0000-4000-8000-000000000000")


def test_a_comparison_that_is_no_longer_wanted_is_not_shown(
    workbench: Workbench, ids: list[str], later: Any
) -> None:
    model = Compare(PageModel(workbench, Visit(runs=(ids[0], ids[1])), later))
    model.open()
    model.choose_base(ids[1])
    assert model.is_busy

    first, second = later.tasks
    second()
    first()

    assert model.compared is not None
    assert model.compared.comparison.base == ids[1]


def test_runs_are_found_by_the_name_of_their_scenario(page: PageModel, ids: list[str]) -> None:
    model = opened(page)

    model.search("buy")

    assert [run.id for run in model.rows] == [ids[3]]


def test_a_named_visitor_is_offered_own_runs_alone(page: PageModel, workbench: Workbench) -> None:
    page.visit = replace(page.visit, owner="anna", is_named=True)

    assert opened(page).rows == ()
    assert len(workbench.kept.list_runs(RunFilters(owner="local")).items) == 4


def test_all_purchases_are_one_setting_and_equal_ones_are_none() -> None:
    payloads = {"a": complete({}), "b": complete({"seed": 9, "model": {"gestation_sd": 3}})}
    payloads["c"] = complete(BUYING)

    found = differing_settings(payloads)

    assert [item.path for item in found] == [
        "horizon_months",
        "seed",
        "mc_runs",
        "model.gestation_sd",
        "purchases",
    ]
    assert found[3].values == (5.5, 3.0, 5.5)
    assert found[4].values[:2] == ([], [])
    assert differing_settings({"a": complete({}), "b": complete({})}) == ()


def test_the_sentence_has_the_numbers_of_the_comparison(page: PageModel, ids: list[str]) -> None:
    view = shown(page, ids[0], ids[3])

    model = opened(page, ids[0], ids[3])
    assert model.compared is not None
    difference = model.compared.comparison.runs[0].differences[Metric.MILKING_COUNT]
    n, low, high = (round(float(getattr(difference.series, name)[-1])) for name in ("p50", "p_low", "p_high"))
    assert low > 0
    name = "&lt;b&gt;Buy&lt;/b&gt; &amp; hold"
    said = f"“{name}” keeps {n} ({low}–\N{WORD JOINER}{high}) more cows in milk than “Without purchases” by "
    assert headline_of(view).startswith(said)
    assert "All had the same luck in every simulated future" in texts_of(view)
    assert "over 60 futures" in texts_of(view)


def test_names_of_outsiders_are_text_in_charts(page: PageModel, ids: list[str]) -> None:
    view = shown(page, ids[0], ids[3])

    for plot in plots(view).values():
        layout = plot.figure["layout"]
        drawn = [note["text"] for note in layout["annotations"]]
        drawn += [text for trace in plot.figure["data"] for text in trace.get("hovertext", ())]
        assert any("&lt;b&gt;Buy" in text for text in drawn)
        assert not any("<b>Buy" in text for text in drawn)


def test_charts_and_tables_follow_the_metric(page: PageModel, ids: list[str]) -> None:
    view = shown(page, ids[0], ids[1])
    before = plots(view)["delta"].table
    form = next(w for w in all_of(view.root) if isinstance(w, Form))

    form._on_change("metric", "culls")
    view.pump.turn()

    after = plots(view)["delta"].table
    assert after != before
    assert len(after["rows"]) == 13
    assert "Leave the herd" in plots(view)["overlay"].figure["layout"]["title"]["text"]


def test_the_base_changes_and_the_address_with_it(page: PageModel, ids: list[str]) -> None:
    view = shown(page, ids[0], ids[1])
    chosen = next(w for w in all_of(view.root) if isinstance(w, Items))
    assert [item["badge"] for item in chosen.items] == ["Base", ""]
    before = headline_of(view)

    chosen._on_act("base", ids[1], "")
    view.pump.turn()

    assert [item["badge"] for item in chosen.items] == ["", "Base"]
    assert headline_of(view) != before
    shell = next(w for w in all_of(view.root) if isinstance(w, Shell))
    assert shell.query == {"runs": f"{ids[0]},{ids[1]}", "base": ids[1]}


def test_one_setting_that_differs_names_the_runs(page: PageModel, ids: list[str]) -> None:
    view = shown(page, ids[0], ids[1])

    names = [item["title"] for w in all_of(view.root) if isinstance(w, Items) for item in w.items]
    assert names[:2] == ["Breeding 0 days later", "Breeding 40 days later"]
    table = re.search("<h2[^>]*>What the scenarios differ in</h2>.*?</table>", texts_of(view))
    assert table is not None
    assert re.findall("<t[hd][^>]*>([^<]*)</t[hd]>", table[0]) == [
        *("", "Breeding 0 days later", "Breeding 40 days later"),
        *("Breed cows later by", "0", "40"),
    ]


def test_runs_of_one_plan_are_told_apart_by_their_seeds_and_called_independent(
    page: PageModel, ids: list[str]
) -> None:
    view = shown(page, ids[1], ids[2])

    names = [item["title"] for w in all_of(view.root) if isinstance(w, Items) for item in w.items]
    assert len(set(names[:2])) == 2
    assert "They did not have the same luck" in texts_of(view)
    assert "independent of the base (another draw)" in texts_of(view)


def test_the_page_speaks_russian(page: PageModel, ids: list[str]) -> None:
    page.language = "ru"

    view = shown(page, ids[0], ids[1])

    assert headline_of(view).startswith("«Осеменение на ")
    assert "Случайности в каждом варианте будущего общие" in texts_of(view)


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0.0, "in no future"),
        (0.001, "in hardly any future"),
        (0.97, "in 97 of 100 futures"),
        (0.999, "in nearly all futures"),
        (1.0, "in all futures"),
        (float("nan"), "–"),
    ],
)
def test_hundredths_never_claim_more_than_was_seen(page: PageModel, share: float, written: str) -> None:
    assert share_text(shown(page), share) == written


def test_the_files_have_the_numbers_of_the_comparison(
    page: PageModel, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    view = shown(page, ids[0], ids[3])
    model = opened(page, ids[0], ids[3])
    assert model.compared is not None
    difference = model.compared.comparison.runs[0].differences[Metric.MILKING_COUNT]
    given: dict[str, bytes] = {}
    for button in (w for w in all_of(view.root) if isinstance(w, Download)):
        monkeypatch.setattr(button, "give", lambda data, name, _: given.update({name: data}))
        button._on_wanted(button)

    workbook = openpyxl.load_workbook(io.BytesIO(given[f"comparison-{ids[0][:8]}.xlsx"]))
    header, *rows = workbook["Differences"].iter_rows(values_only=True)
    milking = [row for row in rows if row[header.index("Measure")] == "Milking cows"]
    assert [row[header.index("Difference, median")] for row in milking] == difference.series.p50.tolist()
    # A workbook has 16 digits.
    assert [row[header.index("Share of futures with more")] for row in milking] == pytest.approx(
        difference.more, rel=1e-15, abs=0
    )
    blocks = given[f"comparison-{ids[0][:8]}.csv"].decode().split("\n\n")
    assert [block.splitlines()[0] for block in blocks] == ["[RUNS]", "[DIFFERENCES]"]
    runs = list(csv.DictReader(io.StringIO(blocks[0].removeprefix("[RUNS]\n"))))
    assert [(run["run"], run["name"], run["base"], run["paired"]) for run in runs] == [
        (ids[3], SCENARIO, ids[0], "yes")
    ]


def test_every_setting_can_name_a_run(page: PageModel) -> None:
    texts = shown(page).texts

    wanted = {f"compare.name.{item.path}" for item in form_fields()} | {"compare.name.purchases"}
    assert {f"compare.name.{rest}" for rest in texts.part("compare.name")} == wanted
