"""Reading a herd file by what people answer; what it still asks goes where its result would."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from herd_engine.cli.options import parse_date, split_pairs
from herd_engine.cli.output import TERMINAL, write_text
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import Answers, DateOrder
from herd_engine.workbench import HerdFile, Workbench
from herd_engine.workbench.files import bytes_of

SCHEMA = "herd.questions/1"
StatusMap = Annotated[
    list[str] | None,
    typer.Option("--map-status", metavar='"WORD=STATUS"', help="A status word and its meaning; repeat."),
]
SexMap = Annotated[
    list[str] | None,
    typer.Option("--map-sex", metavar='"WORD=SEX"', help="A word for a sex: female or male; repeat."),
]
Dates = Annotated[
    DateOrder | None, typer.Option("--dates", help="Order of day, month, year where no cell proves it.")
]
Sheet = Annotated[
    str, typer.Option("--sheet", help="The sheet, file or herd that is meant, where several are.")
]
ReportDate = Annotated[
    str | None,
    typer.Option("--report-date", metavar="DATE", help="Day of the export, where its file proves none."),
]
AcceptLosses = Annotated[
    bool, typer.Option("--accept-losses", help="Go on without the rows that cannot be used.")
]


def answers_of(  # noqa: PLR0913, PLR0917 - one argument an option
    column_map: list[str] | None,
    statuses: list[str] | None,
    sexes: list[str] | None,
    dates: DateOrder | None,
    sheet: str,
    accept_losses: bool,
    report_date: str | None = None,
) -> Answers:
    """Return the answers that options give."""
    return Answers.of(
        columns=split_pairs(column_map, "--map"),
        statuses=split_pairs(statuses, "--map-status"),
        sexes=split_pairs(sexes, "--map-sex"),
        dates=dates,
        sheet=sheet,
        accept_losses=accept_losses,
        report_date=None if report_date is None else parse_date(report_date, "--report-date"),
    )


def read_or_ask(
    workbench: Workbench, file: Path, answers: Answers, json: Path | None, *, of_farm: bool = False
) -> HerdFile:
    """Read a herd file; where it has questions and JSON was asked for, write them there.

    With ``of_farm``, what was answered about the farm's files is used, and what is answered remembered.
    """
    with questions_in(json):
        if not of_farm:
            return workbench.read(file, answers=answers)
        herd_file = read_of_farm(workbench, file, answers)
        workbench.datasets.remember(herd_file)
        return herd_file


def read_of_farm(workbench: Workbench, file: Path, answers: Answers) -> HerdFile:
    """Read a herd file by what is answered, and by what was answered about the farm's files."""
    return workbench.datasets.read(read_bytes(file), file.name, answers)


def read_bytes(file: Path) -> bytes:
    """Return the bytes of a herd file."""
    try:
        return bytes_of(file)
    except OSError as error:
        raise HerdDataError(f"{file}: The file cannot be opened: {error.strerror}.") from error


@contextmanager
def questions_in(json: Path | None) -> Iterator[None]:
    """Write what a file asks, where JSON was wanted on the terminal; the error goes on."""
    try:
        yield
    except HerdDataError as error:
        if error.questions and json == TERMINAL:
            questions = [question.document() for question in error.questions]
            issues = [asdict(issue) for issue in error.issues]
            write_text(json, {"schema": SCHEMA, "questions": questions, "issues": issues})
        raise
