"""Reports: what a page, a PDF and a portfolio of many farms cost."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from pipelines.bench.figure import Figure
from pipelines.reports.edition import make_edition
from pipelines.reports.journal import Journal
from pipelines.reports.manifest import PAGE, Manifest, ReportStatus
from pipelines.reports.orders import single_order
from pipelines.reports.parameters import find_notebook
from pipelines.reports.pdf import find_chromium

FARMS = 20
ANIMALS = 1000
PAYLOAD = {"horizon_months": 36, "mc_runs": 1000, "seed": 42}
LIMIT_SECONDS = 1800


def reports_figures(file: Path) -> list[Figure]:
    """Measure reports of one file, and of twenty sample farms, in a home of their own."""
    with TemporaryDirectory() as home:
        bench = Workbench.open(Path(home))
        try:
            return [*_forecast_figures(bench, file), _portfolio_figure(bench)]
        finally:
            bench.close()


def _forecast_figures(bench: Workbench, file: Path) -> list[Figure]:
    dataset = bench.datasets.add(file.read_bytes(), file.name).dataset
    bench.runs.finished(dataset.id, PAYLOAD)
    values = {"dataset": dataset.id, "payload": PAYLOAD}
    page, seconds = _made(bench, "forecast", values, ("html",))
    figures = [
        Figure(name="forecast_report", value=seconds, unit="s",
               definition="a forecast report of a finished run as HTML, kernel start to kept edition"),
        Figure(name="forecast_page", value=page.files[PAGE].n_bytes / 1e6, unit="MB",
               definition="its page, plotly.js inside"),
    ]  # fmt: skip
    if find_chromium() is not None:
        _, with_paper = _made(bench, "forecast", values, ("html", "pdf"))
        figures.append(
            Figure(name="forecast_pdf", value=with_paper - seconds, unit="s",
                   definition="what the same takes longer with a PDF")
        )  # fmt: skip
    return figures


def _portfolio_figure(bench: Workbench) -> Figure:
    datasets = {}
    for number in range(1, FARMS + 1):
        name = f"Farm {number}"
        bench.farms.add(name)
        sample = make_sample(animals=ANIMALS, seed=number).csv
        datasets[name] = bench.of_farm(name).datasets.add(sample, f"{name}.csv").dataset.id
    _, seconds = _made(bench, "portfolio", {"datasets": datasets, "payload": PAYLOAD}, ("html",))
    return Figure(
        name="portfolio",
        value=seconds,
        unit="s",
        definition=f"{FARMS} farms of {ANIMALS:,} animals, 1,000 runs, 36 months, nothing made before",
    )


def _made(
    bench: Workbench, report: str, values: dict[str, Any], formats: tuple[str, ...]
) -> tuple[Manifest, float]:
    order = single_order(find_notebook(report), values, bench, formats=formats, seconds=LIMIT_SECONDS)
    start = time.perf_counter()
    journal = Journal(bench.home)
    manifest = make_edition(order, bench, journal, Event(), lambda *_: None)
    seconds = time.perf_counter() - start
    if manifest.status is not ReportStatus.SUCCEEDED:
        raise RuntimeError(f"{report} ended as {manifest.status}: {manifest.error}")
    return manifest, seconds
