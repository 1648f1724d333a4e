"""What runs are made of and kept for: farms, datasets, scenarios, presets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from herd_engine.datasets.herd_file import NO_MAP, read_herd_bytes
from herd_engine.errors import ConflictError, NotFoundError, ParameterError, ScenarioError
from herd_engine.runs.store import Store
from herd_engine.scenarios.legacy import (
    LEGACY_DEFAULTS,
    LEGACY_VERSION,
    LegacySummary,
    describe_legacy,
    schema_version,
)
from herd_engine.scenarios.presets import BUILT_IN, content_hash
from herd_engine.scenarios.schema import SCHEMA_VERSION, ScenarioPayload, complete, parse_scenario
from herd_engine.storage.datasets import EVERY_DATASET, DatasetFilters, DatasetRow
from herd_engine.storage.farms import FarmRow
from herd_engine.storage.names import name_key
from herd_engine.storage.paging import MAX_LIMIT, Page
from herd_engine.storage.presets import NewPreset, PresetRow, Presets
from herd_engine.storage.run_rows import Deleted
from herd_engine.storage.scenarios import (
    EVERY_SCENARIO,
    NewScenario,
    ScenarioEdit,
    ScenarioFilters,
    ScenarioRow,
    Scenarios,
    ScenarioVersionRow,
)
from herd_engine.storage.scope import Scope

BUILT_IN_OWNER = "herd-workbench"
_NOT_IN_PRESETS = ("dataset_id", "report_date")
_LEGACY_NAMES = {path.split(".")[0] for path in LEGACY_DEFAULTS} - set(ScenarioPayload.model_fields)

Item = TypeVar("Item")
Named = TypeVar("Named", DatasetRow, PresetRow)


class KeptFarms:
    """Farms, by name."""

    def __init__(self, store: Store) -> None:
        self._rows = store.farms

    def list(self, *, archived: bool = False) -> tuple[FarmRow, ...]:
        """Return all farms by name, without or with the archived ones."""
        return self._rows.list_farms(archived=archived)

    def find(self, name: str | None = None) -> FarmRow:
        """Return the farm of this name, whatever the case; the default where none is named.

        Raises
        ------
        NotFoundError
        """
        if name is None:
            return self._rows.default()
        wanted = name_key(" ".join(name.split()))
        for farm in self._rows.list_farms(archived=True):
            if name_key(farm.name) == wanted:
                return farm
        raise NotFoundError("farm", name)

    def add(self, name: str) -> FarmRow:
        """Add a farm; ConflictError where the name is taken."""
        return self._rows.add(name)

    def rename(self, name: str, new_name: str) -> FarmRow:
        """Give a farm another name; ConflictError where that is taken."""
        return self._rows.rename(self.find(name).id, new_name)

    def make_default(self, name: str) -> FarmRow:
        """Let this farm be meant where none is named."""
        return self._rows.make_default(self.find(name).id)

    def archive(self, name: str, *, archived: bool = True) -> FarmRow:
        """Put a farm out of sight, or back; the default one stays."""
        return self._rows.archive(self.find(name).id, archived=archived)


class KeptDatasets:
    """Herd files of a farm."""

    def __init__(self, store: Store, scope: Scope, owner: str) -> None:
        self._store, self._scope, self._owner = store, scope, owner
        self._rows = store.datasets.rows

    def add(self, data: bytes, name: str, *, column_map: Mapping[str, str] = NO_MAP) -> DatasetRow:
        """Keep a herd file; the same bytes again are the same dataset."""
        herd_file = read_herd_bytes(data, name, column_map=column_map)
        return self._store.datasets.add(self._scope.farm_id, self._owner, herd_file, data).dataset

    def get(self, dataset_id: str) -> DatasetRow:
        """Return a dataset, or raise NotFoundError."""
        return self._rows.get(self._scope, dataset_id)

    def find(self, text: str) -> DatasetRow:
        """Return the one dataset, archived or not, of this name or with an id that begins so."""
        filters = DatasetFilters(archived=True)
        rows = all_of(lambda cursor: self.list(filters, cursor, MAX_LIMIT))
        return _only("dataset", text, rows)

    def list(
        self, filters: DatasetFilters = EVERY_DATASET, cursor: str | None = None, limit: int = 20
    ) -> Page[DatasetRow]:
        """Return a page of datasets, newest first."""
        return self._rows.list_datasets(self._scope, filters, cursor, limit)

    def rename(self, dataset_id: str, name: str) -> DatasetRow:
        """Give a dataset another name; finished forecasts keep the one that they were made with."""
        return self._rows.rename(self._scope, dataset_id, name)

    def archive(self, dataset_id: str, *, archived: bool = True) -> DatasetRow:
        """Put a dataset out of sight, or back."""
        return self._rows.archive(self._scope, dataset_id, archived=archived)

    def n_runs(self, dataset_id: str) -> int:
        """Return how many runs use a dataset."""
        return self._rows.n_runs(self._scope, dataset_id)

    def delete(self, dataset_id: str) -> None:
        """Delete a dataset, and its files where no other farm has the same bytes.

        Raises
        ------
        ConflictError
            A run uses it: archive it instead.
        NotFoundError
        """
        self._store.datasets.delete(self._scope, dataset_id)


class KeptScenarios:
    """Named scenarios of a farm; an edit makes a new version."""

    def __init__(self, store: Store, scope: Scope, owner: str) -> None:
        self._scope, self._owner = scope, owner
        self._rows = Scenarios(store.database)

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
        params, version = _stored(payload)
        new = NewScenario(
            farm_id=self._scope.farm_id,
            owner=self._owner,
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
    ) -> Page[ScenarioRow]:
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
        return self._rows.delete(self._scope, scenario_id)


class KeptPresets:
    """Presets: the three built-in ones, and the owner's own."""

    def __init__(self, store: Store, scope: Scope, owner: str) -> None:
        self._store, self._scope, self._owner = store, Scope(scope.farm_id, owner), owner

    @cached_property
    def _rows(self) -> Presets:
        """Rows, the built-in ones among them."""
        rows = Presets(self._store.database)
        for name, params in BUILT_IN.items():
            rows.put(self._new(name, params, owner=BUILT_IN_OWNER, built_in=True))
        return rows

    def _new(self, name: str, params: Mapping[str, Any], *, owner: str, built_in: bool) -> NewPreset:
        return NewPreset(
            farm_id=self._scope.farm_id,
            owner=owner,
            name=name,
            params=dict(params),
            content_hash=content_hash(params),
            built_in=built_in,
        )

    def save(self, name: str, params: Mapping[str, Any]) -> PresetRow:
        """Keep a preset, or return the owner's preset of the same content.

        Parameters
        ----------
        name : str
        params : mapping
            Part of a ``herd_m5_v2`` payload, valid where defaults stand for the rest.

        Raises
        ------
        ScenarioError
        ParameterError
            It names the dataset or its date: a preset is for any herd.
        """
        for name_of_field in _NOT_IN_PRESETS:
            if name_of_field in params:
                raise ParameterError(name_of_field, params[name_of_field], "not be part of a preset")
        parse_scenario(params)
        return self._rows.put(self._new(name, params, owner=self._owner, built_in=False))

    def list(self, name: str | None = None, cursor: str | None = None, limit: int = 20) -> Page[PresetRow]:
        """Return a page of presets, newest first; ``name`` is a part of the name."""
        return self._rows.list_presets(self._scope, name, cursor, limit)

    def find(self, text: str) -> PresetRow:
        """Return the one preset of this name or with an id that begins so."""
        return _only("preset", text, all_of(lambda cursor: self.list(None, cursor, MAX_LIMIT)))

    def delete(self, ids: Sequence[str]) -> Deleted:
        """Delete presets; those that are ``built_in`` or ``not_found`` are skipped."""
        return self._rows.delete(self._scope, ids)


class Catalog:
    """Farms, and what is kept of one of them.

    Parameters
    ----------
    store : Store
    owner : str
    farm : str, optional
        Name of the farm; the default one where it is left out.
    """

    def __init__(self, store: Store, owner: str, farm: str | None = None) -> None:
        self.farms = KeptFarms(store)
        self.farm = self.farms.find(farm)
        self.scope = Scope(self.farm.id)
        self.datasets = KeptDatasets(store, self.scope, owner)
        self.scenarios = KeptScenarios(store, self.scope, owner)
        self.presets = KeptPresets(store, self.scope, owner)


def legacy(row: ScenarioRow) -> LegacySummary | None:
    """Return why a scenario cannot be run, and what can be shown of it; None where it can be run."""
    return describe_legacy(row.params)


def all_of(page_at: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
    """Return the items of all pages of a list."""
    cursor = None
    while True:
        page = page_at(cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _only(kind: str, text: str, rows: Iterator[Named]) -> Named:
    wanted = name_key(" ".join(text.split()))
    found = [row for row in rows if wanted and (name_key(row.name) == wanted or row.id.startswith(wanted))]
    if not found:
        raise NotFoundError(kind, text)
    if len(found) > 1:
        ids = ", ".join(row.id for row in found[:5])
        raise ParameterError(kind, text, f"name one {kind}; several are called so: {ids}")
    return found[0]


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
