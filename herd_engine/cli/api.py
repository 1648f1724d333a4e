"""`herd api`: the service for programs."""

from pathlib import Path
from typing import Annotated

import typer

from herd_engine.api.app import new_app
from herd_engine.api.oidc_settings import OidcSettings
from herd_engine.api.serve import serve
from herd_engine.api.settings import PORT, ApiSettings, Auth
from herd_engine.cli import api_flags, api_key, api_limits
from herd_engine.cli.options import Home
from herd_engine.cli.printing import err, out
from herd_engine.logs import configure
from herd_engine.model.source import Source
from herd_engine.operations.api_probe import probe
from herd_engine.operations.ports import LOOPBACK, kept_port
from herd_engine.operations.status import status_of
from herd_engine.workbench import Workbench
from herd_engine.workbench.home import StoreSettings, require_usable

Port = Annotated[
    int | None, typer.Option(min=1, max=65535, help=f"{PORT}, else the next free one, by default.")
]
app = typer.Typer(invoke_without_command=True)
app.add_typer(api_key.app, name="key")
app.add_typer(api_flags.app, name="flags")
app.add_typer(api_limits.app, name="limits")


@app.callback()
def api(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    *,
    port: Port = None,
    ip: Annotated[str, typer.Option(help="Address; beyond this machine a token is required.")] = LOOPBACK,
    socket: Annotated[
        Path | None, typer.Option(help="Unix socket instead of a port, for who stands before it.")
    ] = None,
    no_runner: Annotated[bool, typer.Option("--no-runner", help="Never start a runner.")] = False,
    openapi: Annotated[bool, typer.Option("--openapi", help="Print the contract, and end.")] = False,
    home: Home = None,
) -> None:
    """Serve the REST and streaming service for programs; Ctrl-C ends it."""
    if context.invoked_subcommand:
        return
    if openapi:
        out.print_json(data=new_app(ApiSettings(), Workbench()).openapi(), indent=1)
        return
    configure()
    settings = ApiSettings.from_environment(home, ip, start_runner=not no_runner)
    workbench = Workbench(home, source=Source.API)
    store = StoreSettings.from_environment(home)
    require_usable(store)
    place = socket or kept_port(store.home, "api", PORT, port)
    app = new_app(settings, workbench, lambda: status_of(store).document())
    address = str(socket) if socket else f"http://{ip}:{place}/api/v1"
    err.print(f"Herd Workbench API: {address} (to be read: /api/docs)", soft_wrap=True)
    if settings.auth is Auth.KEY:
        err.print(f"Bearer token: the key in {store.home / 'access.key'}", soft_wrap=True)
    if settings.oidc is not None:
        _tell_provider(settings.oidc)
    serve(app, settings, place, workbench.access_key())


@app.command("probe")
def probe_service(
    *,
    alive: Annotated[bool, typer.Option("--alive", help="It answers, whatever its store does.")] = False,
    home: Home = None,
) -> None:
    """Ask the service beside whether it can work; exit 3 where it cannot."""
    fault = probe(StoreSettings.from_environment(home).home, PORT, alive=alive)
    if fault:
        err.print(fault, markup=False, soft_wrap=True)
        raise typer.Exit(3)


def _tell_provider(oidc: OidcSettings) -> None:
    """Say whose tokens are taken, and by what people are known: a claim that they can choose is a risk."""
    claims = ", ".join(oidc.user_claims)
    err.print(f"Tokens of {oidc.issuer}; people are {oidc.alias}:<first of {claims}>.", soft_wrap=True)
    if len(oidc.user_claims) > 1:
        err.print(
            "HERD_API_USER_CLAIM_STRICT=1 with HERD_API_USER_CLAIM takes one claim alone.", soft_wrap=True
        )
    err.print("They see the farms whose members they are: herd farms grant FARM WHO ROLE", soft_wrap=True)
