"""Rows of stored herd files; the files themselves are in the file store."""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from herd_engine.errors import ConflictError
from herd_engine.model.arrival import NOTHING_CAME_OF_IT, Arrival
from herd_engine.storage.database import Database, lock_content, upsert
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.metric_counts import dataset_counts
from herd_engine.storage.names import checked_name, name_contains, name_key
from herd_engine.storage.paging import ListPage, Request, created_between, read_page
from herd_engine.storage.run_rows import JsonObject
from herd_engine.storage.scope import Scope, require, row_as
from herd_engine.storage.tables import dataset, now, run
from herd_engine.storage.tally import add_to_tally


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDataset:
    """A herd file to be kept.

    Attributes
    ----------
    farm_id, owner : str
    sha256 : str
        Identity: of the bytes and how they were read. The same file read alike is one dataset.
    file_sha256 : str
        Of the original bytes.
    answers : dict, optional
        What people said of the file; None where that is not known, as of versions that did not keep it.
    name : str
    n_rows : int
    report_date : date
    quality : list of dict
        Issues of the file, as ``datasets`` words them.
    counts : dict of str to int
        Animals by state.
    """

    farm_id: str
    owner: str
    sha256: str
    file_sha256: str
    answers: JsonObject | None
    name: str
    n_rows: int
    report_date: date
    quality: list[JsonObject]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow(NewDataset):
    """A dataset as stored."""

    id: str
    created_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class AddedDatasetRow:
    """A dataset that was added, or the one of the same identity that was there."""

    dataset: DatasetRow
    is_new: bool
    arrival: Arrival = NOTHING_CAME_OF_IT


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFilters:
    """Which datasets a list shows: by part of the name and by when they were added; archived ones or not."""

    name: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    archived: bool = False


EVERY_DATASET = DatasetFilters()


class DatasetTable:
    """Add, find, rename, archive and delete datasets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewDataset, keep_files: Callable[[], None]) -> AddedDatasetRow:
        """Add a dataset; of an identity that the farm has already, return that one, no longer archived.

        Parameters
        ----------
        new : NewDataset
        keep_files : callable
            Sees to it that the files are there. Called while nobody can delete files of this identity.

        Raises
        ------
        NotFoundError
            There is no such farm.
        """
        name = checked_name(new.name)
        values = asdict(new) | {"name": name, "name_key": name_key(name)}
        row_id = str(uuid.uuid4())
        with self._database.transaction() as connection:
            lock_farm(connection, new.farm_id)
            lock_content(connection, new.sha256)
            keep_files()
            insert = upsert(connection, dataset).values(id=row_id, created_at=now(), **values)
            change = insert.on_conflict_do_update(
                index_elements=["farm_id", "sha256"], set_={"archived_at": None}
            )
            row = row_as(DatasetRow, connection.execute(change.returning(dataset)).one())
            return AddedDatasetRow(row, row.id == row_id)

    def get(self, scope: Scope, dataset_id: str) -> DatasetRow:
        """Return a dataset, or raise NotFoundError."""
        with self._database.reading() as connection:
            return row_as(DatasetRow, require(connection, dataset, scope, dataset_id))

    def farms_with(self, file_sha256: str) -> frozenset[str]:
        """Return the ids of the farms that have a file of these bytes, archived or not."""
        query = sa.select(dataset.c.farm_id).where(dataset.c.file_sha256 == file_sha256)
        with self._database.reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def by_farm(self) -> dict[str, frozenset[str]]:
        """Return the ids of the datasets of each farm that are not archived."""
        query = sa.select(dataset.c.farm_id, dataset.c.id).where(dataset.c.archived_at.is_(None))
        found: dict[str, set[str]] = {}
        with self._database.reading() as connection:
            for farm_id, dataset_id in connection.execute(query):
                found.setdefault(farm_id, set()).add(dataset_id)
        return {farm_id: frozenset(ids) for farm_id, ids in found.items()}

    def latest(self, farm_id: str) -> DatasetRow | None:
        """Return the dataset of a farm with the latest report date that is not archived; None without one."""
        query = sa.select(dataset).where(dataset.c.farm_id == farm_id, dataset.c.archived_at.is_(None))
        newest_first = (dataset.c.report_date.desc(), dataset.c.created_at.desc())
        with self._database.reading() as connection:
            row = connection.execute(query.order_by(*newest_first).limit(1)).one_or_none()
            return None if row is None else row_as(DatasetRow, row)

    def list_datasets(
        self,
        scope: Scope,
        filters: DatasetFilters = EVERY_DATASET,
        cursor: str | None = None,
        limit: int = 20,
    ) -> ListPage[DatasetRow]:
        """Return a page of datasets, newest first.

        Raises
        ------
        ParameterError
            ``limit`` is not within 1 … 500, or the cursor is of another list.
        """
        query = sa.select(dataset).where(scope.holds(dataset), *_conditions(filters))
        order = (dataset.c.created_at, dataset.c.id)
        with self._database.reading() as connection:
            return read_page(
                connection, query, order, Request(cursor, limit), lambda row: row_as(DatasetRow, row)
            )

    def rename(self, scope: Scope, dataset_id: str, name: str) -> DatasetRow:
        """Give a dataset another name; names need not be unique."""
        name = checked_name(name)
        return self._update(scope, dataset_id, name=name, name_key=name_key(name))

    def archive(self, scope: Scope, dataset_id: str, *, archived: bool = True) -> DatasetRow:
        """Put a dataset out of sight, or back."""
        return self._update(scope, dataset_id, archived_at=now() if archived else None)

    def delete(self, scope: Scope, dataset_id: str, delete_files: Callable[[str], None]) -> None:
        """Delete a dataset.

        Parameters
        ----------
        scope : Scope
        dataset_id : str
        delete_files : callable
            Deletes the files of this identity. Called where no farm has it any more, while nobody can
            add it; if it raises, the dataset stays.

        Raises
        ------
        ConflictError
            A run uses it.
        NotFoundError
        """
        try:
            with self._database.transaction() as connection:
                lock_farm(connection, scope.farm_id)  # nobody submits a run of it meanwhile
                sha256 = require(connection, dataset, scope, dataset_id).sha256
                lock_content(connection, sha256)
                add_to_tally(connection, dataset_counts(connection, dataset.c.id == dataset_id))
                connection.execute(sa.delete(dataset).where(dataset.c.id == dataset_id))
                others = sa.select(dataset.c.id).where(dataset.c.sha256 == sha256).limit(1)
                if connection.execute(others).one_or_none() is None:
                    delete_files(sha256)
        except IntegrityError as error:
            raise ConflictError(
                "The dataset is used by runs and cannot be deleted; archive it instead.", "dataset_used"
            ) from error

    def n_runs(self, scope: Scope, dataset_id: str) -> int:
        """Return how many runs use a dataset."""
        query = sa.select(sa.func.count()).select_from(run).where(run.c.dataset_id == dataset_id)
        with self._database.reading() as connection:
            require(connection, dataset, scope, dataset_id)
            return int(connection.execute(query).scalar_one())

    def _update(self, scope: Scope, dataset_id: str, **values: Any) -> DatasetRow:
        change = sa.update(dataset).where(dataset.c.id == dataset_id).values(**values).returning(dataset)
        with self._database.transaction() as connection:
            require(connection, dataset, scope, dataset_id)
            return row_as(DatasetRow, connection.execute(change).one())


def _conditions(filters: DatasetFilters) -> list[sa.ColumnElement[bool]]:
    conditions = created_between(dataset.c.created_at, filters.created_from, filters.created_to)
    if not filters.archived:
        conditions.append(dataset.c.archived_at.is_(None))
    if filters.name:
        conditions.append(name_contains(dataset.c.name_key, filters.name))
    return conditions
