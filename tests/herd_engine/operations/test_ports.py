"""Ports: chosen once, the same each time."""

import json
from contextlib import closing
from pathlib import Path
from socket import create_server

import pytest

from herd_engine.errors import ServiceError
from herd_engine.operations.ports import KEPT, LOOPBACK, free_port, kept_port


def test_a_port_is_the_same_next_time(tmp_path: Path) -> None:
    wished, other = free_port(), free_port()

    assert [kept_port(tmp_path, "apps", wish) for wish in (wished, other)] == [wished, wished]
    assert kept_port(tmp_path, "api", other) == other


def test_a_chosen_port_is_kept_from_then_on(tmp_path: Path) -> None:
    wished, chosen = free_port(), free_port()
    kept_port(tmp_path, "apps", wished)

    assert kept_port(tmp_path, "apps", wished, chosen) == chosen
    assert kept_port(tmp_path, "apps", wished) == chosen


def test_a_chosen_port_that_is_taken_is_refused(tmp_path: Path, taken_port: int) -> None:
    with pytest.raises(ServiceError, match=f"apps: port {taken_port} is taken"):
        kept_port(tmp_path, "apps", 8866, taken_port)
    assert not (tmp_path / KEPT).exists()


def test_who_else_has_the_port_for_a_while_does_not_take_it_for_good(tmp_path: Path) -> None:
    port = kept_port(tmp_path, "apps", free_port())
    with closing(create_server((LOOPBACK, port))):
        meanwhile = kept_port(tmp_path, "apps", port)

    assert meanwhile != port
    assert kept_port(tmp_path, "apps", 8866) == port


def test_a_torn_file_of_ports_is_none(tmp_path: Path) -> None:
    (tmp_path / KEPT).write_bytes(b'{"apps": 88')
    wished = free_port()

    assert kept_port(tmp_path, "apps", wished) == wished


def test_two_parts_of_a_home_never_have_one_port(tmp_path: Path) -> None:
    """Also before the first of them listens there, and where an older home remembers one for both."""
    with create_server((LOOPBACK, 0)) as first:
        port = first.getsockname()[1]
        apps = kept_port(tmp_path, "apps", port)
        api = kept_port(tmp_path, "api", apps)
    (tmp_path / KEPT).write_text(json.dumps({"apps": apps, "api": apps}))

    assert apps != api
    assert kept_port(tmp_path, "api", apps) != kept_port(tmp_path, "apps", port)


def test_what_a_home_remembers_is_its_owners_alone(tmp_path: Path) -> None:
    kept_port(tmp_path, "apps", free_port())

    assert (tmp_path / KEPT).stat().st_mode & 0o777 == 0o600
