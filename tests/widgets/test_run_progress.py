"""What is said of a run in each of its states."""

from dataclasses import replace

import pytest

from herd_engine.model.run_status import RunStatus
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import Run, RunProgress
from widgets.page import Page
from widgets.view_models.page_model import PageModel
from widgets.view_models.run_panel import RunPanel
from widgets.views.common.run_progress import progress_html

RUNNING = RunProgress(
    stage="simulate",
    completed_runs=1240,
    total_runs=5000,
    runs_per_second=470.0,
    eta_seconds=8.0,
    workers=2,
    partial=None,
)


@pytest.fixture
def shown(page: PageModel) -> Page:
    return Page("studio", page, lambda _: [])


@pytest.fixture
def run(workbench: Workbench, sample_csv: bytes) -> Run:
    dataset = workbench.datasets.add(sample_csv, "farm.csv").dataset
    return workbench.runs.submit(dataset.id, {"mc_runs": 5000}).run


def said(page: Page, run: Run, position: int | None = None) -> str:
    panel = RunPanel(page.model)
    panel.run, panel.position = run, position
    return progress_html(page, panel)


def test_no_run_has_no_words(shown: Page) -> None:
    assert progress_html(shown, RunPanel(shown.model)) == ""


def test_a_queued_run_says_its_place(shown: Page, run: Run) -> None:
    assert "Waiting, number 3 in the queue." in said(shown, run, position=3)


def test_a_running_one_says_how_far_it_is_and_how_long_it_takes(shown: Page, run: Run) -> None:
    markup = said(shown, replace(run, status=RunStatus.RUNNING, progress=RUNNING))

    assert "1,240 of 5,000 futures (25 %), about 8 s left<" in markup
    assert "470 a second · 2 processors at work" in markup
    assert 'aria-valuenow="25"' in markup
    assert "width: 24.8%" in markup


def test_one_that_was_just_claimed_is_at_nought(shown: Page, run: Run) -> None:
    markup = said(shown, replace(run, status=RunStatus.RUNNING))

    assert "0 of 5,000 futures (0 %)" in markup
    assert "left<" not in markup


def test_a_long_one_counts_minutes(shown: Page, run: Run) -> None:
    slow = replace(RUNNING, eta_seconds=290.0, workers=1)
    markup = said(shown, replace(run, status=RunStatus.RUNNING, progress=slow))

    assert "about 5 min left<" in markup
    assert "1 processor at work" in markup


def test_one_that_is_to_stop_says_so(shown: Page, run: Run) -> None:
    stopping = replace(run, status=RunStatus.RUNNING, progress=RUNNING, cancel_requested=True)

    assert "Stopping" in said(shown, stopping)


def test_one_that_failed_says_why_what_to_do_and_an_id(shown: Page, run: Run) -> None:
    markup = said(shown, replace(run, status=RunStatus.FAILED, error_message="No <room>."))

    assert "The forecast failed" in markup
    assert "No &lt;room&gt;." in markup
    assert "start again" in markup
    assert run.id[:8] in markup


def test_russian_says_the_same_in_russian(page: PageModel, run: Run) -> None:
    page.speak("ru")
    russian = Page("studio", page, lambda _: [])

    markup = said(russian, replace(run, status=RunStatus.RUNNING, progress=RUNNING))

    assert "1\N{NO-BREAK SPACE}240 из 5\N{NO-BREAK SPACE}000 вариантов (25 %)" in markup
