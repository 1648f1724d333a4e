"""`herd doctor`: what is wrong, and what to do."""

from dataclasses import asdict

import typer
from rich.markup import escape

from herd_engine.cli.options import Home, Json
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import out
from herd_engine.operations.doctor import Grade, examine
from herd_engine.workbench.home import StoreSettings

STYLES = {Grade.OK: "green", Grade.WARNING: "yellow", Grade.ERROR: "red"}


def doctor(*, json: Json = None, home: Home = None) -> None:
    """Check everything that may be wrong on this machine; exit 3 where something is."""
    findings = examine(StoreSettings.from_environment(home))
    if json is not None:
        document = {"schema": "herd-doctor/1", "checks": [asdict(finding) for finding in findings]}
        write_text(json, document)
    else:
        for each in findings:
            text = f"[{STYLES[each.grade]}]{each.grade}[/] [bold]{each.code}[/] {escape(each.what)}"
            out.print(text, soft_wrap=True)
            if each.to_do:
                out.print(f"    {escape(each.to_do)}", soft_wrap=True)
    if any(finding.grade is Grade.ERROR for finding in findings):
        raise typer.Exit(3)
