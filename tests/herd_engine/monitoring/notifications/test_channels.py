"""A file of channels is taken whole or not at all, and tells every mistake with its line."""

import pytest

from herd_engine.errors import ChannelsError
from herd_engine.monitoring.notifications.channels import ChannelBook, as_plain, read_channels
from tests.herd_engine.monitoring.notifications.conftest import OLD_SECRET, SECRET

GOOD = """
version: 1
channels:
  - id: hub
    kind: webhook
    url: https://hooks.example/herd
    secrets: ["${HUB_SECRET}", "${OLD_HUB_SECRET}"]
    timeout: 5
    allow: [10.0.0.0/8]
    events: [alert.*]
    farms: [North]
    min_severity: MEDIUM
  - id: barn-mail
    kind: mail
    server: mail.example
    sender: herd@farm.example
    to: [anna@farm.example]
    language: ru
  - {id: archive, kind: folder, folder: told}
"""


def written(home, text):
    path = home / "channels.yaml"
    path.write_text(text)
    return path


def test_a_file_of_all_kinds_is_read(home):
    hub, mail, folder = read_channels(written(home, GOOD)).channels

    assert hub.keys == (SECRET, OLD_SECRET)
    assert (hub.timeout, hub.min_severity, mail.language) == (5, "MEDIUM", "ru")
    assert folder.folder == home / "told"
    assert SECRET not in str(as_plain(hub))
    assert SECRET not in repr(hub)


def test_secrets_may_stand_in_a_file(home):
    (home / "secrets").write_text(f"{SECRET}\n{OLD_SECRET}\n")
    text = "version: 1\nchannels:\n- {id: hub, kind: webhook, url: https://a.example, secrets_file: secrets}"

    [hub] = read_channels(written(home, text)).channels

    assert hub.keys == (SECRET, OLD_SECRET)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("${HUB_SECRET}", SECRET, r"channels.0.secrets`: must be \$\{NAME\}.* \(line 7\)"),
        ("${OLD_HUB_SECRET}", "${NOT_SET}", "be set in the environment"),
        ("https://hooks", "ftp://hooks", r"channels.0.url`: must be http:// or https://.* \(line 6\)"),
        ("timeout: 5", "timeout: 16", r"less than or equal to 15 \(line 8\)"),
        ("timeout: 5", "timeuot: 5", r"channels.0.timeuot`: Extra inputs are not permitted \(line 8\)"),
        ("id: archive", "id: hub", "hub: each channel must have an id of its own"),
        ("language: ru", "language: xx", r"must be one of en, ru \(line 18\)"),
        ("version: 1", "version: 2", r"version`: .* \(line 2\)"),
    ],
)
def test_a_mistake_is_told_with_its_line(home, old, new, problem):
    with pytest.raises(ChannelsError, match=problem):
        read_channels(written(home, GOOD.replace(old, new)))


def test_a_file_with_a_mistake_leaves_what_held_before(home):
    book = ChannelBook(home)
    assert book.channels() == {}
    written(home, GOOD)
    assert list(book.channels()) == ["hub", "barn-mail", "archive"]

    written(home, GOOD.replace("id: archive", "id: hub"))

    assert list(book.channels()) == ["hub", "barn-mail", "archive"]
    assert isinstance(book.fault, ChannelsError)
    written(home, "version: 1\nchannels: []")
    assert (dict(book.channels()), book.fault) == ({}, None)


@pytest.mark.parametrize(
    ("event", "farm", "severity", "is_wanted"),
    [
        ("alert.firing", ("f1", "North"), "HIGH", True),
        ("alert.firing", ("North", "Any"), "MEDIUM", True),
        ("alert.firing", ("f1", "North"), "LOW", False),
        ("alert.firing", ("f2", "South"), "HIGH", False),
        ("run.failed", ("f1", "North"), "HIGH", False),
        ("alert.resolved", (None, None), "HIGH", True),
    ],
)
def test_a_channel_gets_what_it_wants(home, event, farm, severity, is_wanted):
    hub = read_channels(written(home, GOOD)).channels[0]

    assert hub.wants(event, *farm, severity) is is_wanted
