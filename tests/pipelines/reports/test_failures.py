"""However the making of a report ends, it says so everywhere, keeps what was finished, and leaves nothing."""

import json
import os
import select
import threading
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

import pytest

from herd_engine.errors import HerdDataError, OutputError
from herd_engine.model.quality import QualityIssue, Severity
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store, StoreSettings
from pipelines.reports.edition import Order, make_edition
from pipelines.reports.journal import Journal
from pipelines.reports.manifest import ReportStatus
from tests.pipelines.reports.conftest import bench_of, is_running, kernel_of

pytestmark = pytest.mark.slow

SAYINGS = {
    "failed": ("ValueError", "the barn is empty", 3),
    "timeout of a cell": ("TIME_LIMIT", "a section took longer than 5 s", 4),
    "timeout of all": ("TIME_LIMIT", "the report took longer than 120 s", 4),
    "killed": ("KERNEL_DIED", "ended unexpectedly", 138),
    "terminated": ("KERNEL_DIED", "ended unexpectedly", 138),
}
CODES = {
    "failed": "raise ValueError('the barn is empty')",
    "timeout of a cell": "time.sleep(600)",
    "timeout of all": "time.sleep(600)",
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "terminated": "os.kill(os.getpid(), signal.SIGTERM); time.sleep(600)",
}
LIMITS = {"timeout of a cell": {"cell_seconds": 5.0}}


def states(journal: Journal, manifest) -> dict[str, str]:
    notebook = json.loads((journal.folder(manifest) / "report.ipynb").read_bytes())
    return {
        cell["id"]: cell["metadata"]["papermill"]["status"]
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and "injected-parameters" not in cell["metadata"].get("tags", [])
    }


@pytest.mark.parametrize("what", CODES)
def test_a_report_that_breaks_keeps_what_was_finished_and_says_why(
    what, order_of, kept, journal, tmp_path, monkeypatch
):
    order = order_of(CODES[what], **LIMITS.get(what, {}))
    code, reason, exit_code = SAYINGS[what]

    def tell(_cell: int, _cells: int, section: str) -> None:
        if (what, section) == ("timeout of all", "due"):  # its limit is reached without waiting for it
            monkeypatch.setattr("pipelines.reports.process.monotonic", lambda: monotonic() + 120)

    manifest = make_edition(order, bench_of(kept), journal, threading.Event(), tell)

    assert manifest.status.exit_code == exit_code
    assert (manifest.error.code, manifest.error.section) == (code, "due")
    assert reason in manifest.error.message
    page = (journal.folder(manifest) / "report.html").read_text(encoding="utf-8")
    assert "<p>first section</p>" in page
    assert "last section" not in page
    assert 'role="alert"' in page
    assert "It stopped at: Due within nine months." in page
    assert reason in page
    assert manifest.id in page
    assert "North &lt;&amp;&gt; South" in page
    assert states(journal, manifest) == {
        "parameters": "completed",
        "today": "completed",
        "due": "failed",
        "months": "pending",
    }
    assert journal.read(manifest) == manifest
    assert journal.finished("quality", manifest.id) is None
    assert not is_running(kernel_of(tmp_path))
    assert list((journal.root / "working").iterdir()) == []


def test_a_canceled_report_ends_at_once_and_leaves_nothing_running(order_of, kept, journal, tmp_path):
    order, stop = order_of("time.sleep(600)"), threading.Event()
    reached = []

    def tell(_cell: int, cells: int, section: str) -> None:
        reached.append((section, cells))
        if section == "due":
            stop.set()

    manifest = make_edition(order, bench_of(kept), journal, stop, tell)

    assert (manifest.status, manifest.error.code, manifest.error.section) == (
        ReportStatus.CANCELED,
        "CANCELED",
        "due",
    )
    assert reached[-1] == ("due", 5)  # papermill adds a cell for the parameters
    assert not is_running(kernel_of(tmp_path))


def test_a_report_that_succeeds_has_no_banner_and_all_sections(order_of, kept, journal):
    manifest = make_edition(order_of("1 + 1"), bench_of(kept), journal, threading.Event(), lambda *_: None)

    page = (journal.folder(manifest) / "report.html").read_text(encoding="utf-8")
    assert (manifest.status, manifest.error) == (ReportStatus.SUCCEEDED, None)
    assert 'role="alert"' not in page
    assert page.index("first section") < page.index("last section")
    assert set(states(journal, manifest).values()) == {"completed"}
    assert journal.finished("quality", manifest.id) == manifest


def test_a_full_disk_is_an_error_that_leaves_nothing_half_kept(order_of, kept, tiny_disk: Path):
    journal = Journal(tiny_disk)
    order = order_of("print('x' * 3_000_000)")

    with pytest.raises((OSError, OutputError), match=r"No space left|cannot be written"):
        make_edition(order, bench_of(kept), journal, threading.Event(), lambda *_: None)

    assert journal.editions() == []
    assert list((journal.root / "working").iterdir()) == []


def test_a_herd_file_that_cannot_be_used_makes_a_report_that_lists_why(order_of, kept, journal):
    issue = QualityIssue(
        code="no_rows", severity=Severity.ERROR, message="The file has no rows.", blocking=True
    )
    order = order_of("1", problem=HerdDataError("farm.csv cannot be used.", (issue,)))

    manifest = make_edition(order, bench_of(kept), journal, threading.Event(), lambda *_: None)

    page = (journal.folder(manifest) / "report.html").read_text(encoding="utf-8")
    said = "The file has a header but no animals. Export it again."
    assert manifest.status is ReportStatus.FAILED
    assert manifest.error.message == said
    assert f"Why: {said}" in page


def test_nothing_is_left_where_whoever_makes_a_report_is_killed(order_of, kept, journal, tmp_path):
    order = order_of("time.sleep(600)")
    maker = get_context("spawn").Process(
        target=make_until_killed,
        args=(order, kept.store.settings.home, journal.root.parent, str(tmp_path / "said")),
    )
    os.mkfifo(tmp_path / "said")
    maker.start()
    assert (tmp_path / "said").read_text() == "due"  # waits for the section that never ends
    kernel = os.pidfd_open(kernel_of(tmp_path))

    maker.kill()
    maker.join()

    ended, _, _ = select.select([kernel], [], [], 30)
    assert ended
    assert [path.suffix for path in sorted((journal.root / "working").iterdir())] == ["", ".lock"]
    with journal.working_folder() as folder:
        left = {path for path in (journal.root / "working").iterdir() if path.is_dir()}
        assert left == {folder}
    os.close(kernel)


def make_until_killed(order: Order, home: Path, journal: Path, said: str) -> None:
    """Make a report that never ends; say when it has come to the section that does not."""
    kept = KeptRuns(Store(StoreSettings.embedded(home)), "local")

    def tell(_cell: int, _cells: int, section: str) -> None:
        if section == "due":
            Path(said).write_text(section)

    make_edition(order, bench_of(kept), Journal(journal), threading.Event(), tell)
