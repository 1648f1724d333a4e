"""Options that commands share, and how their texts become values."""

import os
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from herd_engine.errors import ParameterError, UnknownParameterError
from herd_engine.figures.wording import Language
from herd_engine.model.scenario import ModelParameters, Purchase, from_mapping

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
PageLanguage = Annotated[Language, typer.Option(help="Language of the HTML page.")]


def file_path(text: str) -> Path:
    """Read the path of a file; only JSON may go to the terminal."""
    if text == "-":
        raise typer.BadParameter("name a file; only --json can write to the terminal.")
    return Path(text)


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def split_pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    """Turn ``["a=b"]`` into ``{"a": "b"}``."""
    pairs: dict[str, str] = {}
    for text in texts or ():
        name, separator, value = text.partition("=")
        if not (separator and name.strip() and value.strip()):
            raise ParameterError(option, text, "read NAME=VALUE")
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


def parse_model(texts: list[str] | None) -> ModelParameters:
    """Read ``NAME=VALUE`` settings of the model's parameters."""
    known = {item.name: item.type for item in fields(ModelParameters)}
    values: dict[str, Any] = {}
    for name, text in split_pairs(texts, "--set").items():
        if name not in known:
            raise UnknownParameterError(name, known)
        values[name] = _number(name, text, is_whole=known[name] is not float)
    return from_mapping(ModelParameters, values)


def _number(name: str, text: str, *, is_whole: bool) -> float | int | None:
    if text.lower() == "none":
        return None
    try:
        return int(text) if is_whole else float(text)
    except ValueError:
        raise ParameterError(name, text, "be a whole number" if is_whole else "be a number") from None
