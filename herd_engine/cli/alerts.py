"""`herd alerts`: what holds, acknowledged, silenced; what is watched."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.options import Farm, Home, Json, Limit, PageLanguage, split_pairs
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import new_table, out, print_error, shown_moment
from herd_engine.errors import ParameterError
from herd_engine.model.duration import read_duration
from herd_engine.model.forecast import STOCKS, Metric
from herd_engine.workbench import Workbench
from herd_engine.workbench.alerts import Alerts, policies_of_file

app = typer.Typer(
    no_args_is_help=True, help="Show what holds, acknowledge and silence it, set what is watched."
)
AlertId = Annotated[str, typer.Argument(metavar="ALERT", help="Its id, as `herd alerts list` shows it.")]


@app.command("list")
def list_alerts(
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that are not on, too.")] = False,
    language: PageLanguage = "en",
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List alerts, the most urgent first."""
    found = _alerts(home, farm).list(active=not every)
    if json is not None:
        write_text(json, {"alerts": [_document(alert) for alert in found]})
        return
    table = new_table("alert", "severity", "state", "since (UTC)", "what", "why", "looked after by")
    for alert in found:
        state = f"{alert.state}{' (silenced)' if alert.is_silenced else ''}"
        name = f"{alert.name(language)}{f' · {alert.farm}' if alert.farm else ''}"
        cells = (name, alert.text(language), alert.ack_by or "")
        table.add_row(
            alert.id, alert.severity, state, shown_moment(alert.since), *(escape(text) for text in cells)
        )
    out.print(table if found else "Nothing holds that somebody asked to be told of.")


@app.command()
def history(
    *,
    limit: Limit = 20,
    language: PageLanguage = "en",
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List how alerts changed, newest first."""
    changes = _alerts(home, farm).history(limit)
    if json is not None:
        write_text(json, {"changes": [_document(change) for change in changes]})
        return
    table = new_table("at (UTC)", "alert", "policy", "from", "to", "why")
    for one in changes:
        why = escape(one.text(language))
        table.add_row(shown_moment(one.at), one.alert_id, one.policy_id, one.old, one.new, why)
    out.print(table)


@app.command()
def policies(
    *, language: PageLanguage = "en", json: Json = None, home: Home = None, farm: Farm = None
) -> None:
    """List what is watched; exit 3 where a file of policies cannot be used."""
    alerts = _alerts(home, farm)
    held, faults = alerts.policies(), alerts.faults()
    for fault in faults:
        print_error(fault)
    if json is not None:
        documents = [
            {"policy": item.policy.as_plain(), "origin": item.origin, "version": item.version}
            for item in held
        ]
        write_text(json, {"policies": documents, "faults": [str(fault) for fault in faults]})
        raise typer.Exit(3 if faults else 0)
    table = new_table("policy", "severity", "metric", "what", "told to", "set in")
    for item in held:
        policy = item.policy
        name, told = escape(policy.name(language)), ", ".join(policy.channels) or "nobody"
        table.add_row(policy.id, policy.severity, policy.metric, name, escape(told), escape(item.origin))
    out.print(table)
    raise typer.Exit(3 if faults else 0)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Policies as YAML.")],
) -> None:
    """Check files of policies without using them."""
    for path in files:
        found = policies_of_file(path)
        out.print(f"{escape(str(path))}: {len(found)} policies", soft_wrap=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Policies as YAML.")],
    *,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Set what a file says to watch; afterwards the apps can change it."""
    alerts = _alerts(home, farm)
    for policy in policies_of_file(file):
        made = alerts.set_policy(policy)
        out.print(f"{made.policy.id}: version {made.version}")


@app.command()
def export(*, home: Home = None, farm: Farm = None) -> None:
    """Print what was set in the apps or imported as YAML, as `import` and a folder of policies take it."""
    out.print(_alerts(home, farm).export_policies(), end="", markup=False, highlight=False, soft_wrap=True)


@app.command()
def floor(  # noqa: PLR0913 - one argument an option
    level: Annotated[float, typer.Argument(metavar="LEVEL", help="Head, or days.")],
    *,
    output: Annotated[Metric, typer.Option(help="Of the farm's plan.")] = STOCKS[0],
    above: Annotated[bool, typer.Option("--above", help="Where it rises above, not falls below.")] = False,
    probability: Annotated[
        float, typer.Option(min=0.001, max=0.999, help="Share of futures from which on it is an alert.")
    ] = 0.2,
    months: Annotated[int, typer.Option(min=1, max=120, help="How far ahead.")] = 12,
    channel: Annotated[list[str] | None, typer.Option(help="Who is told; as often as needed.")] = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Warn where the farm's starred plan falls below a level."""
    alerts = _alerts(home, farm)
    made = alerts.set_floor(
        output, level, above=above, months=(1, months), probability=probability, channels=channel or ()
    )
    out.print(f"{made.policy.id}: version {made.version}")


@app.command()
def remove(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="Its id.")],
    *,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Watch something no more; its alerts end."""
    _alerts(home, farm).remove_policy(policy)
    out.print(f"{escape(policy)} is not watched any more")


@app.command()
def ack(
    alert: AlertId,
    *,
    note: Annotated[str, typer.Option(help="What is being done.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take it back.")] = False,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Say that somebody looks after an alert, until it ends."""
    said = _alerts(home, farm).acknowledge(alert, note, taken_back=undo)
    by = f"looked after by {said.ack_by}" if said.ack_by else "looked after by nobody"
    out.print(escape(f"{said.id}: {by}"))


@app.command()
def silence(
    matchers: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE...", help="policy, farm or severity; all must fit.")
    ],
    *,
    length: Annotated[str, typer.Option("--for", help="How long: 2h, 3d.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Tell nobody of alerts that fit for a while."""
    try:
        ends_at = datetime.now(UTC) + read_duration(length)
    except ValueError as error:
        raise ParameterError("--for", length, str(error).removeprefix("must ")) from error
    made = _alerts(home, farm).silence(split_pairs(matchers, "NAME=VALUE"), ends_at, reason)
    out.print(f"{made.id} until {shown_moment(made.ends_at)} UTC")


@app.command()
def silences(
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that have ended, too.")] = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List silences."""
    found = _alerts(home, farm).silences(expired=every)
    if json is not None:
        write_text(json, {"silences": [_document(item) for item in found]})
        return
    table = new_table("silence", "fits", "until (UTC)", "why", "by")
    for item in found:
        fits = ", ".join(f"{name}={value}" for name, value in item.matchers.items())
        cells = (escape(item.reason), escape(item.created_by))
        table.add_row(item.id, escape(fits), shown_moment(item.expired_at or item.ends_at), *cells)
    out.print(table)


@app.command()
def unsilence(
    silence_id: Annotated[str, typer.Argument(metavar="SILENCE", help="Its id.")],
    *,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """End a silence now."""
    _alerts(home, farm).expire(silence_id)
    out.print(f"{escape(silence_id)} has ended")


@app.command()
def audit(*, limit: Limit = 20, json: Json = None, home: Home = None, farm: Farm = None) -> None:
    """List who did what, newest first."""
    entries = _alerts(home, farm).audit(limit)
    if json is not None:
        write_text(json, {"audit": [_document(entry) for entry in entries]})
        return
    table = new_table("at (UTC)", "who", "did", "to")
    for entry in entries:
        table.add_row(shown_moment(entry.at), escape(entry.actor), entry.action, escape(entry.object))
    out.print(table)


def _alerts(home: Path | None, farm: str | None) -> Alerts:
    return Workbench.open(home, farm=farm).alerts


def _document(thing: Any) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(thing).items()}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case Enum():
            return value.value
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case str() | bytes():
            return value
        case Iterable():
            return [_plain(item) for item in value]
        case _:
            return value
