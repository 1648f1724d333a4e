"""Presets: parameters worth keeping apart from any scenario; the same content is kept once."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from herd_engine.errors import ConflictError
from herd_engine.storage.database import Database, upsert
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.names import checked_name, name_contains, name_key
from herd_engine.storage.paging import ListPage, Request, read_page
from herd_engine.storage.run_rows import Deleted, JsonObject, Skipped
from herd_engine.storage.scope import Scope, require_live, row_as, well_formed
from herd_engine.storage.tables import now, preset


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPresetRow:
    """A preset to be kept.

    Attributes
    ----------
    farm_id, owner, name : str
    params : dict
    content_hash : str
        Equal for presets that are the same; an owner has each once.
    """

    farm_id: str
    owner: str
    name: str
    params: JsonObject
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetRow(NewPresetRow):
    """A preset as stored."""

    id: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PutPreset:
    """A preset that was added, or the owner's one of the same content that was there."""

    preset: PresetRow
    is_new: bool


class PresetTable:
    """Put, find, change and delete presets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, new: NewPresetRow) -> PutPreset:
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
            row_id = str(uuid.uuid4())
            insert = upsert(connection, preset).values(
                id=row_id, created_at=moment, updated_at=moment, **values
            )
            connection.execute(
                insert.on_conflict_do_nothing(
                    index_elements=["farm_id", "owner", "content_hash"],
                    index_where=sa.text("deleted_at IS NULL"),
                )
            )
            row = row_as(PresetRow, connection.execute(sa.select(preset).where(same)).one())
            return PutPreset(row, row.id == row_id)

    def get(self, scope: Scope, preset_id: str) -> PresetRow:
        """Return a preset, or raise NotFoundError."""
        with self._database.reading() as connection:
            return row_as(PresetRow, require_live(connection, preset, scope, preset_id))

    def list_presets(
        self, scope: Scope, name: str | None = None, cursor: str | None = None, limit: int = 20
    ) -> ListPage[PresetRow]:
        """Return a page of presets, newest first.

        Raises
        ------
        ParameterError
            ``limit`` is not within 1 … 500, or the cursor is of another list.
        """
        query = sa.select(preset).where(scope.holds(preset), preset.c.deleted_at.is_(None))
        if name:
            query = query.where(name_contains(preset.c.name_key, name))
        order = (preset.c.created_at, preset.c.id)
        with self._database.reading() as connection:
            return read_page(
                connection, query, order, Request(cursor, limit), lambda row: row_as(PresetRow, row)
            )

    def rename(self, scope: Scope, preset_id: str, name: str) -> PresetRow:
        """Give a preset another name, which need not be unique; or raise NotFoundError."""
        name = checked_name(name)
        values = {"name": name, "name_key": name_key(name), "updated_at": now()}
        change = sa.update(preset).where(preset.c.id == preset_id).values(**values).returning(preset)
        with self._database.transaction() as connection:
            require_live(connection, preset, scope, preset_id)
            return row_as(PresetRow, connection.execute(change).one())

    def edit(
        self, scope: Scope, preset_id: str, name: str | None, params: JsonObject, content_hash: str
    ) -> PresetRow:
        """Give a preset other parameters, and another name where one is given.

        Raises
        ------
        ConflictError
            The owner has this content already, in another preset.
        NotFoundError
        """
        values = {"params": params, "content_hash": content_hash, "updated_at": now()}
        if name is not None:
            checked = checked_name(name)
            values |= {"name": checked, "name_key": name_key(checked)}
        change = sa.update(preset).where(preset.c.id == preset_id).values(**values).returning(preset)
        try:
            with self._database.transaction() as connection:
                require_live(connection, preset, scope, preset_id)
                return row_as(PresetRow, connection.execute(change).one())
        except sa.exc.IntegrityError as error:
            raise ConflictError("Another preset has these values already.", "preset_known") from error

    def delete(self, scope: Scope, ids: Sequence[str]) -> Deleted:
        """Delete presets; those that are ``not_found`` are skipped."""
        wanted = sa.and_(
            preset.c.id.in_(well_formed(ids)), scope.holds(preset), preset.c.deleted_at.is_(None)
        )
        change = sa.update(preset).where(wanted).values(deleted_at=now()).returning(preset.c.id)
        with self._database.transaction() as connection:
            deleted = set(connection.execute(change).scalars())
        unique = tuple(dict.fromkeys(ids))
        return Deleted(
            deleted_ids=tuple(each for each in unique if each in deleted),
            skipped=tuple(Skipped(each, "not_found") for each in unique if each not in deleted),
        )
