"""Herd files of a farm: kept, asked about, looked into."""

from datetime import datetime
from typing import Any

from herd_engine.calibration.fit import fit_herd
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import NO_ANSWERS, Answers, Question
from herd_engine.runs.belonging import Doubt
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.lists import all_of
from herd_engine.storage.datasets import EVERY_DATASET, DatasetFilters, DatasetRow
from herd_engine.workbench.answers import (
    MOST_LISTED,
    AddedDataset,
    Dataset,
    FarmAnswersVersion,
    Listed,
    answer,
)
from herd_engine.workbench.inspection import Inspection
from herd_engine.workbench.preflight import FarmPreflights


class Datasets:
    """Herd files of a farm."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept, self._rows = kept, kept.catalog.datasets

    def add(
        self, data: bytes, name: str, answers: Answers = NO_ANSWERS, *, same_farm: bool = False
    ) -> AddedDataset:
        """Keep a herd file; the same bytes with the same answers are the same dataset.

        What is answered is remembered for the farm's next files, and used where they need it.

        Parameters
        ----------
        data : bytes
        name : str
        answers : Answers
            How to read what the file does not say itself.
        same_farm : bool
            It is of this farm, although it may look as if it were another's.

        Raises
        ------
        HerdDataError
            With all that is wrong with the file, and all that must be answered before it is kept.
        """
        herd_file = self._rows.read(data, name, answers)
        if not same_farm and (found := self._rows.doubt(herd_file)) is not None:
            raise HerdDataError(found.words(), (), (_question(found),))
        return self.keep(herd_file, data)

    def read(self, data: bytes, name: str, answers: Answers = NO_ANSWERS) -> HerdFile:
        """Read a file of the farm: where it needs answers that are not given, by the remembered ones.

        Raises
        ------
        HerdDataError
            With all that is wrong with the file, and what must be answered.
        """
        return self._rows.read(data, name, answers)

    def doubt(self, herd_file: HerdFile) -> Doubt | None:
        """Return why a file may be another farm's, which is to be asked before it is kept; else None."""
        return self._rows.doubt(herd_file)

    def keep(self, herd_file: HerdFile, data: bytes, *, remember: bool = True) -> AddedDataset:
        """Keep a herd file that was read already, and what was answered for it; tell whether it was there."""
        added = self._rows.keep(herd_file, data, remember=remember)
        return AddedDataset(dataset=_dataset(added.dataset), is_new=added.is_new, arrival=added.arrival)

    def require_own(self, herd_file: HerdFile) -> None:
        """Refuse a file that may be another farm's: ConflictError."""
        self._rows.require_own(herd_file)

    def remember(self, herd_file: HerdFile) -> bool:
        """Remember by which answers a file was read, for the farm's next ones; tell whether any is new."""
        return self._rows.remember(herd_file)

    def keep_own(self, data: bytes, name: str) -> Dataset:
        """Keep a herd file of this farm; ConflictError where it may be another's, or breaks its contract."""
        FarmPreflights(self._kept).require({name: data})
        herd_file = self._rows.read(data, name)
        self._rows.require_own(herd_file)
        return _dataset(self._rows.keep(herd_file, data).dataset)

    def answers(self) -> Answers:
        """Return what was answered about the farm's files so far."""
        return self._rows.answers()

    def answer_versions(self) -> tuple[FarmAnswersVersion, ...]:
        """Return every version of the farm's answers, newest first: who said what, of which file."""
        return tuple(answer(FarmAnswersVersion, row) for row in self._rows.answer_versions())

    def forget_answers(self) -> bool:
        """Forget what was answered about the farm's files; tell whether there was any."""
        return self._rows.forget_answers()

    def get(self, dataset_id: str) -> Dataset:
        """Return a dataset, or raise NotFoundError."""
        return _dataset(self._rows.get(dataset_id))

    def find(self, text: str) -> Dataset:
        """Return the one dataset, archived or not, of this name or with an id that begins so."""
        return _dataset(self._rows.find(text))

    def load(self, dataset_id: str) -> HerdFile:
        """Return a kept herd file as it was read."""
        return self._rows.load(self._rows.get(dataset_id))

    def all(self) -> tuple[Dataset, ...]:
        """Return all datasets that are not archived, newest first."""
        rows = all_of(lambda cursor: self._rows.list(EVERY_DATASET, cursor, MOST_LISTED))
        return tuple(map(_dataset, rows))

    def latest(self) -> Dataset | None:
        """Return the dataset with the latest report date, of those the newest; None without any."""
        found = self._rows.latest()
        return None if found is None else _dataset(found)

    def read_again(self, dataset_id: str) -> HerdFile:
        """Return a kept herd file, read anew by the same answers: with the rows that became no animal."""
        row = self._rows.get(dataset_id)
        answers = Answers.from_document(row.answers or {})
        return read_herd_bytes(self._kept.store.datasets.original(row), row.name, answers=answers)

    def list(
        self,
        *,
        text: str | None = None,
        archived: bool = False,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> Listed[Dataset]:
        """Return a page of datasets, newest first."""
        filters = DatasetFilters(
            name=text, created_from=created_after, created_to=created_before, archived=archived
        )
        page = self._rows.list(filters, cursor, limit)
        return Listed(tuple(_dataset(row) for row in page.items), page.next_cursor)

    def rename(self, dataset_id: str, name: str) -> Dataset:
        """Give a dataset another name; finished forecasts keep the one that they were made with."""
        return _dataset(self._rows.rename(dataset_id, name))

    def archive(self, dataset_id: str, *, archived: bool = True) -> Dataset:
        """Put a dataset out of sight, or back."""
        return _dataset(self._rows.archive(dataset_id, archived=archived))

    def n_runs(self, dataset_id: str) -> int:
        """Return how many runs use a dataset."""
        return self._rows.n_runs(dataset_id)

    def delete(self, dataset_id: str) -> None:
        """Delete a dataset; ConflictError where a run uses it: archive it instead."""
        self._rows.delete(dataset_id)

    def anonymised(self) -> dict[str, bytes]:
        """Return the farm's herd files by name, with other numbers and years: to be given away.

        They forecast as the originals do; events beside the current lactations are left out.
        """
        return self._rows.anonymised()

    def original(self, dataset_id: str) -> bytes:
        """Return the bytes that were given."""
        return self._kept.store.datasets.original(self._rows.get(dataset_id))

    def status_counts(self, dataset_id: str) -> dict[str, int]:
        """Return how many rows have each status word of the file."""
        return self._kept.store.datasets.status_counts(self._rows.get(dataset_id))

    def inspection(self, dataset_id: str) -> dict[str, Any]:
        """Return what a herd file holds and what calibration makes of it: ``herd-inspection/1``."""
        herd_file = self._rows.load(self._rows.get(dataset_id))
        return Inspection(herd_file=herd_file, fit=fit_herd(herd_file.records)).document()


def _question(found: Doubt) -> Question:
    """Return a doubt as what is asked before a file is kept."""
    samples = tuple({"animal": number, "lactation": str(lactation)} for number, lactation in found.samples)
    return Question(
        code=f"farm_{found.case}",
        field="same_farm",
        subject=", ".join(found.farms) or found.farm,
        choices=("true",),
        samples=samples,
        row_count=found.n_animals,
        option="--same-farm",
    )


def _dataset(row: DatasetRow) -> Dataset:
    return answer(Dataset, row)
