"""A page is printed wherever temporary files are."""

import tempfile
from pathlib import Path

import pytest

from pipelines.reports.pdf import find_chromium, print_page


@pytest.mark.slow
def test_a_page_is_printed_however_long_tmpdir_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "page.html").write_text("<h1>Milking cows stay near 100.</h1>")

    print_page(tmp_path / "page.html", tmp_path / "page.pdf", str(find_chromium()))

    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
