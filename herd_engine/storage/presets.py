"""Presets: parameters worth keeping apart from any scenario; the same content is kept once."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from herd_engine.errors import ConflictError
from herd_engine.storage.database import Database, upsert
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.names import checked_name, name_contains, name_key
from herd_engine.storage.paging import Page, Request, read_page
from herd_engine.storage.run_rows import Deleted, JsonObject, Skipped
from herd_engine.storage.scope import Scope, require_live, row_as, well_formed
from herd_engine.storage.tables import now, preset


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPreset:
    """A preset to be kept.

    Attributes
    ----------
    farm_id, owner, name : str
    params : dict
    content_hash : str
        Equal for presets that are the same; an owner has each once.
    built_in : bool
        Shown to every owner of the farm, and never changed or deleted.
    """

    farm_id: str
    owner: str
    name: str
    params: JsonObject
    content_hash: str
    built_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetRow(NewPreset):
    """A preset as stored."""

    id: str
    created_at: datetime
    updated_at: datetime


class Presets:
    """Put, find, change and delete presets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, new: NewPreset) -> PresetRow:
        """Add a preset, or return the owner's preset of the same content.

        Raises
        ------
        NotFoundError
            There is no such farm.
        """
        name, moment = checked_name(new.name), now()
        values = asdict(new) | {"name": name, "name_key": name_key(name)}
        same = sa.and_(
            preset.c.farm_id == new.farm_id,
            preset.c.owner == new.owner,
            preset.c.content_hash == new.content_hash,
            preset.c.deleted_at.is_(None),
        )
        with self._database.transaction() as connection:
            lock_farm(connection, new.farm_id)
            insert = upsert(connection, preset).values(
                id=str(uuid.uuid4()), created_at=moment, updated_at=moment, **values
            )
            connection.execute(
                insert.on_conflict_do_nothing(
                    index_elements=["farm_id", "owner", "content_hash"],
                    index_where=sa.text("deleted_at IS NULL"),
                )
            )
            return row_as(PresetRow, connection.execute(sa.select(preset).where(same)).one())

    def get(self, scope: Scope, preset_id: str) -> PresetRow:
        """Return a preset, or raise NotFoundError."""
        with self._database.reading() as connection:
            return row_as(PresetRow, _visible(connection, scope, preset_id))

    def list_presets(
        self, scope: Scope, name: str | None = None, cursor: str | None = None, limit: int = 20
    ) -> Page[PresetRow]:
        """Return a page of presets, newest first, with the built-in ones.

        Raises
        ------
        ParameterError
            ``limit`` is not within 1 … 500, or the cursor is of another list.
        """
        query = sa.select(preset).where(_holds(scope), preset.c.deleted_at.is_(None))
        if name:
            query = query.where(name_contains(preset.c.name_key, name))
        order = (preset.c.created_at, preset.c.id)
        with self._database.reading() as connection:
            return read_page(
                connection, query, order, Request(cursor, limit), lambda row: row_as(PresetRow, row)
            )

    def edit(
        self, scope: Scope, preset_id: str, *, name: str, params: JsonObject, content_hash: str
    ) -> PresetRow:
        """Change a preset of one's own.

        Raises
        ------
        ConflictError
            It is built in, or the owner has another preset of this content.
        NotFoundError
        """
        name = checked_name(name)
        values: dict[str, Any] = {"params": params, "content_hash": content_hash, "updated_at": now()}
        change = (
            sa.update(preset)
            .where(preset.c.id == preset_id)
            .values(name=name, name_key=name_key(name), **values)
        )
        try:
            with self._database.transaction() as connection:
                if _visible(connection, scope, preset_id).built_in:
                    raise ConflictError(
                        "A built-in preset cannot be changed; save a copy of your own.", "preset_built_in"
                    )
                return row_as(PresetRow, connection.execute(change.returning(preset)).one())
        except IntegrityError as error:
            raise ConflictError("There is a preset of this content already.", "preset_twice") from error

    def delete(self, scope: Scope, ids: Sequence[str]) -> Deleted:
        """Delete presets; those that are ``built_in`` or ``not_found`` are skipped."""
        wanted = sa.and_(preset.c.id.in_(well_formed(ids)), _holds(scope), preset.c.deleted_at.is_(None))
        change = sa.update(preset).where(wanted, ~preset.c.built_in).values(deleted_at=now())
        with self._database.transaction() as connection:
            deleted = set(connection.execute(change.returning(preset.c.id)).scalars())
            built_in = set(connection.execute(sa.select(preset.c.id).where(wanted)).scalars())
        unique = tuple(dict.fromkeys(ids))
        return Deleted(
            deleted_ids=tuple(each for each in unique if each in deleted),
            skipped=tuple(
                Skipped(each, "built_in" if each in built_in else "not_found")
                for each in unique
                if each not in deleted
            ),
        )


def _holds(scope: Scope) -> sa.ColumnElement[bool]:
    of_farm = preset.c.farm_id == scope.farm_id
    return sa.and_(of_farm, sa.or_(scope.holds(preset), preset.c.built_in))


def _visible(connection: sa.Connection, scope: Scope, preset_id: str) -> sa.Row[Any]:
    row = require_live(connection, preset, Scope(scope.farm_id), preset_id)
    return row if row.built_in else require_live(connection, preset, scope, preset_id)
