"""Rows of the files of runs; the files themselves are in the file store."""

import sqlalchemy as sa

from herd_engine.errors import NotFoundError
from herd_engine.storage.database import Database
from herd_engine.storage.run_rows import ArtifactRow
from herd_engine.storage.scope import Scope, require, row_as
from herd_engine.storage.tables import artifact, run


class Artifacts:
    """Files of runs: publishing a run writes their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_artifacts(self, scope: Scope, run_id: str) -> tuple[ArtifactRow, ...]:
        """Return the files of a run by name, or raise NotFoundError where there is no such run."""
        query = sa.select(artifact).where(artifact.c.run_id == run_id).order_by(artifact.c.name)
        with self._database.reading() as connection:
            require(connection, run, scope, run_id)
            return tuple(row_as(ArtifactRow, row) for row in connection.execute(query))

    def get(self, scope: Scope, run_id: str, name: str) -> ArtifactRow:
        """Return one file of a run, or raise NotFoundError: only names that were stored exist."""
        for row in self.list_artifacts(scope, run_id):
            if row.name == name:
                return row
        raise NotFoundError("artifact", name)
