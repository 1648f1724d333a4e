"""How the service is reached, and by whom."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from herd_engine.api.oidc_settings import OidcSettings
from herd_engine.errors import ParameterError
from herd_engine.model.service_limits import COUNTED, HEAVY_AT_ONCE, QUEUE, STREAM, UPLOAD_KIB
from herd_engine.settings import Settings, secret_text, words_of

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
ANY_HOST = "*"
"""Among the names: any will do, for who stands before the service checks them."""
PORT = 8867
"""Where the service listens; the next free port where this one is taken."""


OF_FARM = "farm_"
"""Before a class: all people of a farm together."""
RATES = {
    "read": "60/2 second",
    "heavy": "4/2 second",
    "write": "60/minute",
    "submit": "10/minute",
    "upload": "10/minute",
    STREAM: "20",
    f"{OF_FARM}read": "200/2 second",
    f"{OF_FARM}write": "300/minute",
    QUEUE: "50",
    HEAVY_AT_ONCE: "4",
    f"{OF_FARM}{HEAVY_AT_ONCE}": "8",
    f"{OF_FARM}{UPLOAD_KIB}": f"{1 << 20}/day",
}
"""What each person may do, and each farm, by class; of streams, heavy requests and what waits, how many."""


class Auth(StrEnum):
    """Who must say who they are."""

    KEY = "key"
    REQUIRED = "required"
    OPTIONAL = "optional"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """Settings of one service.

    Attributes
    ----------
    home : Path or None
    host : str
        Address that is listened on.
    auth : Auth
        ``key`` on loopback, else ``required``; ``off`` and ``optional`` only when stated.
    hosts : tuple of str
        Names under which the service is reached beside those of loopback.
    origins : tuple of str
        Pages of these origins may ask too.
    largest_upload : int
        Bytes of a herd file.
    largest_body : int
        Bytes of any other body.
    writes_at_once, writes_waiting, heavy_at_once, uploads_at_once : int
        Capacities: plain reads never wait behind writes or exports.
    start_runner : bool
        Whether one is started where none is alive.
    legacy : bool
        Whether the paths of the first contract are there.
    oidc : OidcSettings, optional
        Whose tokens are taken.
    limits : dict
        By class: how much each person, or a farm, may ask for in which time; or how many at once.
    streams_at_once : int
        Of all people together.
    proxies : tuple of str
        Addresses or networks whose word about a caller counts.
    root_path : str
        Path below which the service is reached from outside.
    xratelimit : bool
        Whether what is left is said in an older form too.
    counted_at : str, optional
        Redis, where several services count together.
    """

    home: Path | None = None
    host: str = "127.0.0.1"
    auth: Auth = Auth.KEY
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    largest_upload: int = 50 << 20
    largest_body: int = 1 << 20
    writes_at_once: int = 4
    writes_waiting: int = 16
    heavy_at_once: int = 2
    uploads_at_once: int = 2
    start_runner: bool = True
    legacy: bool = True
    oidc: OidcSettings | None = None
    streams_at_once: int = 500
    proxies: tuple[str, ...] = ()
    root_path: str = ""
    xratelimit: bool = False
    counted_at: str | None = None
    limits: dict[str, str] = field(default_factory=lambda: dict(RATES))

    @classmethod
    def from_environment(cls, home: Path | None, host: str, *, start_runner: bool = True) -> Self:
        """Read ``HERD_API_AUTH``, ``…_AUTH_INSECURE``, ``…_HOSTS``, ``…_CORS_ORIGINS``, ``…_LEGACY``.

        Raises
        ------
        ParameterError
            Unknown mode, or no authentication asked for on an address that others reach.
        """
        is_own = host in LOOPBACK_NAMES
        said = Settings.read()
        wanted = said.api_auth or (Auth.KEY if is_own else Auth.REQUIRED)
        try:
            auth = Auth(wanted)
        except ValueError as error:
            rule = f"be one of {', '.join(Auth)}"
            raise ParameterError("HERD_API_AUTH", wanted, rule) from error
        open_to_all = auth in (Auth.OFF, Auth.OPTIONAL)
        if open_to_all and not is_own and not said.api_auth_insecure:
            rule = (
                f"be key or required where others reach it ({host}); HERD_API_AUTH_INSECURE=1 overrides that"
            )
            raise ParameterError("HERD_API_AUTH", wanted, rule)
        return cls(
            home=home,
            host=host,
            auth=auth,
            hosts=words_of(said.api_hosts),
            start_runner=start_runner,
            legacy=said.api_legacy,
            oidc=OidcSettings.of(said),
            origins=words_of(said.api_cors_origins),
            proxies=words_of(said.api_proxies),
            root_path=said.api_root_path,
            xratelimit=said.api_xratelimit,
            counted_at=secret_text(said.cache_url),
            limits=RATES | rates_of(said.api_rates),
        )


def rates_of(text: str) -> dict[str, str]:
    """Return the rates that a setting names, by class.

    Raises
    ------
    ParameterError
        An unknown class, or what is no rate.
    """
    pairs = [word.partition("=")[::2] for word in words_of(text)]
    for name, rate in pairs:
        if name not in RATES:
            raise ParameterError("HERD_API_RATES", name, f"name some of {', '.join(RATES)}")
        if not (rate.isdigit() if name.removeprefix(OF_FARM) in COUNTED else is_rate(rate)):
            raise ParameterError("HERD_API_RATES", f"{name}={rate}", "be such as read=100/second, stream=50")
    return dict(pairs)


def is_rate(text: str) -> bool:
    """Tell whether this is how often in which time."""
    import limits  # noqa: PLC0415 - of the extra `api`; the port above is asked for without it

    try:
        limits.parse(text)
    except ValueError:
        return False
    return True
