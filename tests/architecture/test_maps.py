"""Each folder's README is its map: it names every room, and what it mentions is there."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAPS = {
    name: ROOT / name / "README.md" for name in ("herd_engine", "widgets", "pipelines", "notebooks", "tests")
}
READ_FIRST = {"": ROOT / "README.md", ".github": ROOT / ".github" / "CONTRIBUTING.md"}
GUIDE = sorted((ROOT / "notebooks" / "guide").glob("*.md"))
ENDINGS = "py|json|yaml|ipynb|js|css|md|toml|html|txt|yml"


def rooms_of(folder: Path) -> set[str]:
    """Return the folders of a folder, and the packages below them, by their paths."""
    files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    folders = {path.relative_to(folder).parts[0] for path in files if path.parent != folder}
    packages = {path.parent.relative_to(folder).as_posix() for path in files if path.name == "__init__.py"}
    return {name for name in folders | packages if not name.startswith(".")}


def named_in(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```", "", text)))


def paths_in(text: str, rooms: Iterable[str] = MAPS) -> set[str]:
    """Return what is written as a path of this project: with a known ending, or below a room."""
    return {
        name
        for name in named_in(text)
        if re.fullmatch(r"\w[\w./-]*", name)
        and (re.search(rf"\w\.(?:{ENDINGS})$", name) or ("/" in name and name.partition("/")[0] in rooms))
    }


@pytest.mark.parametrize("folder", MAPS)
def test_a_map_names_every_room(folder: str) -> None:
    named = named_in(MAPS[folder].read_text("utf-8"))

    def is_named(room: str) -> bool:
        return bool({room, room.rpartition("/")[2]} & named) or any(n.startswith(f"{room}/") for n in named)

    assert {room for room in rooms_of(ROOT / folder) if not is_named(room)} == set()


@pytest.mark.parametrize("folder", [*MAPS, *READ_FIRST])
def test_what_a_map_mentions_is_there(folder: str) -> None:
    text = {**MAPS, **READ_FIRST}[folder].read_text("utf-8")
    here = ROOT / folder
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)

    written = paths_in(text, {*MAPS, *rooms_of(here)} if folder else MAPS)
    assert sorted(p for p in written if not ((here / p).exists() or (ROOT / p).exists())) == []
    assert sorted(link for link in links if not (here / link).exists()) == []


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: page.stem)
def test_what_a_page_of_the_guide_mentions_is_there(page: Path) -> None:
    text = page.read_text("utf-8")

    assert "](" not in text, "a copy has nothing beside it that a link could lead to"
    assert [p for p in paths_in(text) if not ((page.parent / p).exists() or (ROOT / p).exists())] == []


def test_the_first_page_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize(
    "name", ["gone.py", "herd_engine/gone", "datasets/gone.yaml", "widgets/gone/part.js"]
)
def test_a_path_that_is_gone_would_be_seen(name: str) -> None:
    assert paths_in(f"as `{name}` is one, not `--option` or `/api/v1/farms` or `herd demo`") == {name}
