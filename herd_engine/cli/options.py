"""Options that commands share, and how their texts become values."""

import json
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from herd_engine.errors import ParameterError, UnknownParameterError
from herd_engine.i18n.catalogue import languages
from herd_engine.model.levers import BY_HAZARDS, BY_LISTS, EVERY_MODE, LEVERS, PLACES, Lever, Unit
from herd_engine.model.milk_curves import CURVES
from herd_engine.model.scenario import ModelParameters, Purchase, from_mapping
from herd_engine.model.targets import FarmTargets

HerdPath = Annotated[Path, typer.Argument(metavar="FILE", help="Herd export: CSV, XLSX or Parquet.")]
ColumnMap = Annotated[
    list[str] | None,
    typer.Option("--map", metavar='"THEIRS=OURS"', help="A header of the file and our name for it; repeat."),
]
Json = Annotated[Path | None, typer.Option("--json", metavar="OUT", help="Write JSON; - for the terminal.")]
Threads = Annotated[
    int | None,
    typer.Option(min=1, max=256, help="Worker threads, all cores by default; never change a result."),
]
Home = Annotated[Path | None, typer.Option("--home", help="Folder of what is kept; HERD_HOME by default.")]
Farm = Annotated[
    str | None,
    typer.Option("--farm", envvar="HERD_FARM", metavar="NAME", help="Another farm than the default one."),
]
SameFarm = Annotated[
    bool,
    typer.Option("--same-farm", help="The file is of this farm, though it looks like another's."),
]
REPLICATES = ("--runs", "--replicates")
"""How many futures are simulated: a *run* is a forecast that is kept, a *replicate* one simulated future."""
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="Rows of a page.")]
Cursor = Annotated[
    str | None, typer.Option(metavar="CURSOR", help="next_cursor of the page before, for the next one.")
]
Since = Annotated[str | None, typer.Option("--from", metavar="DATE", help="That day (UTC) or later.")]
Until = Annotated[str | None, typer.Option("--to", metavar="DATE", help="That day (UTC) or earlier.")]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="NAME=VALUE", help="A target of the farm, as vwp=70; repeat."),
]
ScenarioSettings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PATH=VALUE", help="A field, as mc_runs=5000 or model.gestation_mu=278; repeat."
    ),
]


def levers_by_mode() -> str:
    """Return the names of all levers with their ranges, by the modes that read them."""
    words = {BY_HAZARDS: "The mode calibrated reads", BY_LISTS: "The two others", EVERY_MODE: "All modes"}
    levers = (*LEVERS.values(), *PLACES.values())
    read = {modes: [item for item in levers if item.modes == modes] for modes in words}
    return " ".join(f"{said}: {', '.join(map(_in_short, read[modes]))}." for modes, said in words.items())


def _in_short(item: Lever) -> str:
    if item.low is None or item.high is None:
        return f"{item.name} true or false"
    return f"{item.name} {item.low:g}…{item.high:g}"


def file_path(text: str) -> Path:
    """Read the path of a file; only JSON may go to the terminal."""
    if text == "-":
        raise typer.BadParameter("name a file; only --json can write to the terminal.")
    return Path(text)


def spoken_language(code: str) -> str:
    """Read the code of a language."""
    if code not in languages():
        raise typer.BadParameter(f"it is one of {', '.join(languages())}.")
    return code


PageLanguage = Annotated[
    str,
    typer.Option(
        metavar="|".join(languages()), parser=spoken_language, help="Language of page and workbook."
    ),
]


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def file_bytes(path: Path) -> bytes:
    """Return the bytes of a file; ParameterError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ParameterError("FILE", str(path), "be a file that can be read") from error


def split_pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    """Turn ``["a=b"]`` into ``{"a": "b"}``."""
    pairs: dict[str, str] = {}
    for text in texts or ():
        name, separator, value = text.partition("=")
        if not (separator and name.strip() and value.strip()):
            raise ParameterError(option, text, "read NAME=VALUE")
        if name.strip() in pairs:
            raise ParameterError(option, text, "be given once for each name")
        pairs[name.strip()] = value.strip()
    return pairs


def parse_date(text: str, option: str) -> date:
    """Read an ISO date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ParameterError(option, text, "be a date as YYYY-MM-DD") from None


def parse_purchase(text: str) -> Purchase:
    """Read ``DATE:COUNT:DAYS_PREGNANT`` or ``DATE:COUNT:EXPECTED_CALVING_DATE``."""
    parts = text.split(":")
    if len(parts) != 3 or not parts[1].isdecimal():
        raise ParameterError("--purchase", text, "read DATE:COUNT:DAYS_PREGNANT or DATE:COUNT:CALVING_DATE")
    values: dict[str, Any] = {"date_in": parse_date(parts[0], "--purchase"), "count": int(parts[1])}
    if parts[2].isdecimal():
        values["days_pregnant"] = int(parts[2])
    else:
        values["expected_calving_date"] = parse_date(parts[2], "--purchase")
    return Purchase(**values)


def parse_settings(texts: list[str] | None) -> dict[str, Any]:
    """Read ``NAME=VALUE`` settings as arguments of ``Scenario``: the model, and the levers beside it."""
    known = {item.name: item.type for item in fields(ModelParameters)}
    model: dict[str, Any] = {}
    places: dict[str, Any] = {}
    for name, text in split_pairs(texts, "--set").items():
        if name in PLACES:
            is_switch = PLACES[name].unit is Unit.SWITCH
            places[name] = _switch(name, text) if is_switch else _number(name, text, is_whole=True)
        elif name in known:
            is_switch = known[name] is bool
            model[name] = (
                _switch(name, text) if is_switch else _number(name, text, is_whole=_is_whole(known[name]))
            )
        else:
            raise UnknownParameterError(name, [*known, *PLACES])
    return {"model": from_mapping(ModelParameters, model), **places}


def _switch(name: str, text: str) -> bool:
    if text.lower() not in {"true", "1", "false", "0"}:
        raise ParameterError(name, text, "be true or false")
    return text.lower() in {"true", "1"}


def parse_targets(texts: list[str] | None, stated: FarmTargets | None = None) -> FarmTargets:
    """Read ``NAME=VALUE`` targets of a farm; the others are as ``stated``."""
    known = {item.name: item.type for item in fields(FarmTargets)}
    values: dict[str, Any] = {}
    for name, text in split_pairs(texts, "--target").items():
        if name not in known:
            raise UnknownParameterError(name, known)
        values[name] = _number(name, text, is_whole=_is_whole(known[name]))
    return replace(stated or FarmTargets(), **values)


def _is_whole(kind: Any) -> bool:
    """Tell whether a field takes whole numbers alone; ``float | None`` takes others, too."""
    return float not in {kind, *get_args(kind)}


def _number(name: str, text: str, *, is_whole: bool) -> float | int | None:
    if text.lower() == "none":
        return None
    try:
        return int(text) if is_whole else float(text)
    except ValueError:
        raise ParameterError(name, text, "be a whole number" if is_whole else "be a number") from None


def first_moment(text: str | None) -> datetime | None:
    """Return when the day of ``--from`` begins."""
    return None if text is None else datetime.combine(parse_date(text, "--from"), time(), UTC)


def end_moment(text: str | None) -> datetime | None:
    """Return when the day of ``--to`` is over."""
    return None if text is None else datetime.combine(parse_date(text, "--to"), time(), UTC) + timedelta(1)


def confirm(question: str, *, yes: bool) -> None:
    """Go on only if the user wants it, or has said so."""
    if yes:
        return
    try:
        wanted = typer.confirm(question, err=True)
    except typer.Abort as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise typer.Exit(130) from error
        raise ParameterError("--yes", "nothing", "be given where nobody can be asked") from error
    if not wanted:
        raise typer.Exit(130)


def read_json_object(path: Path, option: str) -> dict[str, Any]:
    """Read a JSON file that holds one object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(option, str(path), f"be a readable JSON file ({error})") from error
    if not isinstance(content, dict):
        raise ParameterError(option, str(path), "hold one object of named values")
    return content


def with_settings(payload: Mapping[str, Any], texts: list[str] | None) -> dict[str, Any]:
    """Return the payload with single fields set as ``PATH=VALUE`` says; it is not changed itself."""
    changed: dict[str, Any] = json.loads(json.dumps(payload))
    for path, text in split_pairs(texts, "--set").items():
        place: Any = changed
        *parents, name = path.split(".")
        try:
            for parent in parents:
                place = place[int(parent)] if isinstance(place, list) else place.setdefault(parent, {})
            place[int(name) if isinstance(place, list) else name] = json_value(text)
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            raise ParameterError("--set", path, "name a field of the scenario") from error
    return changed


def json_value(text: str) -> Any:
    """Read a value as JSON; what is not JSON is a text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


PriceSetName = Annotated[
    str | None,
    typer.Option("--prices", metavar="SET", help="Prices by name; with --farm, else those of its sheet."),
]
Curve = Annotated[
    str | None,
    typer.Option(metavar="|".join(CURVES), help="Lactation curve of the literature: the file has no milk."),
]
Conception = Annotated[
    float | None, typer.Option(help="Chance of an insemination, 0…1, which one file cannot tell.")
]
