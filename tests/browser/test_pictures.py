"""The pictures of the README, made by the command that it names."""

import re
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from herd_engine.errors import ServiceError
from pipelines import pictures
from pipelines.pictures import DESK, PHONE, PICTURES, make_pictures
from pipelines.reports.pdf import find_chromium
from tests.stores import absent

ROOT = Path(__file__).parents[2]


def size_of(picture: Path) -> tuple[int, int]:
    """Return width and height of a PNG, as its header says them."""
    return struct.unpack(">II", picture.read_bytes()[16:24])


def test_the_readme_shows_every_picture_and_no_other() -> None:
    shown = re.findall(r"!\[[^]]+\]\(notebooks/images/(\w+)\.png\)", (ROOT / "README.md").read_text("utf-8"))

    assert sorted(shown) == sorted(PICTURES)
    assert {path.stem for path in (ROOT / "notebooks" / "images").iterdir()} == set(PICTURES)


def test_pictures_are_small_enough_for_a_repository() -> None:
    sizes = [path.stat().st_size for path in (ROOT / "notebooks" / "images").iterdir()]

    assert max(sizes) < 250_000


@pytest.mark.slow
def test_the_command_takes_every_picture_at_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if find_chromium() is None:
        absent("no browser: install Chromium to take pictures")
    monkeypatch.setattr(pictures, "LONG_RUN", 20_000)

    # In a thread of its own: the browser of the other tests may be open in this one.
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(make_pictures, tmp_path, animals=300, runs=40).result()

    assert {path.stem: size_of(path) for path in made} == dict.fromkeys(PICTURES, DESK) | {"phone": PHONE}


def test_without_a_browser_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERD_CHROMIUM", "/dev/null")

    with pytest.raises(ServiceError, match="no Chromium was found"):
        make_pictures(tmp_path)
