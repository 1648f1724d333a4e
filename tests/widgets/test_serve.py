"""What the server is told, who may see what, and that an installed package has all of it."""

import os
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from tornado.httputil import HTTPHeaders

from herd_engine.charts.theme import DARK, LIGHT
from herd_engine.errors import ParameterError
from herd_engine.storage.access_key import KEY_FILE, access_key
from widgets.look import stylesheet
from widgets.serve import PACKAGE, app_names, configuration, make_apps, read_arguments
from widgets.server.gate import Refused
from widgets.visit import Visit

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test alone."""
    monkeypatch.setenv("HERD_HOME", str(tmp_path))
    monkeypatch.delenv("HERD_APPS_TOKEN", raising=False)
    return tmp_path


@pytest.mark.parametrize("ip", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_everybody_is_asked_for_the_key_of_the_home(home: Path, ip: str) -> None:
    assert configuration(read_arguments(["--ip", ip])).Voila.token == access_key(home)


def test_only_on_loopback_may_nobody_be_asked() -> None:
    assert configuration(read_arguments(["--token", ""])).Voila.token == ""
    with pytest.raises(ParameterError, match="--token"):
        configuration(read_arguments(["--token", "", "--ip", "0.0.0.0"]))  # noqa: S104


def test_two_homes_on_one_machine_have_cookies_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = set()
    for home in ("a", "b", "a"):
        monkeypatch.setenv("HERD_HOME", str(tmp_path / home))
        names.add(configuration(read_arguments([])).IdentityProvider.cookie_name)

    assert len(names) == 2


def test_who_has_come_in_stays_in_after_a_new_start_until_there_is_another_key(home: Path) -> None:
    secrets = [configuration(read_arguments([])).Voila.cookie_secret for _ in range(2)]
    (home / KEY_FILE).unlink()
    secrets.append(configuration(read_arguments([])).Voila.cookie_secret)

    assert secrets[0] == secrets[1] != secrets[2]


def test_a_long_folder_for_scratch_leaves_room_for_the_names_of_sockets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("scratch" * 10)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)

    assert configuration(read_arguments([])).Voila.connection_dir_root == "/tmp"  # noqa: S108


def test_a_token_that_was_chosen_is_asked_for_on_loopback_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERD_APPS_TOKEN", "kept")

    tokens = [configuration(read_arguments(given)).Voila.token for given in ([], ["--token", "given"])]

    assert tokens == ["kept", "given"]


def test_a_forwarded_user_is_trusted_only_where_asked_for_and_only_on_loopback() -> None:
    trusting = configuration(read_arguments(["--trust-forwarded-user"]))

    assert configuration(read_arguments([])).VoilaConfiguration.http_header_envs == []
    assert trusting.VoilaConfiguration.http_header_envs == [
        "X-Forwarded-User",
        "X-Forwarded-Groups",
    ]
    with pytest.raises(ParameterError, match="loopback"):
        configuration(read_arguments(["--trust-forwarded-user", "--ip", "10.0.0.5"]))


def test_sources_and_tracebacks_stay_on_the_server() -> None:
    pages = configuration(read_arguments([])).VoilaConfiguration

    assert pages.strip_sources is True
    assert pages.show_tracebacks is False
    assert pages.file_allowlist == []


def test_a_visit_is_what_the_request_says() -> None:
    request = {"QUERY_STRING": "lang=ru&run=abc&farm=North%20Farm", "HTTP_X_FORWARDED_USER": "anna"}

    expected = Visit(language="ru", run="abc", farm="North Farm", owner="anna", is_named=True)
    assert Visit.from_environment(request) == expected
    assert Visit.from_environment({"QUERY_STRING": "lang=xx"}) == Visit()


def test_the_header_of_the_visitors_name_is_the_variable_that_a_visit_reads() -> None:
    header = HTTPHeaders({"x-forwarded-user": "anna"})

    name = next(iter(header)).upper().replace("-", "_")
    assert Visit.from_environment({f"HTTP_{name}": "anna"}).owner == "anna"


def test_the_style_sheet_has_the_colours_of_both_themes() -> None:
    sheet = stylesheet()

    assert all(f"--accent: {theme.accent};" in sheet for theme in (LIGHT, DARK))
    assert "prefers-color-scheme: dark" in sheet
    assert "@media print" in sheet


def test_only_the_pages_of_the_apps_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(PACKAGE / "jupyter"))
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # Voila would take the signals of the tests
    apps = make_apps(read_arguments(["--base-url", "/herd"]))
    apps.initialize([])
    apps.connection_dir = "unused"
    apps.init_settings()
    refused, *handlers = apps.init_handlers()
    patterns = [handler[0] for handler in handlers]

    assert isinstance(refused[0], Refused)
    assert {f"/herd/{name}" for name in app_names()} <= set(patterns)
    assert [
        p for p in patterns if any(word in p for word in ("/render/", "/tree", "/contents", "/files/"))
    ] == []


@pytest.mark.slow
def test_an_installed_package_has_pages_template_texts_and_style(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(ROOT)], check=True)
    wheel = next(tmp_path.glob("*.whl"))
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    program = (
        "from widgets.serve import app_names, notebooks, PACKAGE;"
        "from herd_engine.i18n.catalogue import catalogue;"
        "from widgets.look import stylesheet; from widgets.pages.studio import studio;"
        "template = PACKAGE / 'jupyter/nbconvert/templates/herd/index.html.j2';"
        "print(PACKAGE, app_names(), len(catalogue('ru')) > 50, template.is_file(), len(stylesheet()) > 1000,"
        " studio().root is not None, (PACKAGE / 'static/arrive.js').is_file(),"
        " (PACKAGE / 'server/words.html').is_file());"
        "from herd_engine.cli.app import command_line;"
        "command_line('notebooks')(['notebooks', 'copies'], standalone_mode=False)"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site"), "HERD_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip

    site = tmp_path / "site" / "widgets"
    first, *_ = done.stdout.splitlines()
    assert first == f"{site} {app_names()} True True True True True True"
    copies = {path.relative_to(tmp_path / "copies") for path in (tmp_path / "copies").rglob("*.*")}
    originals = [
        path for folder in ("explore", "guide") for path in (ROOT / "notebooks" / folder).glob("*.*")
    ]
    assert copies == {path.relative_to(ROOT / "notebooks") for path in originals}
