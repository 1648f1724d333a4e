"""`herd contracts`: what a herd file must hold, as data: words, limits and rules."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.asking import (
    AcceptLosses,
    Dates,
    SexMap,
    Sheet,
    StatusMap,
    answers_of,
    questions_in,
    read_bytes,
    read_or_ask,
)
from herd_engine.cli.options import ColumnMap, Farm, HerdPath, Home, Json, PageLanguage
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import new_table, out, shown_moment
from herd_engine.errors import ParameterError
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.presentation.export_guide import export_guide
from herd_engine.workbench import Workbench
from herd_engine.workbench.contracts import (
    BASE,
    PROFILES,
    Context,
    Contract,
    ContractCheck,
    ContractVersion,
    RuleResult,
    canonical_table,
    content_sha256,
    differences,
    evaluate,
    overall,
    read_contract,
    shipped_bytes,
    shipped_contract,
)

app = typer.Typer(no_args_is_help=True, help="List, show and compare contracts; check herd files by them.")
SHORT_HASH, SHOWN_ANIMALS = 12, 5
_VERSIONED = "A file, the name of a contract, or the number of a farm's version."
_Named = Annotated[str, typer.Argument(metavar="CONTRACT", help=f"A file, or one of {', '.join(PROFILES)}.")]


@app.command("list")
def list_contracts(*, json: Json = None) -> None:
    """List the contracts that come with the program."""
    contracts = [shipped_contract(profile) for profile in PROFILES]
    if json is not None:
        write_text(json, {"contracts": [_about(contract) for contract in contracts]})
        return
    table = new_table("contract", "version", "hash", "date", "columns", "rules", "reason")
    for contract in contracts:
        about = _about(contract)
        table.add_row(
            about["contract"], about["version"], about["sha256"][:SHORT_HASH], about["date"],
            str(about["columns"]), str(about["rules"]), escape(about["reason"]),
        )  # fmt: skip
    out.print(table)


@app.command()
def guide(*, language: PageLanguage = ENGLISH, home: Home = None, farm: Farm = None) -> None:
    """Print what an export must hold, as Markdown: headings and words that are known, the farm's too."""
    rules = None if farm is None else Workbench.open(home, farm=farm).contracts.contract()
    write_text(Path("-"), export_guide(language, rules).markdown())


@app.command()
def versions(*, json: Json = None, home: Home = None, farm: Farm = None) -> None:
    """List the versions of the contract of a farm's files; 0 is the program's own."""
    found = Workbench.open(home, farm=farm).contracts.versions()
    if json is not None:
        write_text(json, {"versions": [_version(each) for each in found]})
        return
    table = new_table("version", "over", "hash", "when", "who", "why")
    for each in found:
        when = "" if each.created_at is None else shown_moment(each.created_at)
        table.add_row(
            str(each.version), each.base, each.sha256[:SHORT_HASH], when, escape(each.author),
            escape(each.reason),
        )  # fmt: skip
    out.print(table)


@app.command()
def save(
    layer: Annotated[Path, typer.Argument(metavar="LAYER", help="YAML: columns, statuses, sexes, rules.")],
    *,
    reason: Annotated[str, typer.Option(help="Why the contract is changed; it is kept with the version.")],
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Keep a farm's own words and rules, laid over the program's contract, as another version."""
    kept = Workbench.open(home, farm=farm).contracts.save(_file(layer), layer.name, reason)
    out.print(f"version {kept.version} {kept.sha256[:SHORT_HASH]}")


@app.command()
def show(contract: _Named, *, home: Home = None, farm: Farm = None) -> None:
    """Print a contract as it stands in its file, or a farm's own part of a version."""
    if contract.isdecimal():
        write_text(Path("-"), Workbench.open(home, farm=farm).contracts.layer(int(contract)))
        return
    data = _bytes(contract)
    read_contract(data, contract)
    write_text(Path("-"), data.decode("utf-8-sig"))


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help=_VERSIONED)],
    new: Annotated[str, typer.Argument(metavar="NEW", help=_VERSIONED)],
    *,
    fail_on_breaking: Annotated[
        bool, typer.Option("--fail-on-breaking", help="Exit 2 where something of it is breaking.")
    ] = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Compare two versions of a contract, and tell what may refuse or change files that passed before."""
    workbench = Workbench.open(home, farm=farm)
    one, other = (_versioned(workbench, name) for name in (old, new))
    found = differences(one, other)
    breaks = any(each.is_breaking for each in found)
    if json is not None:
        about = {"old": _about(one), "new": _about(other), "is_breaking": breaks}
        write_text(json, about | {"differences": [asdict(each) for each in found]})
    table = new_table("what", "old", "new", "breaking")
    for each in found:
        table.add_row(
            escape(each.what), escape(each.old), escape(each.new), "yes" if each.is_breaking else ""
        )
    if json is None:
        out.print(table if found else "They say the same.")
    if breaks and fail_on_breaking:
        raise typer.Exit(2)


@app.command()
def check(  # noqa: PLR0913 - one argument an option
    file: HerdPath,
    *,
    contract: Annotated[
        str, typer.Option(metavar="CONTRACT", help="Whose rules are asked: a file, or a name.")
    ] = BASE,
    version: Annotated[
        int | None, typer.Option(help="Version of the farm's contract: its words and its rules.")
    ] = None,
    column_map: ColumnMap = None,
    map_status: StatusMap = None,
    map_sex: SexMap = None,
    dates: Dates = None,
    sheet: Sheet = "",
    accept_losses: AcceptLosses = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Ask the rules of a contract about a herd file; exit 2 where one fails it."""
    answers = answers_of(column_map, map_status, map_sex, dates, sheet, accept_losses)
    workbench = Workbench.open(home, farm=farm)
    if version is not None or (farm is not None and contract == BASE):
        with questions_in(json):
            found = workbench.contracts.check(read_bytes(file), file.name, answers, version=version)
        _tell_check(found, json)
        return
    rules = read_named(contract)
    herd_file = read_or_ask(workbench, file, answers, json)
    results = evaluate(rules, canonical_table(herd_file), Context(today=datetime.now().astimezone().date()))
    status = overall(results)
    if json is not None:
        dataset = {"name": herd_file.name, "sha256": herd_file.sha256}
        rows = [_row(result) for result in results]
        write_text(json, {"contract": _about(rules), "dataset": dataset, "status": status, "rules": rows})
    else:
        print_results(results)
        out.print(f"[bold]{status}[/]")
    if status == "FAIL":
        raise typer.Exit(2)


def _tell_check(found: ContractCheck, json: Path | None) -> None:
    if json is not None:
        dataset = {"name": found.name, "sha256": found.sha256}
        rows = [_row(result) for result in found.rules]
        told = {"version": found.version, "dataset": dataset, "status": found.status, "rules": rows}
        write_text(json, told)
    else:
        print_results(found.rules)
        out.print(f"[bold]{found.status}[/]")
    if found.status == "FAIL":
        raise typer.Exit(2)


def _versioned(workbench: Workbench, name: str) -> Contract:
    """Return the contract of this name, that a file holds, or a farm's version of this number."""
    if name.isdecimal():
        return workbench.contracts.contract(int(name))
    return read_named(name)


def _version(each: ContractVersion) -> dict[str, Any]:
    return asdict(each) | {"created_at": each.created_at and each.created_at.isoformat()}


def print_results(results: Sequence[RuleResult]) -> None:
    """Print what rules found, a line each."""
    words = wording(ENGLISH)
    for result in results:
        animals = ", ".join(result.sample[:SHOWN_ANIMALS]) + (
            " …" if len(result.sample) > SHOWN_ANIMALS else ""
        )
        told = f"{result.status:8}{result.rule_id}: {words.say(result.message)} {animals}".rstrip()
        out.print(escape(told), soft_wrap=True)


def _row(result: RuleResult) -> dict[str, Any]:
    return asdict(result) | {"message": wording(ENGLISH).say(result.message)}


def read_named(name: str) -> Contract:
    """Return the contract of this name, or that a file holds."""
    return shipped_contract(name) if name in PROFILES else read_contract(_bytes(name), name)


def _bytes(name: str) -> bytes:
    """Return the file of a contract."""
    return shipped_bytes(name) if name in PROFILES else _file(Path(name))


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ParameterError("CONTRACT", str(path), f"be a file or one of {', '.join(PROFILES)}") from error


def _about(contract: Contract) -> dict[str, Any]:
    return {
        "contract": contract.contract,
        "version": contract.version,
        "sha256": content_sha256(contract),
        "date": contract.date.isoformat(),
        "author": contract.author,
        "reason": contract.reason,
        "columns": len(contract.columns),
        "rules": len(contract.rules),
    }
