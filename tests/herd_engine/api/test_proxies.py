"""A proxy that counts is believed about callers and paths; nobody else is."""

import pytest

from herd_engine.api.proxies import Proxies
from herd_engine.errors import ParameterError
from tests.herd_engine.api.conftest import Start


def seen(proxies: Proxies, peer: str, path: str = "/api/v1/me", **headers: str) -> tuple[str, str, str, str]:
    """Return who is taken for the caller, over what, at which path, and the prefix."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "client": (peer, 4000), "scheme": "http", "headers": raw}
    found, prefix = proxies.seen_through(scope)
    return found["client"][0], found["scheme"], found["path"], prefix


@pytest.mark.parametrize(
    ("peer", "headers", "caller"),
    [
        ("203.0.113.9", {"x_forwarded_for": "198.51.100.1"}, "203.0.113.9"),
        ("10.0.0.2", {"x_forwarded_for": "198.51.100.1"}, "198.51.100.1"),
        ("10.0.0.2", {"x_forwarded_for": "6.6.6.6, 198.51.100.1, 10.0.0.3"}, "198.51.100.1"),
        ("10.0.0.2", {"x_forwarded_for": "10.0.0.3"}, "10.0.0.2"),
        ("10.0.0.2", {"forwarded": 'for=6.6.6.6, for="198.51.100.1:4711";proto=https'}, "198.51.100.1"),
        ("10.0.0.2", {"forwarded": 'for="[2001:db8::17]:4711"'}, "2001:db8::17"),
        ("10.0.0.2", {}, "10.0.0.2"),
    ],
)
def test_the_caller_is_the_last_hop_that_is_none_of_ours(
    peer: str, headers: dict[str, str], caller: str
) -> None:
    assert seen(Proxies(("10.0.0.0/8",)), peer, **headers)[0] == caller


def test_prefix_and_scheme_come_from_the_setting_or_a_proxy_that_counts() -> None:
    ours = Proxies(("10.0.0.2",), "/herd/")
    told = {"x_forwarded_prefix": "/barn", "x_forwarded_proto": "https"}

    assert seen(ours, "192.0.2.1", **told) == ("192.0.2.1", "http", "/api/v1/me", "/herd")
    assert seen(ours, "10.0.0.2", **told) == ("10.0.0.2", "https", "/api/v1/me", "/barn")
    assert seen(ours, "192.0.2.1", "/herd/api/v1/me")[2:] == ("/api/v1/me", "/herd")
    assert seen(ours, "10.0.0.2", x_forwarded_prefix="//evil.example")[3] == ""


@pytest.mark.parametrize(("networks", "prefix"), [(("my-proxy",), ""), ((), "herd")])
def test_settings_that_mean_nothing_are_refused(networks: tuple[str, ...], prefix: str) -> None:
    with pytest.raises(ParameterError, match=r"HERD_API_(PROXIES|ROOT_PATH)"):
        Proxies(networks, prefix)


@pytest.mark.parametrize("settings", ["sqlite and folder"], indirect=True)
def test_addresses_of_answers_lead_where_the_service_is_seen_from(start: Start, farm_file: bytes) -> None:
    client = start(root_path="/herd")
    kept = client.post("/herd/api/v1/datasets", files={"file": ("farm.csv", farm_file, "text/csv")})
    client.post("/api/v1/datasets", files={"file": ("more.csv", farm_file + b"\n", "text/csv")})
    page = client.get("/api/v1/presets", params={"limit": 1})

    assert kept.headers["location"] == f"/herd/api/v1/datasets/{kept.json()['id']}"
    assert page.headers["link"].startswith("</herd/api/v1/presets?")
    assert client.get(kept.headers["location"]).status_code == 200
