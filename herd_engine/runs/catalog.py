"""What runs are made of and kept for: farms, datasets, scenarios, presets."""

import re
import uuid
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from herd_engine.errors import ConflictError, NotFoundError, ParameterError, ScenarioError
from herd_engine.model.visitor import ADD, RUN, WRITE, Visitor
from herd_engine.runs.access import Access, FarmAccess
from herd_engine.runs.kept_contracts import KeptContracts
from herd_engine.runs.kept_datasets import KeptDatasets
from herd_engine.runs.kept_farms import KeptFarms
from herd_engine.runs.lists import all_of, only
from herd_engine.runs.store import Store
from herd_engine.scenarios.legacy import (
    LEGACY_DEFAULTS,
    LEGACY_VERSION,
    LegacySummary,
    describe_legacy,
    schema_version,
)
from herd_engine.scenarios.presets import LEGACY, built_in, content_hash
from herd_engine.scenarios.schema import SCHEMA_VERSION, ScenarioPayload, complete, parse_scenario
from herd_engine.storage.names import name_key
from herd_engine.storage.paging import MAX_LIMIT, ListPage, Request
from herd_engine.storage.presets import NewPresetRow, PresetRow, PresetTable
from herd_engine.storage.run_rows import Deleted
from herd_engine.storage.scenarios import (
    EVERY_SCENARIO,
    NewScenarioRow,
    ScenarioEdit,
    ScenarioFilters,
    ScenarioRow,
    ScenarioTable,
    ScenarioVersionRow,
)
from herd_engine.storage.scope import Scope

_BUILT_IN_CURSOR = re.compile("built-in:([0-9]{1,3})")
_NOT_IN_PRESETS = ("dataset_id", "report_date")
_LEGACY_NAMES = {path.split(".")[0] for path in LEGACY_DEFAULTS} - set(ScenarioPayload.model_fields)

Item = TypeVar("Item")


class KeptScenarios:
    """Named scenarios of a farm; an edit makes a new version."""

    def __init__(self, store: Store, access: FarmAccess) -> None:
        self._access = access
        self._rows = ScenarioTable(store.database)

    @property
    def _scope(self) -> Scope:
        return self._access.scope

    def save(
        self, name: str, payload: Mapping[str, Any], *, description: str = "", tags: Sequence[str] = ()
    ) -> ScenarioRow:
        """Keep a scenario under a name that the farm does not have yet.

        Parameters
        ----------
        name : str
        payload : mapping
            ``herd_m5_v2``, kept with all defaults filled in. One that names fields of ``legacy_v1``
            is kept as it is: it can be looked at (``legacy``), never edited or run.
        description : str
        tags : sequence of str

        Raises
        ------
        ConflictError
            The name is taken, whatever the case.
        ScenarioError
        """
        self._access.require(WRITE, ADD)
        params, version = _stored(payload)
        new = NewScenarioRow(
            farm_id=self._scope.farm_id,
            owner=self._access.owner,
            name=name,
            description=description,
            tags=_checked_tags(tags),
            params=params,
            schema_version=version,
        )
        return self._rows.add(new)

    def get(self, scenario_id: str) -> ScenarioRow:
        """Return a scenario, also a deleted one, or raise NotFoundError."""
        return self._rows.get(self._scope, scenario_id)

    def find(self, name: str) -> ScenarioRow:
        """Return the scenario of this name, whatever the case, or of this id; or raise NotFoundError."""
        return self._rows.find(self._scope, " ".join(name.split())) or self.get(name)

    def runnable(self, scenario_id: str) -> ScenarioRow:
        """Return a scenario that can be run or edited.

        Raises
        ------
        ConflictError
            It is of an older schema; the message is the reason.
        NotFoundError
            There is none, or it was deleted.
        """
        row = self.get(scenario_id)
        if row.deleted_at is not None:
            raise NotFoundError("scenario", scenario_id)
        if (summary := legacy(row)) is not None:
            raise ConflictError(summary.reason, "scenario_old", row.name)
        return row

    def list(
        self, filters: ScenarioFilters = EVERY_SCENARIO, cursor: str | None = None, limit: int = 20
    ) -> ListPage[ScenarioRow]:
        """Return a page of scenarios, newest first."""
        return self._rows.list_scenarios(self._scope, filters, cursor, limit)

    def versions(self, scenario_id: str) -> tuple[ScenarioVersionRow, ...]:
        """Return all versions, newest first."""
        return self._rows.versions(self._scope, scenario_id)

    def edit(self, scenario_id: str, edit: ScenarioEdit, expected_version: int | None = None) -> ScenarioRow:
        """Change what ``edit`` names; the scenario then has a new version.

        Raises
        ------
        ConflictError
            The name is taken, the scenario is of an older schema, or no longer of the expected version.
        ScenarioError, NotFoundError
        """
        self._access.require(WRITE)
        self.runnable(scenario_id)
        if edit.params is not None:
            edit = replace(edit, params=complete(edit.params), schema_version=SCHEMA_VERSION)
        if edit.tags is not None:
            edit = replace(edit, tags=_checked_tags(edit.tags))
        return self._rows.edit(self._scope, scenario_id, edit, expected_version)

    def n_runs(self, scenario_id: str) -> int:
        """Return how many runs a scenario has: worth saying before it is deleted."""
        return self._rows.n_runs(self._scope, scenario_id)

    def delete(self, scenario_id: str) -> int:
        """Delete a scenario and return the number of its runs, which are kept and marked."""
        self._access.require(WRITE)
        return self._rows.delete(self._scope, scenario_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Part of a scenario that is laid over others.

    Attributes
    ----------
    id, name : str
    params : dict
    created_at, updated_at : datetime
    built_in : bool
        Of the package; never renamed or deleted.
    legacy : bool
        Leaves the calibrated mode, as the built-in presets of earlier versions did.
    """

    id: str
    name: str
    params: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    built_in: bool = False
    legacy: bool = False


class KeptPresets:
    """Presets: the built-in ones, and the owner's own."""

    def __init__(self, store: Store, access: FarmAccess, datasets: KeptDatasets) -> None:
        self._rows, self._access, self._datasets = PresetTable(store.database), access, datasets

    @property
    def _built_in(self) -> tuple[Preset, ...]:
        """Those of the package; what is made of a herd is made of the farm's latest one."""
        farm, latest = self._access.farm, self._datasets.latest()
        return tuple(
            Preset(
                id=str(uuid.uuid5(uuid.UUID(farm.id), name)),
                name=name,
                params=deepcopy(dict(params)),
                created_at=farm.created_at,
                updated_at=farm.created_at,
                built_in=True,
                legacy=name in LEGACY,
            )
            for name, params in built_in(None if latest is None else latest.counts).items()
        )

    @property
    def _scope(self) -> Scope:
        return replace(self._access.scope, owner=self._access.owner)

    def save(self, name: str, params: Mapping[str, Any]) -> Preset:
        """Keep a preset, as ``put``."""
        return self.put(name, params)[0]

    def put(self, name: str, params: Mapping[str, Any]) -> tuple[Preset, bool]:
        """Keep a preset; the same name and content again are the same preset.

        Parameters
        ----------
        name : str
        params : mapping
            Part of a ``herd_m5_v2`` payload, valid where defaults stand for the rest.

        Returns
        -------
        tuple of (Preset, bool)
            The preset, and whether it is new.

        Raises
        ------
        ConflictError
            The owner has this content under another name: ``rename`` that one.
        ScenarioError
        ParameterError
            It names the dataset or its date: a preset is for any herd.
        """
        self._access.require(RUN)
        _require_preset(params)
        put = self._rows.put(
            NewPresetRow(
                farm_id=self._scope.farm_id,
                owner=self._access.owner,
                name=name,
                params=dict(params),
                content_hash=content_hash(params),
            )
        )
        known = put.preset.name
        if not put.is_new and name_key(known) != name_key(" ".join(name.split())):
            message = (
                f"These values are kept already, as the preset {known!r}: rename that one, or change them."
            )
            raise ConflictError(message, "preset_known", known)
        return _preset(put.preset), put.is_new

    def list(self, name: str | None = None, cursor: str | None = None, limit: int = 20) -> ListPage[Preset]:
        """Return a page of presets, one's own newest first, then the built-in ones.

        Parameters
        ----------
        name : str, optional
            Part of the name.
        cursor : str, optional
        limit : int
            1 … 500.

        Raises
        ------
        ParameterError
            ``limit`` is out of range, or the cursor is of another list.
        """
        start = _BUILT_IN_CURSOR.fullmatch(cursor or "")
        own: tuple[Preset, ...] = ()
        if start is None:
            page = self._rows.list_presets(self._scope, name, cursor, limit)
            own = tuple(_preset(row) for row in page.items)
            if page.next_cursor is not None:
                return ListPage(own, page.next_cursor)
        first = 0 if start is None else int(start[1])
        matching = [each for each in self._built_in if not name or name_key(name) in name_key(each.name)]
        last = first + Request(None, limit).limit - len(own)
        following = f"built-in:{last}" if last < len(matching) else None
        return ListPage((*own, *matching[first:last]), following)

    def find(self, text: str) -> Preset:
        """Return the one preset of this name or with an id that begins so."""
        return only("preset", text, all_of(lambda cursor: self.list(None, cursor, MAX_LIMIT)))

    def rename(self, preset_id: str, name: str) -> Preset:
        """Give a preset of one's own another name.

        Raises
        ------
        ConflictError
            It is built in.
        NotFoundError
        """
        self._access.require(RUN)
        if any(preset_id == each.id for each in self._built_in):
            message = "A built-in preset cannot be renamed; save a copy of your own."
            raise ConflictError(message, "preset_built_in")
        return _preset(self._rows.rename(self._scope, preset_id, name))

    def get(self, preset_id: str) -> Preset:
        """Return a preset, built in or the owner's own; or raise NotFoundError."""
        for each in self._built_in:
            if each.id == preset_id:
                return each
        return _preset(self._rows.get(self._scope, preset_id))

    def edit(
        self, preset_id: str, *, name: str | None = None, params: Mapping[str, Any] | None = None
    ) -> Preset:
        """Change what is named of a preset of one's own; what is left out stays.

        Raises
        ------
        ConflictError
            It is built in, or the owner has this content already.
        ScenarioError, ParameterError, NotFoundError
        """
        if params is None:
            return self.get(preset_id) if name is None else self.rename(preset_id, name)
        self._access.require(RUN)
        if self.get(preset_id).built_in:
            raise ConflictError("A built-in preset cannot be changed; save a copy.", "preset_built_in")
        _require_preset(params)
        row = self._rows.edit(self._scope, preset_id, name, dict(params), content_hash(params))
        return _preset(row)

    def delete(self, ids: Sequence[str]) -> Deleted:
        """Delete presets; those that are ``built_in`` or ``not_found`` are skipped."""
        self._access.require(RUN)
        built_in = {each.id for each in self._built_in}
        deleted = self._rows.delete(self._scope, ids)
        skipped = (
            replace(each, reason="built_in") if each.id in built_in else each for each in deleted.skipped
        )
        return replace(deleted, skipped=tuple(skipped))


class Catalog:
    """Farms, and what is kept of one of them, as far as somebody may see it.

    Parameters
    ----------
    store : Store
    visitor : Visitor
        Who asks.
    farm : str, optional
        Name of the farm; the default one where it is left out, or one that they may see.

    Raises
    ------
    FarmNotFoundError
        There is no such farm, or not for who asks.
    """

    def __init__(self, store: Store, visitor: Visitor, farm: str | None = None) -> None:
        self.farms = KeptFarms(store, Access(store.memberships, visitor))
        self.farm = self.farms.find(farm)
        self.access = FarmAccess(self.farms.access, self.farm)
        self.contracts = KeptContracts(store, self.access)
        self.datasets = KeptDatasets(store, self.access, self.farms, self.contracts)
        self.scenarios = KeptScenarios(store, self.access)
        self.presets = KeptPresets(store, self.access, self.datasets)


def _require_preset(params: Mapping[str, Any]) -> None:
    """Refuse what is no part of a scenario, or names a herd."""
    for name in _NOT_IN_PRESETS:
        if name in params:
            raise ParameterError(name, params[name], "not be part of a preset")
    parse_scenario(params)


def _preset(row: PresetRow) -> Preset:
    values = {name: getattr(row, name) for name in ("id", "name", "params", "created_at", "updated_at")}
    return Preset(**values)


def legacy(row: ScenarioRow) -> LegacySummary | None:
    """Return why a scenario cannot be run, and what can be shown of it; None where it can be run."""
    return describe_legacy(row.params)


def _stored(payload: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return what is kept of a payload, and its schema."""
    try:
        return complete(payload), SCHEMA_VERSION
    except ScenarioError:
        if schema_version(payload) == LEGACY_VERSION and _LEGACY_NAMES & set(payload):
            return dict(payload), LEGACY_VERSION
        raise


def _checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return the tags without spaces around them, each once."""
    stripped = tuple(dict.fromkeys(tag.strip() for tag in tags))
    for tag in stripped:
        if not 1 <= len(tag) <= 50 or not tag.isprintable():
            raise ParameterError("tags", tag, "have 1 … 50 characters that can be shown")
    return stripped
