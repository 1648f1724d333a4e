"""A package that somebody installs brings an importer; one that is broken is named and costs nothing."""

import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.datasets.importers.recognition import GROUP, importers

EXAMPLE = Path(__file__).parents[3] / "example_importer"
FILE = (
    b"Cow no;Born on;Gone on;Calves had;Calved on;State;Served on;In calf since;Dry since\n"
    b"1;01.01.2022;;1;01.12.2025;milked;;;\n"
    b"2;01.01.2022;;1;01.11.2025;to the butcher;;;\n"
    b"3;01.01.2024;;0;;;28.02.2026;;\n"
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder of installed packages."""
    monkeypatch.syspath_prepend(tmp_path)
    importers.cache_clear()
    yield tmp_path
    importers.cache_clear()
    sys.modules.pop("barn_book", None)


def install(site: Path, entry_points: dict[str, str]) -> None:
    """Install the example as an installer does: its module, and what it says of itself."""
    shutil.copy(EXAMPLE / "barn_book.py", site)
    about = site / "herd_example_importer-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: herd-example-importer\nVersion: 1.0\n")
    lines = [f"{name} = {target}" for name, target in entry_points.items()]
    (about / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines]))


def read() -> HerdFile:
    return read_herd_bytes(FILE, "barn.csv")


def test_an_installed_package_reads_its_program(site: Path) -> None:
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    install(site, project["entry-points"][GROUP])
    file = read()
    (said,) = [issue for issue in file.issues if issue.code == "program_recognised"]

    assert sorted(file.herd.animal_ids) == ["1", "3"]
    assert said.params["program"] == "Barn Book"


def test_an_importer_that_cannot_be_loaded_is_named_and_the_others_go_on(site: Path) -> None:
    install(
        site, {"barn-book": "barn_book:BARN_BOOK", "gone": "barn_book:NOWHERE", "odd": "barn_book:Column"}
    )
    broken = [issue for issue in read().issues if issue.code == "importer_unusable"]

    assert [issue.params["name"] for issue in broken] == ["gone", "odd"]
