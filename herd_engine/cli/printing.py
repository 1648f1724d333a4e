"""What people read in the terminal; programs read ``--json``."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from herd_engine.errors import HerdDataError, HerdError
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.model.answers import DateOrder, Question
from herd_engine.model.quality import QualityIssue, Severity
from herd_engine.workbench import Execution

STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
"""Progress and messages go here, so that ``--json -`` can be piped."""


def print_error(error: HerdError) -> None:
    """Print what is wrong: one line, or the list of a file's problems."""
    issues = error.issues if isinstance(error, HerdDataError) else ()
    has_list = len(issues) > 1 or any(issue.row_count for issue in issues)
    text = str(error)
    if has_list and any(issue.blocking for issue in issues):
        text = "No forecast can be made of this file. All that was found:"  # the list says why
    print_refusal(error.code, text)
    if has_list:
        print_issues(issues, err)
    for question in error.questions if isinstance(error, HerdDataError) else ():
        for line in _readings(question) if question.field == "dates" else ():
            err.print(f"    {escape(line)}", soft_wrap=True)


def _readings(question: Question) -> Iterator[str]:
    """Yield what dates are in each order that is possible, in words."""
    words = wording(ENGLISH)
    for sample in question.samples:
        days = [words.day(date.fromisoformat(sample[order])) for order in DateOrder if sample.get(order)]
        of = f"animal {sample['animal']}, {sample['column']}: " if "animal" in sample else ""
        yield f"{of}“{sample['text']}” is {' or '.join(days)}"


def print_refusal(code: str, message: str) -> None:
    """Print what is wrong in one line."""
    err.print(f"[red]Error[/] [dim]{code}[/] {escape(message)}", soft_wrap=True)


def print_issues(issues: Iterable[QualityIssue], console: Console = out) -> None:
    """Print the problems of a file: what and where, then the message below it."""
    for issue in issues:
        count, lines = issue.row_count, ", ".join(map(str, issue.sample_rows))
        rows = f"{count:,} {'row: line' if count == 1 else 'rows: lines'} {lines}"
        more = ", …" if count > len(issue.sample_rows) else ""
        where = f" [dim]{rows}{more}[/]" if issue.sample_rows else ""
        console.print(f"[{STYLES[issue.severity]}]{issue.severity}[/] [bold]{issue.code}[/]{where}")
        if console.is_terminal:
            console.print(Padding(escape(issue.message), (0, 0, 0, 4)))
        else:  # one line, so that it can be searched for
            console.print(f"    {escape(issue.message)}", soft_wrap=True)


def print_paths(about: str, *paths: Path) -> None:
    """Print where files are; a path is never broken into lines."""
    out.print(f"{about} [bold]{escape(', '.join(map(str, paths)))}[/]", soft_wrap=True)


def shown_moment(moment: datetime) -> str:
    """Return a moment by the clock of this machine, to the second."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def new_table(*headers: str, rows: Iterable[Sequence[str]] = ()) -> Table:
    """Return a table of numbers, with rows of plain text; its first column holds names, which stay whole."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for position, header in enumerate(headers):
        table.add_column(
            header, justify="right" if position else "left", no_wrap=not position, overflow="fold"
        )
    for row in rows:
        table.add_row(*map(escape, row))
    return table


@contextmanager
def progress_bar(runs: int, threads: int) -> Iterator[Execution]:
    """Show finished replicates while the block simulates."""
    columns = (
        TextColumn("Simulating"), BarColumn(), MofNCompleteColumn(), TextColumn("replicates"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("replicates", total=runs)
        yield Execution(threads=threads, progress=lambda done: progress.update(task, completed=done))
