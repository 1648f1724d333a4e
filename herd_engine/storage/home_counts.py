"""What a home holds, counted: farms, herd files, animals, runs by state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from herd_engine.model.run_status import RunStatus
from herd_engine.storage.database import Database
from herd_engine.storage.tables import dataset, farm, run


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmHerd:
    """A farm that is not archived, and its newest herd file.

    Attributes
    ----------
    farm_id, name : str
    report_date : datetime.date or None
        Of the newest file; None where there is none.
    animals : int
        On the farm at that date.
    """

    farm_id: str
    name: str
    report_date: date | None
    animals: int


class HomeCounts:
    """Counts over some farms.

    Parameters
    ----------
    database : Database
    farm_ids : sequence of str, optional
        Those that are counted; all by default.
    """

    def __init__(self, database: Database, farm_ids: Sequence[str] | None = None) -> None:
        self._database = database
        self._farm_ids = None if farm_ids is None else tuple(farm_ids)

    def runs(self) -> dict[RunStatus, int]:
        """Return how many runs are in each state, those in which none is too."""
        query = sa.select(run.c.status, sa.func.count()).where(self._of(run.c.farm_id)).group_by(run.c.status)
        with self._database.reading() as connection:
            found = {RunStatus(status): int(n) for status, n in connection.execute(query)}
        return {status: found.get(status, 0) for status in RunStatus}

    def herd_files(self) -> int:
        """Return how many herd files are kept, archived ones too."""
        query = sa.select(sa.func.count()).select_from(dataset).where(self._of(dataset.c.farm_id))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def herds(self) -> tuple[FarmHerd, ...]:
        """Return the farms by name, each with its newest herd file that is not archived."""
        newest_first = (dataset.c.report_date.desc(), dataset.c.created_at.desc(), dataset.c.id)
        rank = sa.func.row_number().over(partition_by=dataset.c.farm_id, order_by=newest_first)
        ranked = (
            sa.select(dataset.c.farm_id, dataset.c.report_date, dataset.c.counts, rank.label("rank"))
            .where(dataset.c.archived_at.is_(None))
            .subquery()
        )
        query = (
            sa.select(farm.c.id, farm.c.name, ranked.c.report_date, ranked.c.counts)
            .outerjoin(ranked, sa.and_(ranked.c.farm_id == farm.c.id, ranked.c.rank == 1))
            .where(farm.c.archived_at.is_(None), self._of(farm.c.id))
            .order_by(farm.c.name, farm.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(
            FarmHerd(
                farm_id=row.id,
                name=row.name,
                report_date=row.report_date,
                animals=sum((row.counts or {}).values()),
            )
            for row in rows
        )

    def oldest_queued_at(self) -> datetime | None:
        """Return since when the oldest queued run waits."""
        of_queue = sa.and_(run.c.status == RunStatus.QUEUED, self._of(run.c.farm_id))
        with self._database.reading() as connection:
            oldest: datetime | None = connection.execute(
                sa.select(sa.func.min(run.c.queued_at)).where(of_queue)
            ).scalar_one()
        return oldest

    def _of(self, column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        return sa.true() if self._farm_ids is None else column.in_(self._farm_ids)
