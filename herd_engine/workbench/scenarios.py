"""Named scenarios of a farm."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from herd_engine.errors import ParameterError, ScenarioError
from herd_engine.runs.catalog import legacy
from herd_engine.runs.kept import KeptRuns
from herd_engine.scenarios.schema import complete
from herd_engine.storage.paging import Request
from herd_engine.storage.scenarios import ScenarioEdit, ScenarioFilters, ScenarioRow
from herd_engine.workbench.answers import Listed, ScenarioAnswer, ScenarioVersionAnswer, answer

VERSION_CURSOR = re.compile(r"([0-9a-f-]{36})\.([1-9]\d{0,8})")
"""Of which scenario, and which version was shown last."""


class Scenarios:
    """Named scenarios of a farm."""

    def __init__(self, kept: KeptRuns) -> None:
        self._rows = kept.catalog.scenarios

    def save(
        self, name: str, payload: Mapping[str, Any], *, description: str = "", tags: Sequence[str] = ()
    ) -> ScenarioAnswer:
        """Keep a scenario under a name; ConflictError where the name is taken."""
        return _scenario(self._rows.save(name, payload, description=description, tags=tuple(tags)))

    def get(self, scenario_id: str) -> ScenarioAnswer:
        """Return a scenario, or raise NotFoundError."""
        return _scenario(self._rows.get(scenario_id))

    def find(self, name: str) -> ScenarioAnswer:
        """Return the scenario of this name, whatever the case, or of this id; NotFoundError."""
        return _scenario(self._rows.find(name))

    def runnable(self, scenario_id: str) -> ScenarioAnswer:
        """Return a scenario that can be run or edited; ConflictError where it is of an older schema."""
        return _scenario(self._rows.runnable(scenario_id))

    def n_runs(self, scenario_id: str) -> int:
        """Return how many runs a scenario has: worth saying before it is deleted."""
        return self._rows.n_runs(scenario_id)

    def list(  # noqa: PLR0913 - one argument a filter
        self,
        *,
        name: str | None = None,
        tags: Sequence[str] = (),
        schema_version: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        deleted: bool = False,
        cursor: str | None = None,
        limit: int = 20,
    ) -> Listed[ScenarioAnswer]:
        """Return a page of scenarios, newest first; ``tags`` are those that each has, all of them."""
        filters = ScenarioFilters(
            name=name,
            tags=tuple(tags),
            schema_version=schema_version,
            created_from=created_after,
            created_to=created_before,
            deleted=deleted,
        )
        page = self._rows.list(filters, cursor, limit)
        return Listed(tuple(map(_scenario, page.items)), page.next_cursor)

    def edit(
        self, scenario_id: str, changes: Mapping[str, Any], expected_version: int | None = None
    ) -> ScenarioAnswer:
        """Change a scenario; an edit of its settings makes a new version.

        Parameters
        ----------
        scenario_id : str
        changes : mapping
            Any of ``name``, ``description``, ``tags``, ``params``.
        expected_version : int, optional
            ConflictError where somebody else has made another one.
        """
        values = {**changes, "tags": tuple(changes["tags"])} if "tags" in changes else dict(changes)
        return _scenario(self._rows.edit(scenario_id, ScenarioEdit(**values), expected_version))

    def versions(self, scenario_id: str) -> tuple[ScenarioVersionAnswer, ...]:
        """Return all versions, newest first; NotFoundError."""
        return tuple(answer(ScenarioVersionAnswer, row) for row in self._rows.versions(scenario_id))

    def version_page(
        self, scenario_id: str, cursor: str | None = None, limit: int = 20
    ) -> Listed[ScenarioVersionAnswer]:
        """Return a page of the versions, newest first.

        Raises
        ------
        ParameterError
            ``limit`` is not within 1 … 500, or the cursor is of another list.
        NotFoundError
        """
        said, limit = cursor or "", Request(None, limit).limit
        start = VERSION_CURSOR.fullmatch(said)
        if said and (start is None or start[1] != scenario_id):
            raise ParameterError("cursor", said, "be the next_cursor of a page of the same list")
        older = [each for each in self.versions(scenario_id) if start is None or each.version < int(start[2])]
        more = len(older) > limit
        last = f"{scenario_id}.{older[limit - 1].version}" if more else None
        return Listed(tuple(older[:limit]), last)

    def validate(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload with all defaults, or all that is wrong with it; nothing is kept."""
        try:
            return {"valid": True, "problems": [], "normalised": complete(payload)}
        except ScenarioError as error:
            problems = [
                {"pointer": "/" + path.replace(".", "/"), "message": text} for path, text in error.problems
            ]
        except ParameterError as error:
            problems = [{"pointer": f"/{error.name}", "message": str(error)}]
        return {"valid": False, "problems": problems, "normalised": None}

    def delete(self, scenario_id: str) -> int:
        """Delete a scenario; return how many runs of it stay."""
        return self._rows.delete(scenario_id)


def _scenario(row: ScenarioRow) -> ScenarioAnswer:
    summary = legacy(row)
    return answer(ScenarioAnswer, row, legacy_reason=None if summary is None else summary.reason)
