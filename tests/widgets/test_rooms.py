import re
import subprocess
import sys
from pathlib import Path

import pytest

WIDGETS = Path(__file__).parents[2] / "widgets"
HEAVY = ("dask", "distributed", "duckdb", "pyiceberg", "voila", "jupyter_server", "s3fs", "psycopg", "redis")


def modules_after(code: str) -> set[str]:
    program = f"import sys; {code}; print(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_view_models_know_no_widgets() -> None:
    names = [path.stem for path in (WIDGETS / "view_models").glob("*.py") if path.stem != "__init__"]
    code = "; ".join(f"import widgets.view_models.{name}" for name in names)

    assert names
    assert modules_after(code) & {"ipywidgets", "anywidget", "IPython", "traitlets"} == set()


@pytest.mark.parametrize("path", sorted((WIDGETS / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_loads_nothing_heavy(path: Path) -> None:
    assert modules_after(f"import widgets.pages.{path.stem}") & set(HEAVY) == set()


def test_pages_use_nothing_that_hangs_or_blocks() -> None:
    pages = [path for path in WIDGETS.rglob("*.py") if "server" not in path.relative_to(WIDGETS).parts]
    code = "\n".join(path.read_text("utf-8") for path in pages)

    words = ("interact(", "Output(", "import asyncio", "print(")
    assert [word for word in words if re.search(rf"\b{re.escape(word)}", code)] == []


def test_controls_and_pages_load_nothing_from_elsewhere() -> None:
    files = [*WIDGETS.rglob("*.js"), *WIDGETS.rglob("*.css"), *WIDGETS.rglob("*.j2"), *WIDGETS.rglob("*.py")]

    assert [path.name for path in files if "https://" in path.read_text("utf-8")] == []
