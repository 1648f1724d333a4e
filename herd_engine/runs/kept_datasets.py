"""Herd files of a farm that are kept, and what was answered about them."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from herd_engine.datasets.anonymous import anonymised_csv, days_earlier, first_day
from herd_engine.datasets.herd_file import NO_MAP, HerdFile, read_herd_bytes
from herd_engine.datasets.history import history
from herd_engine.datasets.remembered import to_remember
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.model.arrival import NOTHING_CAME_OF_IT, Arrival
from herd_engine.model.changes import History
from herd_engine.model.visitor import ADD, WRITE
from herd_engine.runs.access import FarmAccess
from herd_engine.runs.belonging import Doubt, doubt
from herd_engine.runs.kept_contracts import KeptContracts
from herd_engine.runs.kept_farms import KeptFarms
from herd_engine.runs.lists import all_of, only
from herd_engine.runs.store import Store
from herd_engine.storage.access_key import secret
from herd_engine.storage.datasets import EVERY_DATASET, AddedDatasetRow, DatasetFilters, DatasetRow
from herd_engine.storage.farm_answers import FarmAnswers, FarmAnswersRow
from herd_engine.storage.paging import MAX_LIMIT, ListPage
from herd_engine.storage.scope import Scope


class KeptDatasets:
    """Herd files of a farm."""

    def __init__(self, store: Store, access: FarmAccess, farms: KeptFarms, contracts: KeptContracts) -> None:
        self._contracts = contracts
        self._store, self._access, self._farms = store, access, farms
        self._rows = store.datasets.rows
        self._answers = FarmAnswers(store.database)
        self.arrived: Callable[[DatasetRow], Arrival] = lambda _: NOTHING_CAME_OF_IT

    @property
    def _scope(self) -> Scope:
        return self._access.scope

    def answers(self) -> Answers:
        """Return what was answered about the farm's files so far."""
        return Answers.from_document(self._answers.latest(self._scope.farm_id))

    def answer_versions(self) -> tuple[FarmAnswersRow, ...]:
        """Return every version of the farm's answers, newest first: who said what, of which file."""
        return self._answers.versions(self._scope.farm_id)

    def remember(self, herd_file: HerdFile) -> bool:
        """Remember by which answers a file was read, for the farm's next ones; tell whether any is new."""
        self._access.require(WRITE, ADD)
        said = herd_file.answers.without_pairs(self._contracts.words())  # the contract keeps its own
        answers = to_remember(said, self.answers()).document()
        return self._answers.remember(self._scope.farm_id, self._access.owner, answers, herd_file.name)

    def adopt(self, answers: Answers, origin: str) -> bool:
        """Take over what another farm answered, where this one says nothing; tell whether any is new."""
        self._access.require(WRITE, ADD)
        together = self.answers().over(answers).document()
        return self._answers.remember(self._scope.farm_id, self._access.owner, together, origin)

    def forget_answers(self) -> bool:
        """Forget what was answered; earlier versions stay to be looked at. Tell whether there was any."""
        self._access.require(WRITE)
        return self._answers.remember(self._scope.farm_id, self._access.owner, {}, "")

    def read(
        self, data: bytes, name: str, answers: Answers = NO_ANSWERS, *, contract_version: int | None = None
    ) -> HerdFile:
        """Read a file of the farm: where it needs answers that are not given, by the remembered ones.

        Last come the words of the farm's own contract, of its newest version unless another is named.

        Raises
        ------
        HerdDataError
            With all that is wrong with the file, and what must be answered.
        """
        known = self.answers().over(self._contracts.words(contract_version))
        contract = self._contracts.of_reading(contract_version)
        return read_herd_bytes(data, name, answers=answers, remembered=known, contract=contract)

    def add(
        self,
        data: bytes,
        name: str,
        *,
        column_map: Mapping[str, str] = NO_MAP,
        answers: Answers = NO_ANSWERS,
    ) -> DatasetRow:
        """Keep a herd file; the same bytes with the same answers are the same dataset."""
        return self.add_or_find(data, name, column_map=column_map, answers=answers).dataset

    def add_or_find(
        self,
        data: bytes,
        name: str,
        *,
        column_map: Mapping[str, str] = NO_MAP,
        answers: Answers = NO_ANSWERS,
    ) -> AddedDatasetRow:
        """Keep a herd file, and tell whether it was there already."""
        told = Answers.of(columns=column_map).over(answers)
        return self.keep(self.read(data, name, told), data)

    def keep(self, herd_file: HerdFile, data: bytes, *, remember: bool = True) -> AddedDatasetRow:
        """Keep a herd file that was read already, and what was answered for it; tell whether it was there.

        A new one is told to ``arrived``: what came of that is told too.
        """
        self._access.require(WRITE, ADD)
        added = self._store.datasets.add(self._scope.farm_id, self._access.owner, herd_file, data)
        if remember:
            self.remember(herd_file)
        return replace(added, arrival=self.arrived(added.dataset)) if added.is_new else added

    def doubt(self, herd_file: HerdFile) -> Doubt | None:
        """Return why a file may be another farm's, which is to be asked before it is kept; else None."""
        return doubt(self._store, self._scope.farm_id, herd_file, self._farms.list())

    def require_own(self, herd_file: HerdFile) -> None:
        """Refuse a file that may be another farm's: ConflictError."""
        if (found := self.doubt(herd_file)) is not None:
            raise found.error()

    def get(self, dataset_id: str) -> DatasetRow:
        """Return a dataset, or raise NotFoundError."""
        return self._rows.get(self._scope, dataset_id)

    def find(self, text: str) -> DatasetRow:
        """Return the one dataset, archived or not, of this name or with an id that begins so."""
        filters = DatasetFilters(archived=True)
        rows = all_of(lambda cursor: self.list(filters, cursor, MAX_LIMIT))
        return only("dataset", text, rows)

    def latest(self) -> DatasetRow | None:
        """Return the dataset with the latest report date; None without any."""
        return self._rows.latest(self._scope.farm_id)

    def list(
        self, filters: DatasetFilters = EVERY_DATASET, cursor: str | None = None, limit: int = 20
    ) -> ListPage[DatasetRow]:
        """Return a page of datasets, newest first."""
        return self._rows.list_datasets(self._scope, filters, cursor, limit)

    def load(self, dataset: DatasetRow) -> HerdFile:
        """Return a kept herd file as it was read."""
        return self._store.datasets.load(dataset)

    def anonymised(self) -> dict[str, bytes]:
        """Return the farm's herd files, without archived ones, with other numbers and years; oldest first.

        Numbers and years are changed by a secret of the home, for all files of the farm alike: they can be
        joined, and only who has the home can tell which animal is which.
        """
        rows = all_of(lambda cursor: self.list(EVERY_DATASET, cursor, MAX_LIMIT))
        files = sorted((self.load(row) for row in rows), key=lambda file: file.herd.report_date)
        if not files:
            return {}
        key = secret(self._store.settings.home, "anonymous.key").encode()[:64]
        farm = self._scope.farm_id
        earlier = days_earlier(key, farm, min(first_day(file.records) for file in files))
        return {
            f"export-{place}.csv": anonymised_csv(file.records, key, farm, earlier)
            for place, file in enumerate(files, 1)
        }

    def history(self) -> History:
        """Return what the farm's herd files tell together; without those that are archived."""
        rows = all_of(lambda cursor: self.list(EVERY_DATASET, cursor, MAX_LIMIT))
        return history([self.load(row) for row in rows])

    def rename(self, dataset_id: str, name: str) -> DatasetRow:
        """Give a dataset another name; finished forecasts keep the one that they were made with."""
        self._access.require(WRITE)
        return self._rows.rename(self._scope, dataset_id, name)

    def archive(self, dataset_id: str, *, archived: bool = True) -> DatasetRow:
        """Put a dataset out of sight, or back."""
        self._access.require(WRITE)
        return self._rows.archive(self._scope, dataset_id, archived=archived)

    def n_runs(self, dataset_id: str) -> int:
        """Return how many runs use a dataset."""
        return self._rows.n_runs(self._scope, dataset_id)

    def delete(self, dataset_id: str) -> None:
        """Delete a dataset, and its files where no other farm has the same one.

        Raises
        ------
        ConflictError
            A run uses it: archive it instead.
        NotFoundError
        """
        self._access.require(WRITE)
        self._store.datasets.delete(self._scope, dataset_id)
