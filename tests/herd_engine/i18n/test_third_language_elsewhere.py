"""Mails, answers of the service and what commands print speak a third language, too."""

import asyncio
import io
import re
from collections.abc import Iterator

import pytest
from rich.console import Console
from starlette.requests import Request

from herd_engine.api.routes.problem_pages import problem_page
from herd_engine.cli import kpis
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.errors import HerdError
from herd_engine.exports.csv_file import forecast_csv
from herd_engine.i18n.catalogue import catalogue
from herd_engine.i18n.failure_words import failure_of, failure_text
from herd_engine.i18n.wording import wording
from herd_engine.monitoring.notifications.channels import MailChannel
from herd_engine.monitoring.notifications.events import OutgoingEvent
from herd_engine.monitoring.notifications.mail_words import mail_of
from herd_engine.presentation.export_guide import export_guide
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.architecture.test_errors import EXAMPLES
from tests.herd_engine.charts.hand_made import small_forecast
from tests.herd_engine.i18n.test_failure_words import RUNNER_FAILURES
from tests.herd_engine.monitoring.notifications.test_dispatch import START, example_row
from tests.third_language import english_in, seen_in, third_language

KINDS = sorted(
    key.removeprefix("notice.") for key in catalogue("en") if re.fullmatch(r"notice\.[a-z]+\.[a-z_]+", key)
)
PROBLEMS = sorted(key.removeprefix("problem.") for key in catalogue("en") if key.startswith("problem."))
OWN_NAMES = {"North", "Spring", "herd", "runs", "voluntary", "wait", "weekly", "write", "yaml"}


@pytest.fixture(scope="module")
def third(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with third_language(tmp_path_factory.mktemp("third")) as language:
        yield language


@pytest.mark.parametrize("kind", KINDS)
def test_no_mail_stays_english(third: str, kind: str) -> None:
    about = {
        "alert": {"id": "a1", "title": {third: "Ψ"}, "since": START.isoformat()},
        "channel": {"id": "7", "reason": "FAILED_FOR_DAYS"},
        "run": {"id": "7", "reason": "GONE"},
        "report": {"id": "7"},
    }
    subject = kind.partition(".")[0]
    data = {subject: about[subject]} if subject in about else {}
    event = OutgoingEvent(
        type=kind, at=START, source="/1", subject="…", severity="HIGH", data=data, farm=("f1", "Ψ")
    )
    channel = MailChannel(
        id="7", kind="mail", server="mail.example", sender="a@b.example", to=["a@b.example"], language=third
    )
    mail = mail_of(example_row(event_type=kind, payload=event.body()), channel)

    assert english_in([mail["Subject"], mail.get_content()]) == set()


@pytest.mark.parametrize("code", PROBLEMS)
def test_no_page_of_a_problem_stays_english(third: str, code: str) -> None:
    scope = {"type": "http", "headers": [(b"accept-language", third.encode())]}
    page = asyncio.run(problem_page(Request(scope), code)).body.decode()

    assert f'lang="{third}"' in page
    assert english_in(text for text in seen_in(page) if text != code) <= OWN_NAMES


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_no_reason_of_a_failure_stays_english(third: str, error: HerdError) -> None:
    failure = failure_of(error)
    told = [failure_text(failure.code, failure.as_plain()["params"], wording(third))]

    assert english_in(told) <= OWN_NAMES


def test_no_failure_of_a_runner_stays_english(third: str) -> None:
    told = [failure_text(code, params, wording(third)) for code, params in RUNNER_FAILURES.items()]

    assert english_in(told) == set()


def test_only_headings_and_words_of_files_stay_as_they_are_in_what_an_export_must_hold(third: str) -> None:
    guide = export_guide(third)
    told = [guide.title, guide.lead, guide.statuses_title, *guide.notes[:1]]
    tables = [*guide.columns.columns, *(cell for row in guide.columns.rows for cell in row[:2])]
    statuses = [*guide.statuses.columns, *(row[0] for row in guide.statuses.rows)]

    assert english_in([*told, *tables, *statuses]) == set()


def test_printed_key_figures_do_not_stay_english(third: str, monkeypatch: pytest.MonkeyPatch) -> None:
    herd_file = read_herd_bytes(make_sample(animals=150).csv, "1.csv")
    console = Console(width=200, record=True, file=io.StringIO())
    monkeypatch.setattr(kpis, "out", console)
    kpis.print_kpis(Workbench.open().kpis(herd_file), third, about=True)

    assert english_in([console.export_text()]) == set()


def test_columns_of_csv_for_programs_are_codes_in_every_language() -> None:
    header = forecast_csv(small_forecast(), plain=True).decode("utf-8-sig").splitlines()[0]

    assert re.fullmatch(r"[a-z0-9_]+(,[a-z0-9_]+)+", header)
