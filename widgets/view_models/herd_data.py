"""The herd that a page is about: picked among the farm's datasets, or uploaded."""

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

from psygnal import Signal

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.errors import HerdDataError
from herd_engine.model.quality import QualityIssue
from herd_engine.storage.datasets import DatasetRow
from widgets.view_models.page_model import PageModel

MAX_UPLOAD_BYTES = 20 * 2**20
SHOWN_DATASETS = 50


class Stage(StrEnum):
    """Where the herd is."""

    NONE = "none"
    RECEIVING = "receiving"
    READING = "reading"
    READY = "ready"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a file cannot be used."""

    name: str
    issues: tuple[QualityIssue, ...]


class HerdData:
    """Datasets of the farm, the chosen one, and a file on its way.

    Attributes
    ----------
    stage : Stage
    datasets : tuple of DatasetRow
        Newest first.
    row, herd_file
        The chosen dataset; it stays while another file is refused.
    refusal : Refusal or None
    received, expected : int
        Bytes of the file on its way.

    Notes
    -----
    Herds are read in the background, some faster than others: whichever was wished for last is shown.
    """

    changed = Signal()
    chosen = Signal()

    def __init__(self, page: PageModel) -> None:
        self._page = page
        self.stage = Stage.NONE
        self.datasets: tuple[DatasetRow, ...] = ()
        self.row: DatasetRow | None = None
        self.herd_file: HerdFile | None = None
        self.refusal: Refusal | None = None
        self.received, self.expected = 0, 0
        self._pieces: list[bytes] = []
        self._wish: object = None
        self._choosing = Lock()

    def refresh(self) -> None:
        """Read the list of datasets again."""
        self.datasets = self._page.workbench.catalog.datasets.list(limit=SHOWN_DATASETS).items
        self.changed.emit()

    def begin(self, expected: int) -> bool:
        """Expect a file of so many bytes; tell whether it may come."""
        self._pieces, self.received, self.expected = [], 0, expected
        if expected > MAX_UPLOAD_BYTES:
            return False
        self._move(Stage.RECEIVING)
        return True

    def receive(self, name: str, piece: bytes) -> None:
        """Take the next piece of the file; with the last one, read it."""
        if self.stage is not Stage.RECEIVING or self.received + len(piece) > self.expected:
            return
        self._pieces.append(piece)
        self.received += len(piece)
        if self.received < self.expected:
            self.changed.emit()
            return
        data, self._pieces = b"".join(self._pieces), []
        self._move(Stage.READING)
        wish = self._wish = object()
        self._page.later(lambda: self._read(data, name, wish))

    def look_at(self, dataset_id: str) -> None:
        """Take a kept dataset, read in the background."""
        self._wish = dataset_id
        self._page.later(lambda: self._choose_wished(dataset_id))

    def choose(self, dataset_id: str) -> None:
        """Take a kept dataset; NotFoundError where the farm has none of this id."""
        self._wish = dataset_id
        self._choose_wished(dataset_id)

    def leave(self) -> None:
        """Show no herd any more; what is kept stays."""
        self._wish, self.row, self.herd_file = None, None, None
        self._move(Stage.NONE)
        self.chosen.emit()

    def _choose_wished(self, dataset_id: str) -> None:
        with self._choosing:
            if self._wish == dataset_id:
                self._take(self._page.workbench.catalog.datasets.get(dataset_id))

    def _read(self, data: bytes, name: str, wish: object) -> None:
        try:
            row = self._page.workbench.kept.add_dataset(data, name)
        except HerdDataError as error:
            self.refusal = Refusal(name=name, issues=error.issues)
            self._move(Stage.REFUSED)
            return
        with self._choosing:
            if self._wish is wish:
                self._take(row)
        self.refresh()

    def _take(self, row: DatasetRow) -> None:
        self.herd_file = self._page.workbench.kept.store.datasets.load(row)
        self.row, self.refusal = row, None
        self._move(Stage.READY)
        self.chosen.emit()

    def _move(self, stage: Stage) -> None:
        self.stage = stage
        self.changed.emit()
