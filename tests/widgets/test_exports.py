"""The files of a kept run that a page gives."""

import io
from html import escape
from typing import Any

import pytest
from openpyxl import load_workbook

from herd_engine.forecasting.long_run_check import sanity_line
from herd_engine.i18n.wording import wording
from herd_engine.workbench import Workbench
from tests.herd_engine.runs.conftest import work
from widgets.controls.download import Download
from widgets.page import Page, all_of
from widgets.view_models.page_model import PageModel
from widgets.view_models.run_panel import RunPanel
from widgets.views.common.exports import exports


def test_page_and_workbook_of_a_long_forecast_have_its_sanity_line(
    page: PageModel, workbench: Workbench, sample_csv: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, bytes] = {}

    def give(_: Download, data: bytes, name: str, __: Any) -> None:
        given[name.rpartition(".")[2]] = data

    monkeypatch.setattr(Download, "give", give)
    dataset = workbench.kept.add_dataset(sample_csv, "farm.csv")
    run = workbench.kept.submit(dataset.id, {"horizon_months": 24, "mc_runs": 20}).run
    work(workbench.kept)
    panel = RunPanel(page)
    panel.follow(run.id)
    page.language = "ru"

    row = exports(Page("studio", page, lambda _: []), panel.changed, lambda: panel.exported)
    for button in all_of(row):
        if isinstance(button, Download):
            button._hear(None, {"type": "wanted"}, [])

    herd_file, forecast = workbench.read_bytes(sample_csv, "farm.csv"), workbench.kept.forecast(run.id)
    line = sanity_line(herd_file, forecast)
    assert line is not None
    assert page.failure is None
    assert escape(line.sentences(wording("ru"))) in given["html"].decode()
    assert list(load_workbook(io.BytesIO(given["xlsx"]))["Исходные данные"].values)[-1] == (
        "Проверка",
        line.sentences(wording("ru")),
    )
