"""`herd report`: reports made of notebooks, workbench, shown.

====  ============================================================
exit  meaning
====  ============================================================
0     made
2     a parameter or a herd file is wrong: nothing was started
3     a section failed; what was finished before is kept
4     it took longer than its time limit
5     it was canceled (Ctrl-C, SIGTERM)
138   the process that computes it died
====  ============================================================
"""

import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.options import Farm, Home, Json, json_value, split_pairs
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import err, new_table, out, print_paths
from herd_engine.errors import ParameterError
from herd_engine.operations.supervisor import stopped_by_signals
from herd_engine.workbench import Workbench
from pipelines.reports.deliver.folder import Folder
from pipelines.reports.edition import FORMATS, make_edition, render, tell_edition
from pipelines.reports.journal import Journal
from pipelines.reports.manifest import NOTEBOOK, PAGE, Manifest, ReportStatus
from pipelines.reports.notebook_file import read_file
from pipelines.reports.orders import farm_of, single_order
from pipelines.reports.parameters import all_notebooks, find_notebook

app = typer.Typer(no_args_is_help=True, help="Make reports, list, render and open them.")
Edition = Annotated[str, typer.Argument(metavar="EDITION", help="Id of an edition, or its first characters.")]
Formats = Annotated[str, typer.Option(help=f"Comma-separated: {', '.join(FORMATS)}. HTML is always made.")]
MOST_LISTED = 20


@app.command()
def run(  # noqa: PLR0913 - one argument an option
    report: Annotated[
        str, typer.Argument(metavar="REPORT", help="`herd report list` tells which there are.")
    ],
    *,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A parameter of the report; lists and named values as JSON."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Also put it here, as REPORT/DATE/ID.")
    ] = None,
    formats: Formats = "html,pdf",
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds for the whole report.")] = 900,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Make one report."""
    notebook = find_notebook(report)
    values = _values(notebook.parameters, split_pairs(param, "--param"))
    workbench = Workbench.open(home, farm=farm)
    order = single_order(notebook, values, workbench, formats=_formats(formats), seconds=time_limit)
    if Path(values.get("dataset", "")).is_file():
        err.print(f"{escape(values['dataset'])} is filed under the farm {escape(order.farm)}", soft_wrap=True)
    journal = Journal(workbench.home)
    with stopped_by_signals() as stop:
        manifest = make_edition(order, workbench, journal, stop, _tell)
    tell_edition(manifest, farm_of(workbench, order.parameters.get("farm", "")))
    place = journal.folder(manifest)
    if folder is not None:
        Folder(folder=str(folder)).deliver(manifest, place)
        place = folder / manifest.name
    _report(manifest, place)


@app.command("list")
def list_reports(*, json: Json = None, home: Home = None) -> None:
    """List the reports that can be made, and those that were made, newest first."""
    check_outputs(json)
    editions = Journal(Workbench.open(home).home).editions()
    if json is not None:
        write_text(json, {"editions": [item.model_dump(mode="json") for item in editions]})
        return
    for notebook in all_notebooks().values():
        out.print(f"[bold]{notebook.name}[/] {escape(notebook.about)}")
        for each in notebook.parameters.values():
            out.print(f"    {each.name} [dim]({each.type.__name__})[/] {escape(each.about)}", soft_wrap=True)
    table = new_table("edition", "report", "farm", "date", "status", "headline")
    for item in editions[:MOST_LISTED]:
        table.add_row(
            item.id, item.report, escape(item.farm), str(item.date), str(item.status), escape(item.headline)
        )
    out.print(table)


@app.command("render")
def render_edition(edition: Edition, *, formats: Formats = "html,pdf", home: Home = None) -> None:
    """Make the page, and the PDF, of a kept edition again; nothing is computed."""
    journal = Journal(Workbench.open(home).home)
    manifest = journal.find(edition)
    kept = journal.folder(manifest)
    with journal.working_folder() as folder:
        for name in manifest.files:
            (folder / name).write_bytes((kept / name).read_bytes())
        manifest = render(manifest, read_file(folder / NOTEBOOK), folder, _formats(formats))
        manifest = journal.keep(manifest, folder, (*manifest.files, "report.pdf"))
    _report(manifest, kept)


@app.command("open")
def open_edition(edition: Edition, *, home: Home = None) -> None:
    """Open the page of an edition in the browser, or print its path where there is none."""
    journal = Journal(Workbench.open(home).home)
    page = journal.folder(journal.find(edition)) / PAGE
    print_paths("Page:", page)
    webbrowser.open(page.absolute().as_uri())


def _values(declared: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """Read texts as the declared types; a number stays a text where a text is declared."""
    return {
        name: text if name in declared and declared[name].type is str else json_value(text)
        for name, text in texts.items()
    }


def _formats(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(["html", *(part.strip() for part in text.split(",") if part.strip())]))
    for name in names:
        if name not in FORMATS:
            raise ParameterError("--formats", name, f"be of {', '.join(FORMATS)}")
    return names


def _tell(cell: int, cells: int, section: str) -> None:
    if err.is_terminal:
        err.print(f"{cell + 1} of {cells}: {section}")


def _report(manifest: Manifest, folder: Path) -> None:
    """Print what was made; end with the exit code of its status."""
    if manifest.headline:
        out.print(escape(manifest.headline), soft_wrap=True)
    for note in manifest.notes:
        err.print(escape(note), soft_wrap=True)
    if manifest.error is not None:
        where = f" at {manifest.error.section}" if manifest.error.section else ""
        err.print(f"[red]{manifest.status}[/]{where}: {escape(manifest.error.message)}", soft_wrap=True)
    print_paths("Written:", *(folder / name for name in sorted(manifest.files)))
    if manifest.status is not ReportStatus.SUCCEEDED:
        raise typer.Exit(manifest.status.exit_code)
