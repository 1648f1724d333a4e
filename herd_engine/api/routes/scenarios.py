"""Named scenarios and presets."""

from dataclasses import asdict
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from herd_engine.api.asking import Bench, Cursor, Limit, PageOf, needs, page
from herd_engine.api.conditional import ConditionalRoute, TagOf
from herd_engine.api.keyed import KeyedRoute
from herd_engine.api.problems import Refusal
from herd_engine.errors import ParameterError
from herd_engine.workbench.answers import PresetAnswer, ScenarioAnswer, ScenarioVersionAnswer


class ScenarioRoute(KeyedRoute, ConditionalRoute):
    """A route of scenarios."""

    tags_of: ClassVar[dict[str, TagOf]] = {
        "scenarios_get": lambda bench, scenario_id: f'"{bench.scenarios.get(scenario_id).version}"',
    }


router = APIRouter(prefix="/api/v1", tags=["scenarios"], route_class=ScenarioRoute)
STATUSES = ("active", "deleted")
READ, RUN, WRITE = needs("herd:read"), needs("herd:run"), needs("herd:write")


class NewScenario(BaseModel):
    """A scenario to be kept."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100)
    description: str = ""
    tags: list[str] = Field(default_factory=list)
    payload: dict[str, Any]


class ScenarioChange(BaseModel):
    """What of a scenario may change; what is not named stays."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(None, min_length=1, max_length=100)
    description: str | None = None
    tags: list[str] | None = None
    payload: dict[str, Any] | None = None


class NewPreset(BaseModel):
    """Settings to be kept."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100)
    payload: dict[str, Any]


class PresetChange(BaseModel):
    """What of a preset may change; what is not named stays."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(None, min_length=1, max_length=100)
    payload: dict[str, Any] | None = None


class Checked(BaseModel):
    """What is wrong with a payload, or all of it with its defaults."""

    valid: bool
    problems: list[dict[str, str]]
    normalised: dict[str, Any] | None


class PresetIds(BaseModel):
    """Several presets."""

    model_config = ConfigDict(extra="forbid")
    ids: list[str] = Field(min_length=1, max_length=500)


@router.get("/scenarios", operation_id="scenarios_list", summary="List scenarios", dependencies=[READ])
def list_scenarios(  # noqa: PLR0913, PLR0917 - one argument a filter
    bench: Bench,
    request: Request,
    response: Response,
    name: str | None = None,
    tag: Annotated[list[str] | None, Query(description="Several are all of them.")] = None,
    status: str = "active",
    created_after: AwareDatetime | None = None,
    created_before: AwareDatetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> PageOf[ScenarioAnswer]:
    """Newest first; `status` is active or deleted."""
    if created_after and created_before and created_after > created_before:
        raise Refusal(422, "REQUEST_INVALID", "`created_after` is later than `created_before`.")
    if status not in STATUSES:
        raise ParameterError("status", status, f"be one of {', '.join(STATUSES)}")
    listed = bench.scenarios.list(
        name=name,
        tags=tag or (),
        deleted=status == "deleted",
        created_after=created_after,
        created_before=created_before,
        cursor=cursor,
        limit=limit,
    )
    return page(listed, request, response)


@router.post(
    "/scenarios",
    operation_id="scenarios_create",
    summary="Keep a scenario",
    status_code=201,
    dependencies=[needs("herd:write", "herd:add")],
)
def add_scenario(bench: Bench, response: Response, new: NewScenario) -> ScenarioAnswer:
    """422 with all that is wrong with it."""
    kept = bench.scenarios.save(new.name, new.payload, description=new.description, tags=new.tags)
    response.headers["location"] = f"/api/v1/scenarios/{kept.id}"
    response.headers["etag"] = f'"{kept.version}"'
    return kept


@router.get(
    "/scenarios/{scenario_id}", operation_id="scenarios_get", summary="Show a scenario", dependencies=[READ]
)
def get_scenario(bench: Bench, response: Response, scenario_id: str) -> ScenarioAnswer:
    """Its ETag is what an edit must name."""
    found = bench.scenarios.get(scenario_id)
    response.headers["etag"] = f'"{found.version}"'
    return found


@router.patch(
    "/scenarios/{scenario_id}",
    operation_id="scenarios_update",
    summary="Edit a scenario",
    dependencies=[WRITE],
)
def edit_scenario(
    bench: Bench, scenario_id: str, change: ScenarioChange, if_match: Annotated[str | None, Header()] = None
) -> ScenarioAnswer:
    """Needs `If-Match` with the version that was read: nobody's edit is lost without a word."""
    if if_match is None:
        raise Refusal(428, "PRECONDITION_REQUIRED", "Send `If-Match` with the version that you have read.")
    version = if_match.strip().strip('"')
    if not version.isdigit() or bench.scenarios.get(scenario_id).version != int(version):
        raise Refusal(412, "VERSION_MISMATCH", "Somebody has made another version; read it first.")
    changes = change.model_dump(exclude_unset=True)
    if "payload" in changes:
        changes["params"] = changes.pop("payload")
    return bench.scenarios.edit(scenario_id, changes, int(version))


@router.delete(
    "/scenarios/{scenario_id}",
    operation_id="scenarios_delete",
    summary="Delete a scenario",
    dependencies=[WRITE],
)
def delete_scenario(bench: Bench, scenario_id: str) -> dict[str, int]:
    """Runs of it stay."""
    return {"runs_kept": bench.scenarios.delete(scenario_id)}


@router.get("/presets", operation_id="presets_list", summary="List presets", dependencies=[READ])
def list_presets(
    bench: Bench, request: Request, response: Response, cursor: Cursor = None, limit: Limit = 20
) -> PageOf[PresetAnswer]:
    """The built-in ones and the caller's own."""
    return page(bench.presets.list(cursor, limit), request, response)


@router.post(
    "/presets",
    operation_id="presets_create",
    summary="Keep settings",
    status_code=201,
    responses={200: {"model": PresetAnswer, "description": "They were kept before."}},
    dependencies=[RUN],
)
def add_preset(bench: Bench, response: Response, new: NewPreset) -> PresetAnswer:
    """201 new; 200 with the preset that has the same name and content already (`Herd-Reused: true`)."""
    found, is_new = bench.presets.put(new.name, new.payload)
    response.headers["location"] = f"/api/v1/presets/{found.id}"
    if not is_new:
        response.status_code = 200
        response.headers["herd-reused"] = "true"
    return found


@router.post(
    "/presets:bulkDelete", operation_id="presets_bulk_delete", summary="Delete presets", dependencies=[RUN]
)
def delete_presets(bench: Bench, several: PresetIds) -> dict[str, Any]:
    """Tells which were deleted, and which not and why."""
    return asdict(bench.presets.delete(several.ids))


@router.get("/presets/{preset_id}", operation_id="presets_get", summary="Show a preset", dependencies=[READ])
def get_preset(bench: Bench, preset_id: str) -> PresetAnswer:
    """Built in, or the caller's own."""
    return bench.presets.get(preset_id)


@router.patch(
    "/presets/{preset_id}", operation_id="presets_update", summary="Edit a preset", dependencies=[RUN]
)
def edit_preset(bench: Bench, preset_id: str, change: PresetChange) -> PresetAnswer:
    """409 for a built-in one."""
    return bench.presets.edit(preset_id, name=change.name, payload=change.payload)


@router.delete(
    "/presets/{preset_id}", operation_id="presets_delete", summary="Delete a preset", dependencies=[RUN]
)
def delete_preset(bench: Bench, preset_id: str) -> dict[str, Any]:
    """Of the caller's own."""
    bench.presets.get(preset_id)
    return asdict(bench.presets.delete([preset_id]))


@router.post(
    "/scenarios:validate",
    operation_id="scenarios_validate",
    summary="Check a payload",
    dependencies=[READ],
)
def validate(bench: Bench, payload: dict[str, Any]) -> Checked:
    """Nothing is kept."""
    return Checked(**bench.scenarios.validate(payload))


@router.get(
    "/scenarios/{scenario_id}/versions",
    operation_id="scenarios_versions",
    summary="List the versions of a scenario",
    dependencies=[READ],
)
def versions(
    bench: Bench,
    request: Request,
    response: Response,
    scenario_id: str,
    cursor: Cursor = None,
    limit: Limit = 500,
) -> PageOf[ScenarioVersionAnswer]:
    """Newest first."""
    found = bench.scenarios.get(scenario_id)
    return page(bench.scenarios.version_page(found.id, cursor, limit), request, response)


@router.get(
    "/scenarios/{scenario_id}/versions/{version}",
    operation_id="scenarios_version",
    summary="Show a version of a scenario",
    dependencies=[READ],
)
def version_of(bench: Bench, scenario_id: str, version: str) -> ScenarioVersionAnswer:
    """404 where there is no such version."""
    found = bench.scenarios.get(scenario_id)
    for each in bench.scenarios.versions(found.id):
        if str(each.version) == version:
            return each
    raise Refusal(404, "NOT_FOUND", "There is nothing here.")
