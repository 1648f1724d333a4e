"""`herd farms members|grant|revoke` and `herd api key`, in a home of its own."""

import json
from pathlib import Path

import pytest

from tests.herd_engine.cli.commands import Herd


@pytest.fixture(autouse=True)
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERD_HOME", str(folder / "home"))


def test_members_of_a_farm_are_granted_listed_and_revoked(herd: Herd) -> None:
    herd("farms", "add", "North")
    assert "open to everybody" in herd("farms", "members", "North").out

    assert herd("farms", "grant", "North", "anna", "manager").out == "anna is manager of North\n"
    herd("farms", "grant", "north", "group:vets", "viewer")
    listed = json.loads(herd("farms", "members", "North", "--json", "-").out)["members"]
    wrong = herd("farms", "grant", "North", "boris", "king")
    unknown = herd("farms", "revoke", "North", "boris")
    herd("farms", "revoke", "North", "group:vets")
    last = herd("farms", "revoke", "North", "anna")
    opened = herd("farms", "revoke", "North", "anna", "--open")

    assert [(each["principal"], each["role"]) for each in listed] == [
        ("anna", "manager"),
        ("group:vets", "viewer"),
    ]
    assert [each.code for each in (wrong, unknown, last, opened)] == [2, 2, 2, 0]
    assert "last member" in last.err


def test_keys_are_made_listed_and_revoked_at_the_command_line(herd: Herd) -> None:
    made = json.loads(
        herd("api", "key", "create", "portal", "--scope", "herd:read", "--days", "7", "--json", "-").out
    )
    listed = herd("api", "key", "list").out
    revoked = herd("api", "key", "revoke", f"hk_{made['api_key']['beginning']}")
    keys = json.loads(herd("api", "key", "list", "--json", "-").out)["api_keys"]

    assert made["api_key"]["beginning"] in listed
    assert (revoked.code, keys[0]["revoked_at"] is not None) == (0, True)
    assert herd("api", "key", "revoke", "aaaaaaaa").code == 2


def test_flags_and_limits_are_set_listed_and_taken_back_at_the_command_line(herd: Herd) -> None:
    herd("farms", "add", "North")
    off = herd("api", "flags", "set", "csv", "off")
    herd("api", "flags", "set", "streaming", "off", "--farm", "North")
    flags = json.loads(herd("api", "flags", "list", "--json", "-").out)["flags"]
    shown = herd("api", "flags", "list").out
    wrong = herd("api", "flags", "set", "wings", "off")

    assert off.out == "csv is off everywhere\n"
    assert [(each["name"], each["enabled"], each["version"]) for each in flags] == [("csv", False, 1)]
    assert "off" in next(line for line in shown.splitlines() if "csv" in line)
    assert wrong.code == 2
    herd("api", "flags", "reset", "csv")
    assert json.loads(herd("api", "flags", "list", "--json", "-").out)["flags"] == []

    herd("api", "limits", "set", "read", "5/minute", "--who", "anna", "--hours", "2")
    bad = herd("api", "limits", "set", "queue", "many", "--farm", "North")
    (limit,) = json.loads(herd("api", "limits", "list", "--json", "-").out)["limits"]
    assert (limit["principal"], limit["kind"], limit["rate"]) == ("anna", "read", "5/minute")
    assert limit["until"]
    assert "anna" in herd("api", "limits", "list").out
    assert (bad.code, "rate" in bad.err) == (2, True)
    herd("api", "limits", "reset", "read", "--who", "anna")
    assert herd("api", "limits", "list").out == "Nobody is an exception.\n"
