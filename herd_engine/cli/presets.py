"""`herd presets`: parts of scenarios that are laid over others."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.datasets import tell_more
from herd_engine.cli.options import (
    REPLICATES,
    Cursor,
    Farm,
    Home,
    Json,
    Limit,
    PageLanguage,
    ScenarioSettings,
    Yes,
    confirm,
    read_json_object,
    with_settings,
)
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import err, new_table, out, print_paths
from herd_engine.errors import ConflictError, NotFoundError
from herd_engine.i18n.catalogue import ENGLISH, languages
from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.scenario import MAX_RUNS
from herd_engine.presentation.charts import preset_panels
from herd_engine.workbench import Workbench
from herd_engine.workbench.answer_types import Deleted
from herd_engine.workbench.answers import PresetAnswer
from herd_engine.workbench.payloads import apply_preset, built_in, parse_scenario, text_key, to_scenario
from herd_engine.workbench.presets import Presets

app = typer.Typer(no_args_is_help=True, help="List the built-in presets and your own; save and delete yours.")


@app.command("list")
def list_presets(
    *,
    name: Annotated[str | None, typer.Option(help="Part of the name.")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List the presets, your own newest first, then the built-in ones with what each changes."""
    page = Workbench.open(home, farm=farm).presets.list(cursor, limit, name=name)
    if json is not None:
        write_text(json, {"presets": [_document(row) for row in page.items], "next_cursor": page.next_cursor})
        return
    table = new_table("preset", "name", "state", "what it changes")
    for row in page.items:
        state = "legacy" if row.legacy else "built in" if row.built_in else ""
        about = _about(row, ENGLISH) if row.built_in else ", ".join(row.params)
        table.add_row(row.id, escape(row.name), state, escape(about))
    out.print(table)
    tell_more(page.next_cursor)


@app.command()
def save(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Part of a scenario as JSON.")] = None,
    *,
    setting: ScenarioSettings = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Keep a preset; content that is kept under another name is told, not kept twice."""
    params = with_settings({} if file is None else read_json_object(file, "FILE"), setting)
    try:
        row = Workbench.open(home, farm=farm).presets.save(name, params)
    except ConflictError as error:
        if error.case == "preset_known":
            err.print(escape(f'herd presets rename "{error.name}" "{name}"'), soft_wrap=True)
        raise
    out.print(f"{row.id} {escape(row.name)}", soft_wrap=True)


@app.command()
def rename(
    preset: Annotated[str, typer.Argument(metavar="PRESET", help="Name, or the beginning of an id.")],
    name: Annotated[str, typer.Argument(metavar="NAME")],
    *,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Give a preset of your own another name."""
    presets = Workbench.open(home, farm=farm).presets
    row = presets.rename(presets.find(preset).id, name)
    out.print(f"{row.id} {escape(row.name)}", soft_wrap=True)


@app.command()
def compare(
    herds: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Herd files.")],
    *,
    html: Annotated[Path, typer.Option(metavar="FILE", help="Where the picture goes, as a page.")],
    months: Annotated[int, typer.Option(min=1, max=120)] = 36,
    runs: Annotated[
        int, typer.Option(*REPLICATES, min=1, max=MAX_RUNS, help="Simulated futures of each forecast.")
    ] = 200,
    language: PageLanguage = ENGLISH,
) -> None:
    """Forecast herds with every built-in preset and draw all of them in one picture; nothing is kept."""
    check_outputs(html)
    workbench, words, drawn = Workbench.open(), wording(language), dict[str, dict[str, Forecast]]()
    for path in herds:
        herd_file = workbench.read(path)
        drawn[herd_file.name] = {}
        for name, preset in built_in(herd_file.herd.counts()).items():
            payload = parse_scenario(apply_preset({"horizon_months": months}, preset))
            forecast = workbench.forecast(herd_file, to_scenario(payload), runs=runs)
            drawn[herd_file.name][words.text(f"preset.{text_key(name)}")] = forecast
            milking = forecast.series[Metric.MILKING_COUNT].p50
            out.print(f"{escape(herd_file.name)} {name}: {milking[0]:.0f} -> {milking[-1]:.0f} milking cows")
    page = preset_panels(drawn, language=language).to_html(include_plotlyjs=True)
    write_text(html, page)
    print_paths("Written:", html)


@app.command()
def delete(
    names: Annotated[list[str], typer.Argument(metavar="PRESET...", help="Names, or beginnings of ids.")],
    *,
    yes: Yes = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Delete presets of your own; exit 2 where one was skipped."""
    presets = Workbench.open(home, farm=farm).presets
    ids = [_id_of(presets, name) for name in names]
    confirm(f"Delete {len(ids)} presets?" if len(ids) > 1 else f"Delete the preset {names[0]}?", yes=yes)
    tell_deleted(presets.delete(ids), json)


def tell_deleted(deleted: Deleted, json: Path | None) -> None:
    """Print what was deleted and what was not; exit 2 where something was skipped."""
    if json is not None:
        write_text(json, asdict(deleted))
    else:
        for each in deleted.deleted_ids:
            out.print(f"{each} deleted")
        for skipped in deleted.skipped:
            err.print(f"{escape(skipped.id)} skipped: {skipped.reason}", soft_wrap=True)
    if deleted.skipped:
        raise typer.Exit(2)


def _id_of(presets: Presets, name: str) -> str:
    try:
        return presets.find(name).id
    except NotFoundError:
        return name  # it will be skipped, and the others deleted


def _about(row: PresetAnswer, language: str) -> str:
    return wording(language).text(f"preset_about.{text_key(row.name)}")


def _document(row: PresetAnswer) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "params": row.params,
        "built_in": row.built_in,
        "legacy": row.legacy,
        "about": {language: _about(row, language) for language in languages()} if row.built_in else None,
        "created_at": row.created_at.isoformat(),
    }
