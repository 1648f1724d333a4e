"""`herd settings`: what the environment says, and what it could say."""

from typing import Annotated

import typer
from pydantic import SecretStr

from herd_engine.cli.options import Json
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import out
from herd_engine.settings import Settings, is_given, variable_of

Example = Annotated[
    bool, typer.Option("--example", help="Print all of them as an .env file to fill in: > .env")
]


def settings(*, json: Json = None, example: Example = False) -> None:
    """Show every setting of the environment: name, value, where that comes from, what it means."""
    rows = list(_rows(Settings.read()))
    if json is not None:
        write_text(json, {"schema": "herd-settings/1", "settings": rows})
    elif example:
        for row in rows:
            out.print(f"# {row['meaning']}\n#{row['name']}=\n", markup=False, soft_wrap=True)
    else:
        for row in rows:
            out.print(f"{row['name']} = {row['value']} ({row['source']})", markup=False, soft_wrap=True)
            out.print(f"    {row['meaning']}", markup=False, soft_wrap=True)


def _rows(found: Settings) -> list[dict[str, str]]:
    return [
        {
            "name": variable_of(name),
            "value": _shown(getattr(found, name)),
            "source": "environment" if is_given(name) else "default",
            "meaning": field.description or "",
        }
        for name, field in Settings.model_fields.items()
    ]


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "****" if value.get_secret_value() else "(empty)"
    return "(not set)" if value is None or value == "" else str(value)
