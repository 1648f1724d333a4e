"""One edition of a report: its notebook executed, converted, and kept."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from threading import Event
from typing import Any

from herd_engine import __version__
from herd_engine.errors import HerdError, PrintError
from herd_engine.i18n.wording import wording
from herd_engine.workbench import RANDOM_SCHEME, SUBMITTER, Workbench
from herd_engine.workbench.deliveries import ToldReport
from herd_engine.workbench.files import sha256, write_atomically
from herd_engine.workbench.payloads import sha256_of
from pipelines.reports.convert import facts_of, report_page
from pipelines.reports.failure_words import failure_of, in_words
from pipelines.reports.journal import Journal
from pipelines.reports.manifest import NOTEBOOK, PAGE, PAPER, Manifest, ReportFailure, ReportStatus
from pipelines.reports.notebook_file import read_file
from pipelines.reports.parameters import ReportNotebook
from pipelines.reports.pdf import find_chromium, print_page
from pipelines.reports.process import NotebookJob, Tell, run_notebook

EXPORTS: dict[str, Callable[[Workbench, str, Manifest], bytes]] = {
    "xlsx": lambda bench, run, manifest: bench.runs.xlsx(run, manifest.language, manifest.farm),
    "csv": lambda bench, run, _: bench.runs.csv(run),
    "json": lambda bench, run, _: bench.runs.json(run),
}
FORMATS = ("html", "pdf", *EXPORTS)
"""What an edition can hold besides the executed notebook, which it always holds; HTML, too."""
ID_LENGTH = 16
FOUND_OUT = ("dataset", "datasets", "previous_run")
"""Parameters that name rows of this store; the herd files themselves stand for them."""
NO_BROWSER = "There is no PDF: Chromium was not found. Install it, or name it in HERD_CHROMIUM."


def versions() -> dict[str, str]:
    """Return the versions that a report depends on."""
    return {
        "herd_workbench": __version__,
        "random_scheme": RANDOM_SCHEME,
        **{name: version(name) for name in ("papermill", "nbconvert", "plotly")},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be made.

    Attributes
    ----------
    notebook : ReportNotebook
    parameters : mapping
        Checked; datasets by id.
    series : str
        Editions of one series are about the same thing.
    farm : str
        What to call it.
    datasets : mapping of str to str
        SHA-256 of the herd files, by farm.
    formats : sequence of str
        Of ``FORMATS``.
    day : date
        That it is made for.
    seconds, cell_seconds : float
        Limits of wall time.
    occasion : str
        Part of what the edition is identified by, where it is to be made although nothing changed.
    problem : HerdError, optional
        Why it cannot be made, where that is known already.
    submitter : str
        Who asks for the runs that it needs.
    """

    notebook: ReportNotebook
    parameters: Mapping[str, Any]
    series: str
    farm: str
    datasets: Mapping[str, str]
    formats: Sequence[str]
    day: date
    seconds: float
    cell_seconds: float
    occasion: str = ""
    problem: HerdError | None = None
    submitter: str = "local"
    versions: Mapping[str, str] = field(default_factory=versions)

    @property
    def id(self) -> str:
        """The same for what must give the same edition; the run of the report before does not count."""
        parameters = {name: value for name, value in self.parameters.items() if name not in FOUND_OUT}
        identity = {
            "notebook": sha256(self.notebook.path.read_bytes()),
            "parameters": parameters,
            "series": self.series,
            "datasets": dict(self.datasets),
            "formats": sorted(self.formats),
            "versions": dict(self.versions),
            "occasion": self.occasion,
        }
        return sha256_of(identity)[:ID_LENGTH]

    @property
    def language(self) -> str:
        """Of the report."""
        return str(self.parameters["language"])


def make_edition(order: Order, bench: Workbench, journal: Journal, stop: Event, tell: Tell) -> Manifest:
    """Make an edition and keep it, however that ends.

    Parameters
    ----------
    order : Order
    bench : Workbench
        Of the farm whose runs the report may hold.
    journal : Journal
    stop : Event
        Cancels it.
    tell : callable
        Gets how far it is.

    Returns
    -------
    Manifest
        Its status says how it ended.

    Raises
    ------
    OSError, OutputError
        What was made cannot be kept, for want of room for example.
    """
    clock, started = time.perf_counter(), datetime.now(UTC)
    with journal.working_folder() as folder:
        status, failure = _execute(order, bench, folder, stop, tell)
        executed = time.perf_counter()
        notebook = read_file(folder / NOTEBOOK)
        facts = facts_of(notebook)
        words = wording(order.language)
        manifest = Manifest(
            id=order.id,
            report=order.notebook.name,
            series=order.series,
            title=words.text(f"report_{order.notebook.name}"),
            farm=facts.get("farm", order.farm),
            headline=facts.get("headline", ""),
            language=order.language,
            date=order.day,
            status=status,
            parameters=dict(order.parameters),
            datasets=dict(order.datasets),
            runs=facts.get("runs", []),
            versions=dict(order.versions),
            started_at=started,
            error=failure,
        )
        manifest = render(manifest, notebook, folder, order.formats)
        _export(manifest, bench, folder, order.formats)
        seconds = {"execute": executed - clock, "convert": time.perf_counter() - executed}
        manifest = manifest.model_copy(update={"seconds": {k: round(v, 3) for k, v in seconds.items()}})
        return journal.keep(manifest, folder, _names(order.formats))


def tell_edition(manifest: Manifest, bench: Workbench) -> None:
    """Tell the channels that want it, with the hashes of its files; told twice, it is told once."""
    if manifest.status is ReportStatus.CANCELED:
        return
    bench.deliveries.tell_report(
        ToldReport(
            id=manifest.id,
            report=manifest.report,
            farm=manifest.farm,
            title=manifest.title,
            status=manifest.status,
            runs=manifest.runs,
            files={name: kept.sha256 for name, kept in manifest.files.items()},
            error_code="" if manifest.error is None else manifest.error.code,
        )
    )


def render(manifest: Manifest, notebook: Any, folder: Path, formats: Sequence[str]) -> Manifest:
    """Write the page, and the paper where that is wanted, of an executed notebook into a folder."""
    write_atomically(folder / PAGE, report_page(notebook, manifest).encode())
    if "pdf" not in formats:
        return manifest
    chromium = find_chromium()
    if chromium is None:
        return manifest.model_copy(update={"notes": [*manifest.notes, NO_BROWSER]})
    try:
        print_page(folder / PAGE, folder / PAPER, chromium)
    except PrintError as error:
        if manifest.status is not ReportStatus.SUCCEEDED:
            return manifest
        failure = failure_of(error, wording(manifest.language), "pdf")
        return manifest.model_copy(update={"status": ReportStatus.FAILED, "error": failure})
    return manifest


def _execute(
    order: Order, bench: Workbench, folder: Path, stop: Event, tell: Tell
) -> tuple[ReportStatus, ReportFailure | None]:
    words = wording(order.language)
    if order.problem is not None:
        write_atomically(folder / NOTEBOOK, order.notebook.path.read_bytes())
        return ReportStatus.FAILED, failure_of(order.problem, words, "open")
    job = NotebookJob(
        notebook=order.notebook.path,
        parameters=order.parameters,
        folder=folder,
        seconds=order.seconds,
        cell_seconds=order.cell_seconds,
        environment={
            **os.environ,
            "HERD_HOME": str(bench.home.absolute()),
            SUBMITTER: order.submitter,
        },
    )
    status, failure = run_notebook(job, stop, tell)
    return status, failure and in_words(failure, words)


def _export(manifest: Manifest, bench: Workbench, folder: Path, formats: Sequence[str]) -> None:
    """Write the numbers of a report's only run; a report of many runs has no one table of them."""
    if len(manifest.runs) != 1 or manifest.status is not ReportStatus.SUCCEEDED:
        return
    (run,) = manifest.runs
    for name in set(formats) & set(EXPORTS):
        data = EXPORTS[name](bench, run, manifest)
        write_atomically(folder / f"forecast.{name}", data)


def _names(formats: Sequence[str]) -> tuple[str, ...]:
    return (NOTEBOOK, PAGE, PAPER, *(f"forecast.{name}" for name in formats if name in EXPORTS))
