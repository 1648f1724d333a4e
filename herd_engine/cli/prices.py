"""`herd prices`: what things cost, by name and date; nothing is built in."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Farm, Home, Json, file_bytes, split_pairs
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import new_table, out, print_paths, shown_moment
from herd_engine.errors import ParameterError
from herd_engine.model.prices import FIGURES, PriceSet
from herd_engine.workbench import Workbench
from herd_engine.workbench.prices import PriceSetVersion

app = typer.Typer(
    no_args_is_help=True, help="State prices by name and date, show them, choose the set that is meant."
)
Name = Annotated[str, typer.Argument(metavar="SET", help="Name of a set of prices, whatever the case.")]
_FACTS = frozenset({"currency", "valid_from", "note"})


@app.command()
def new(
    name: Name,
    *,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PRICE=VALUE",
            help="Such as currency=EUR, valid_from=2026-03-01, feed.dry_day=3, feed.heifer_day.365=2; "
            "PRICE=- unsays it; repeat.",
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="YAML to take it from.")
    ] = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """State prices, or change some of a set: every version is kept."""
    prices = Workbench.open(home, farm=farm).prices
    if file is None and not changes:
        raise ParameterError("--set", None, "be given, or --import")
    if file is not None:
        _tell(prices.import_yaml(file_bytes(file), file.name, name))
    if changes:
        said = split_pairs(changes, "--set")
        _tell(prices.change(name, {path: _value(path, text) for path, text in said.items()}))


@app.command("list")
def list_sets(*, json: Json = None, home: Home = None, farm: Farm = None) -> None:
    """List the sets of prices by name."""
    found = Workbench.open(home, farm=farm).prices.list()
    if json is not None:
        write_text(json, {"price_sets": [each.document() for each in found]})
        return
    table = new_table("set", "from", "currency", "prices", "version", "by")
    for each in found:
        prices = each.prices
        table.add_row(
            escape(prices.name), prices.valid_from.isoformat(), prices.currency, str(len(prices.prices)),
            str(each.version), escape(each.owner),
        )  # fmt: skip
    out.print(table if found else "No prices are stated: herd prices new spring --set currency=EUR …")


@app.command()
def show(
    name: Name,
    *,
    to: Annotated[Path | None, typer.Option("--export", metavar="OUT", help="Write it as YAML.")] = None,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Show a set of prices, and who stated which version."""
    prices = Workbench.open(home, farm=farm).prices
    versions = prices.versions(name)
    if to is not None:
        write_text(to, prices.export_yaml(name))
        print_paths("Written:", to)
        return
    if json is not None:
        rows = [each.document() for each in versions]
        write_text(json, {"set": versions[0].prices.document(), "versions": rows})
        return
    _print(versions[0].prices)
    for each in versions:
        out.print(f"[dim]version {each.version}: {shown_moment(each.created_at)} {escape(each.owner)}[/]")


@app.command()
def use(name: Name, *, home: Home = None, farm: Farm = None) -> None:
    """Let the farm's sheet name a set: it is meant where none is named."""
    found = Workbench.open(home, farm=farm).prices.use(name)
    out.print(escape(f"{found.name} is meant where no prices are named."))


@app.command()
def check(name: Name, *, json: Json = None, home: Home = None, farm: Farm = None) -> None:
    """Tell which prices are missing, and what cannot be told without them."""
    found = Workbench.open(home, farm=farm).prices.find(name)
    missing = {figure: found.missing(figure) for figure in FIGURES}
    if json is not None:
        write_text(json, {"set": found.reference, "missing": {k: list(v) for k, v in missing.items()}})
        return
    for figure, paths in missing.items():
        out.print(f"{figure}: {'needs ' + ', '.join(paths) if paths else 'every price is there'}")


def _value(path: str, text: str) -> float | str | None:
    if text == "-":
        return None
    if path in _FACTS:
        return text
    try:
        return float(text)
    except ValueError:
        raise ParameterError(path, text, "be a number") from None


def _tell(version: PriceSetVersion) -> None:
    prices = version.prices
    told = f"{prices.name}, version {version.version}: {len(prices.prices)} prices in {prices.currency}"
    out.print(escape(f"{told} from {prices.valid_from}"))


def _print(prices: PriceSet) -> None:
    out.print(escape(f"{prices.name}: {prices.currency} from {prices.valid_from}. {prices.note}".rstrip()))
    table = new_table("price", "value")
    for path, value in prices.prices.items():
        table.add_row(path, f"{value:g}")
    out.print(table)
