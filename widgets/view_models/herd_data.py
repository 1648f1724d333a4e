"""The herd that a page is about: picked among the farm's datasets, or uploaded."""

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

from psygnal import Signal

from herd_engine.errors import HerdDataError, NotFoundError
from herd_engine.model.answers import NO_ANSWERS
from herd_engine.model.quality import QualityIssue
from herd_engine.workbench import HerdFile
from herd_engine.workbench.answer_types import Doubt
from herd_engine.workbench.answers import Dataset
from widgets.view_models.file_questions import FileQuestions
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
    ASKED = "asked"
    QUESTIONED = "questioned"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRefusal:
    """Why a file cannot be used: it is ``empty``, ``too_large``, or has these issues."""

    name: str
    reason: str = "issues"
    issues: tuple[QualityIssue, ...] = ()


class HerdData:
    """Datasets of the farm, the chosen one, and a file on its way.

    Attributes
    ----------
    stage : Stage
    datasets : tuple of Dataset
        Newest first.
    row, herd_file
        The chosen dataset; it stays while another file is refused.
    refusal : FileRefusal or None
    doubt : Doubt or None
        Why the file that came may be another farm's; it is kept once ``keep_here`` or ``keep_in`` says so.
    questions : FileQuestions or None
        What the file that came leaves open; it is read on once ``answer`` is called.
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
        self.datasets: tuple[Dataset, ...] = ()
        self.row: Dataset | None = None
        self.herd_file: HerdFile | None = None
        self.refusal: FileRefusal | None = None
        self.doubt: Doubt | None = None
        self._asked: tuple[HerdFile, bytes] | None = None
        self.questions: FileQuestions | None = None
        self._open: tuple[bytes, str] = (b"", "")
        self._said, self._remember = NO_ANSWERS, True
        self.received, self.expected = 0, 0
        self._pieces: list[bytes] = []
        self._wish: object = None
        self._choosing = Lock()

    def refresh(self) -> None:
        """Read the list of datasets again."""
        self.datasets = self._page.workbench.datasets.list(limit=SHOWN_DATASETS).items
        self.changed.emit()

    @property
    def is_changing(self) -> bool:
        """Whether another file is on its way: what is shown is of the one before."""
        return self.stage in (Stage.RECEIVING, Stage.READING)

    def begin(self, name: str, expected: int) -> bool:
        """Expect a file of so many bytes; tell whether it may come."""
        self._page.dismiss()
        self._pieces, self.received, self.expected = [], 0, expected
        self.questions, self._said, self._remember = None, NO_ANSWERS, True
        if not 0 < expected <= MAX_UPLOAD_BYTES:
            self._refuse(FileRefusal(name=name, reason="too_large" if expected else "empty"))
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
        self._move(Stage.READING)
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
            if self._wish != dataset_id:
                return
            try:
                self._take(self._page.workbench.datasets.get(dataset_id))
            except BaseException:
                self._give_up()
                raise

    def _read(self, data: bytes, name: str, wish: object) -> None:
        datasets = self._page.workbench.datasets
        try:
            herd_file = datasets.read(data, name, self._said)
            if (doubt := datasets.doubt(herd_file)) is not None:
                self.doubt, self._asked = doubt, (herd_file, data)
                self._move(Stage.ASKED)
                return
            row = datasets.keep(herd_file, data, remember=self._remember).dataset
        except HerdDataError as error:
            self._ask_or_refuse(error, data, name)
            return
        except BaseException:
            self._give_up()
            raise
        with self._choosing:
            if self._wish is wish:
                self._take(row)
        self.refresh()

    def _ask_or_refuse(self, error: HerdDataError, data: bytes, name: str) -> None:
        if not error.questions:
            self._refuse(FileRefusal(name=name, issues=error.issues))
            return
        self.questions, self._open = FileQuestions(name, error.questions, error.issues), (data, name)
        self._move(Stage.QUESTIONED)

    def answer(self) -> None:
        """Read the file on by what was chosen."""
        if self.questions is None or not self.questions.is_complete:
            return
        self._said = self.questions.answers().over(self._said)
        self._remember = self.questions.remember
        self.questions = None
        wish = self._wish = object()
        data, name = self._open
        self._move(Stage.READING)
        self._page.later(lambda: self._read(data, name, wish))

    def answer_nothing(self) -> None:
        """Forget the file and its questions."""
        self.questions, self._open = None, (b"", "")
        self._give_up()

    def left_out(self) -> HerdFile | None:
        """Return the herd file that is shown, read again: with the rows that became no animal."""
        if self.row is None:
            return None
        return self._page.workbench.datasets.read_again(self.row.id)

    @property
    def newer(self) -> Dataset | None:
        """The farm's newest herd file, where the one that is shown is older."""
        latest = self._page.workbench.datasets.latest()
        is_older = self.row is not None and latest is not None and latest.report_date > self.row.report_date
        return latest if is_older else None

    def keep_here(self) -> None:
        """Keep the file that was asked about: it is of this farm."""
        if self._asked is not None:
            row = self._page.workbench.datasets.keep(*self._asked, remember=self._remember).dataset
            self._forget_question()
            self._take(row)
            self.refresh()

    def keep_in(self, farm: str) -> str:
        """Keep the file that was asked about in another farm, and return its id there; here nothing changes.

        Raises
        ------
        NotFoundError
        """
        if self._asked is None:
            raise NotFoundError("file", farm)
        row = self._page.workbench.of_farm(farm).datasets.keep(*self._asked, remember=self._remember).dataset
        self.keep_nowhere()
        return row.id

    def keep_nowhere(self) -> None:
        """Forget the file that was asked about."""
        self._forget_question()
        self._give_up()

    def _forget_question(self) -> None:
        self.doubt, self._asked = None, None

    def _take(self, row: Dataset) -> None:
        self.herd_file = self._page.workbench.datasets.load(row.id)
        self.row, self.refusal = row, None
        self._move(Stage.READY)
        self.chosen.emit()

    def _give_up(self) -> None:
        """Expect no file any more; the herd of before stays."""
        self._move(Stage.NONE if self.row is None else Stage.READY)

    def _refuse(self, refusal: FileRefusal) -> None:
        """Say why a file is refused, and that alone."""
        self.refusal = refusal
        self._move(Stage.REFUSED)

    def _move(self, stage: Stage) -> None:
        self.stage = stage
        self.changed.emit()
