"""What people read in the terminal; programs read ``--json``."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from herd_engine.engine.simulate import Execution
from herd_engine.errors import HerdDataError, HerdError
from herd_engine.model.quality import QualityIssue, Severity

STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
"""Progress and messages go here, so that ``--json -`` can be piped."""


def print_error(error: HerdError) -> None:
    """Print what is wrong: one line, or the list of a file's problems."""
    err.print(f"[red]Error[/] [dim]{error.code}[/] {escape(str(error))}", soft_wrap=True)
    if isinstance(error, HerdDataError) and (len(error.issues) > 1 or any(i.row_count for i in error.issues)):
        print_issues(error.issues, err)


def print_issues(issues: Iterable[QualityIssue], console: Console = out) -> None:
    """Print the problems of a file, two lines each."""
    for issue in issues:
        lines = ", ".join(map(str, issue.sample_rows))
        more = ", …" if issue.row_count > len(issue.sample_rows) else ""
        where = f" [dim]{issue.row_count:,} rows: line {lines}{more}[/]" if issue.sample_rows else ""
        console.print(f"[{STYLES[issue.severity]}]{issue.severity}[/] [bold]{issue.code}[/]{where}")
        console.print(f"    {escape(issue.message)}", soft_wrap=True)


@contextmanager
def progress_bar(runs: int, threads: int) -> Iterator[Execution]:
    """Show finished runs while the block simulates; Ctrl-C stops it with a word."""
    columns = (
        TextColumn("Simulating"), BarColumn(), MofNCompleteColumn(), TextColumn("runs"), TimeRemainingColumn()
    )  # fmt: skip
    try:
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
            task = progress.add_task("runs", total=runs)
            yield Execution(threads=threads, progress=lambda done: progress.update(task, completed=done))
    except KeyboardInterrupt:
        err.print("Stopped. Nothing was written.")
        raise
