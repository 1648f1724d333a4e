"""What was answered about the herd files of a farm: the newest version is used, all tell who said what."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from herd_engine.storage.database import Database
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.run_rows import JsonObject
from herd_engine.storage.scope import row_as
from herd_engine.storage.tables import farm_answers, now


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmAnswersRow:
    """One version of a farm's answers.

    Attributes
    ----------
    farm_id : str
    version : int
        1 at first.
    owner : str
        Who answered.
    answers : dict
        All that is remembered, as ``Answers.document`` has it; empty where everything was forgotten.
    file_name : str
        Of the file that was asked about; empty where it was forgotten by hand.
    created_at : datetime
    """

    farm_id: str
    version: int
    owner: str
    answers: JsonObject
    file_name: str
    created_at: datetime


class FarmAnswers:
    """Remember, look up and list answers by farm."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def versions(self, farm_id: str) -> tuple[FarmAnswersRow, ...]:
        """Return all versions of a farm's answers, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_of(farm_id)).all()
        return tuple(row_as(FarmAnswersRow, row) for row in rows)

    def latest(self, farm_id: str) -> JsonObject:
        """Return what is remembered of a farm; nothing where nothing was answered."""
        with self._database.reading() as connection:
            row = connection.execute(_of(farm_id).limit(1)).one_or_none()
        return {} if row is None else dict(row.answers)

    def remember(self, farm_id: str, owner: str, answers: JsonObject, file_name: str) -> bool:
        """Keep another version where it differs from the newest, and tell whether it did.

        Raises
        ------
        NotFoundError
            There is no such farm.
        """
        with self._database.transaction() as connection:
            lock_farm(connection, farm_id)
            newest = connection.execute(_of(farm_id).limit(1)).one_or_none()
            version, before = (0, {}) if newest is None else (newest.version, newest.answers)
            if before == answers:
                return False
            row = {"farm_id": farm_id, "version": version + 1, "owner": owner, "answers": answers}
            connection.execute(sa.insert(farm_answers).values(**row, file_name=file_name, created_at=now()))
            return True


def _of(farm_id: str) -> sa.Select[tuple[object, ...]]:
    query = sa.select(farm_answers).where(farm_answers.c.farm_id == farm_id)
    return query.order_by(farm_answers.c.version.desc())
