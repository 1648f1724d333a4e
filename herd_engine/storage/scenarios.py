"""Stored scenarios: named, tagged, with every version that an edit left behind."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from herd_engine.errors import ConflictError
from herd_engine.storage.database import Database
from herd_engine.storage.farms import bump_farm_version, lock_farm
from herd_engine.storage.names import checked_name, checked_text, name_contains, name_key
from herd_engine.storage.paging import ListPage, Request, created_between, read_page
from herd_engine.storage.run_rows import JsonObject
from herd_engine.storage.scope import Scope, require, require_live, row_as
from herd_engine.storage.tables import now, run, scenario, scenario_version


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScenarioRow:
    """A scenario to be kept.

    Attributes
    ----------
    farm_id, owner, name : str
    description : str
    tags : tuple of str
    params : dict
        As ``schema_version`` shapes it.
    schema_version : str
    """

    farm_id: str
    owner: str
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    params: JsonObject
    schema_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioRow(NewScenarioRow):
    """A scenario as stored; ``version`` is 1 at first."""

    id: str
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioEdit:
    """What an edit changes; None leaves it as it is."""

    name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    params: JsonObject | None = None
    schema_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioVersionRow:
    """The parameters of one version."""

    scenario_id: str
    version: int
    params: JsonObject
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFilters:
    """Which scenarios a list shows.

    Attributes
    ----------
    name : str, optional
        Part of the name, whatever the case.
    tags : tuple of str
        Scenarios that have all of them.
    schema_version : str, optional
    created_from, created_to : datetime, optional
        At or after, and before.
    deleted : bool
        The deleted ones instead of the others.
    """

    name: str | None = None
    tags: tuple[str, ...] = ()
    schema_version: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    deleted: bool = False


EVERY_SCENARIO = ScenarioFilters()


class ScenarioTable:
    """Add, find, edit and delete scenarios."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewScenarioRow) -> ScenarioRow:
        """Add a scenario.

        Raises
        ------
        ConflictError
            The farm has a scenario of this name, whatever the case.
        NotFoundError
            There is no such farm.
        """
        name, moment = checked_name(new.name), now()
        checked_text("description", new.description)
        values = asdict(new) | {"name": name, "name_key": name_key(name)}
        insert = sa.insert(scenario).values(
            id=str(uuid.uuid4()), version=1, created_at=moment, updated_at=moment, **values
        )
        try:
            with self._database.transaction() as connection:
                lock_farm(connection, new.farm_id)
                row = scenario_row(connection.execute(insert.returning(scenario)).one())
                _keep_version(connection, row)
                return row
        except IntegrityError as error:
            raise _taken(name) from error

    def get(self, scope: Scope, scenario_id: str) -> ScenarioRow:
        """Return a scenario, also a deleted one, or raise NotFoundError."""
        with self._database.reading() as connection:
            return scenario_row(require(connection, scenario, scope, scenario_id))

    def find(self, scope: Scope, name: str) -> ScenarioRow | None:
        """Return the scenario of this name, whatever the case, if there is one."""
        query = sa.select(scenario).where(
            scope.holds(scenario), scenario.c.name_key == name_key(name), scenario.c.deleted_at.is_(None)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else scenario_row(row)

    def list_scenarios(
        self,
        scope: Scope,
        filters: ScenarioFilters = EVERY_SCENARIO,
        cursor: str | None = None,
        limit: int = 20,
    ) -> ListPage[ScenarioRow]:
        """Return a page of scenarios, newest first.

        Raises
        ------
        ParameterError
            ``limit`` is not within 1 … 500, or the cursor is of another list.
        """
        order = (scenario.c.created_at, scenario.c.id)
        conditions = _conditions(filters, is_sqlite=self._database.is_sqlite)
        query = sa.select(scenario).where(scope.holds(scenario), *conditions)
        with self._database.reading() as connection:
            return read_page(connection, query, order, Request(cursor, limit), scenario_row)

    def versions(self, scope: Scope, scenario_id: str) -> tuple[ScenarioVersionRow, ...]:
        """Return all versions, newest first."""
        query = sa.select(scenario_version).where(scenario_version.c.scenario_id == scenario_id)
        with self._database.reading() as connection:
            require(connection, scenario, scope, scenario_id)
            rows = connection.execute(query.order_by(scenario_version.c.version.desc()))
            return tuple(row_as(ScenarioVersionRow, row) for row in rows)

    def edit(
        self, scope: Scope, scenario_id: str, edit: ScenarioEdit, expected_version: int | None = None
    ) -> ScenarioRow:
        """Change a scenario; it then has a new version.

        Raises
        ------
        ConflictError
            The name is taken, or the scenario is no longer of the expected version.
        NotFoundError
        """
        values = {name: value for name, value in asdict(edit).items() if value is not None}
        if edit.name is not None:
            name = checked_name(edit.name)
            values |= {"name": name, "name_key": name_key(name)}
        checked_text("description", edit.description or "")
        try:
            with self._database.transaction() as connection:
                row = _change(connection, scope, scenario_id, expected_version, values)
                _keep_version(connection, row)
                bump_farm_version(connection, scope.farm_id)  # outputs are found by tags
                return row
        except IntegrityError as error:
            raise _taken(str(edit.name)) from error

    def n_runs(self, scope: Scope, scenario_id: str) -> int:
        """Return how many runs a scenario has: worth saying before it is deleted."""
        query = sa.select(sa.func.count()).select_from(run).where(run.c.scenario_id == scenario_id)
        with self._database.reading() as connection:
            require(connection, scenario, scope, scenario_id)
            return int(connection.execute(query).scalar_one())

    def delete(self, scope: Scope, scenario_id: str) -> int:
        """Delete a scenario and return the number of its runs, which are kept and marked.

        Raises
        ------
        NotFoundError
        """
        with self._database.transaction() as connection:
            lock_farm(connection, scope.farm_id)
            require_live(connection, scenario, scope, scenario_id)
            connection.execute(
                sa.update(scenario).where(scenario.c.id == scenario_id).values(deleted_at=now())
            )
            marked = connection.execute(
                sa.update(run).where(run.c.scenario_id == scenario_id).values(scenario_deleted=True)
            )
            bump_farm_version(connection, scope.farm_id)
            return marked.rowcount


def scenario_row(row: sa.Row[Any]) -> ScenarioRow:
    """Return a row of the table as a dataclass."""
    return row_as(ScenarioRow, row, tags=tuple(row.tags))


def _change(
    connection: sa.Connection,
    scope: Scope,
    scenario_id: str,
    expected_version: int | None,
    values: dict[str, Any],
) -> ScenarioRow:
    found = require_live(connection, scenario, scope, scenario_id)
    expected = found.version if expected_version is None else expected_version
    unchanged = sa.and_(scenario.c.id == scenario_id, scenario.c.version == expected)
    change = sa.update(scenario).where(unchanged, scenario.c.deleted_at.is_(None))
    row = connection.execute(
        change.values(version=expected + 1, updated_at=now(), **values).returning(scenario)
    ).one_or_none()
    if row is None:
        message = "The scenario was changed meanwhile; look at it again and repeat the edit."
        raise ConflictError(message, "scenario_changed")
    return scenario_row(row)


def _keep_version(connection: sa.Connection, row: ScenarioRow) -> None:
    connection.execute(
        sa.insert(scenario_version).values(
            scenario_id=row.id, version=row.version, params=row.params, created_at=row.updated_at
        )
    )


def _taken(name: str) -> ConflictError:
    return ConflictError(f"A scenario named {name!r} exists already on this farm.", "scenario_taken", name)


def _conditions(filters: ScenarioFilters, *, is_sqlite: bool) -> list[sa.ColumnElement[bool]]:
    is_deleted = scenario.c.deleted_at.is_not(None)
    conditions = created_between(scenario.c.created_at, filters.created_from, filters.created_to)
    conditions.append(is_deleted if filters.deleted else ~is_deleted)
    if filters.name:
        conditions.append(name_contains(scenario.c.name_key, filters.name))
    for tag in filters.tags:
        each = sa.func.json_each if is_sqlite else sa.func.json_array_elements_text
        tags = each(scenario.c.tags).table_valued("value")
        conditions.append(sa.exists().where(tags.c.value == tag))
    if filters.schema_version is not None:
        conditions.append(scenario.c.schema_version == filters.schema_version)
    return conditions
