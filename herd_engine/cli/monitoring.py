"""`herd monitoring`: files for Prometheus, Alertmanager and Grafana."""

from pathlib import Path
from typing import Annotated

import typer

from herd_engine.cli.printing import print_paths
from herd_engine.settings import Settings
from pipelines.monitoring.export import RECEIVER, SCRAPED, export_monitoring

app = typer.Typer(no_args_is_help=True, help="Write files for Prometheus, Alertmanager and Grafana.")


@app.callback()
def monitoring() -> None:
    """Write files for Prometheus, Alertmanager and Grafana."""


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made where it is not there.")],
    *,
    receiver: Annotated[
        str, typer.Option(metavar="URL", help="Gets alerts under /page, /desk and /log.")
    ] = RECEIVER,
) -> None:
    """Write rules, routes, what is scraped, a dashboard and the runbook; what is there is replaced."""
    address = Settings.read().metrics_address
    written = export_monitoring(folder, SCRAPED if address == "off" else address, receiver)
    print_paths("Written", *written)
