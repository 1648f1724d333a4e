"""A forecast that is wished for: of a kept herd file, or together with the file itself."""

from typing import Annotated, Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Json,
    ValidationError,
    model_validator,
)

from herd_engine.api.problems import Refusal
from herd_engine.api.strict_json import checked_text
from herd_engine.api.uploads import FORM, UploadFields, body_of, received
from herd_engine.workbench import Workbench

Note = Annotated[
    str | None, Field(max_length=200, description="What you say about this wish; your submission keeps it.")
]
NOT_CHOSEN = ("code_version", "environment", "max_memory_mb")
"""What a program may not choose: which code runs here, and with what."""


def without_choice(said: object) -> object:
    """Refuse who would choose code or environment of the machine, and say why."""
    for name in NOT_CHOSEN:
        if isinstance(said, dict) and name in said:
            raise ValueError(
                f"`{name}` cannot be chosen: which code runs, and with what, the server decides."
            )
    return said


class NewRun(BaseModel):
    """A forecast that is wished for: a herd file, and a payload or a kept scenario."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"dataset_id": "5f0c…", "payload": {"horizon_months": 36, "mc_runs": 1000}}]
        },
    )
    dataset_id: str
    payload: dict[str, Any] | None = None
    scenario_id: str | None = None
    priority: int = Field(0, ge=-10, le=10)
    timeout_seconds: float | None = Field(None, ge=1, le=86_400)
    force: bool = False
    note: Note = None
    _choice = model_validator(mode="before")(without_choice)


class RunForm(UploadFields):
    """A herd file and what is wished of it, as fields of a form."""

    payload: Annotated[Json[dict[str, Any]], BeforeValidator(checked_text)] | None = Field(
        None, description="JSON: the scenario; defaults otherwise."
    )
    scenario_id: str | None = None
    priority: int = Field(0, ge=-10, le=10)
    timeout_seconds: float | None = Field(None, ge=1, le=86_400)
    force: bool = False
    note: Note = None
    _choice = model_validator(mode="before")(without_choice)


WISHES = ("payload", "scenario_id", "priority", "timeout_seconds", "force", "note")


async def wished(bench: Workbench, request: Request) -> tuple[NewRun, list[dict[str, Any]] | None]:
    """Return what is wished for, and the issues of the file that came with it, which is kept then.

    Raises
    ------
    RequestValidationError, Refusal, HerdError
    """
    media = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media == FORM:
        return await _with_file(bench, request)
    if media != "application/json":
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"One of: application/json, {FORM}.")
    try:
        return NewRun.model_validate_json(await request.body()), None
    except ValidationError as error:
        wrong = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_context=False)]
        raise RequestValidationError(wrong) from error


async def _with_file(bench: Workbench, request: Request) -> tuple[NewRun, list[dict[str, Any]]]:
    upload, said = await received(request, RunForm)
    bench.require("herd:write", "herd:add")
    given = (upload.data, upload.name, said.answers())
    added = await run_in_threadpool(bench.datasets.add, *given, same_farm=said.same_farm)
    chosen = {name: getattr(said, name) for name in WISHES}
    return NewRun(dataset_id=added.dataset.id, **chosen), added.dataset.quality


def run_body() -> dict[str, Any]:
    """Return the body of such a request as the contract has it."""
    form = body_of(RunForm)
    return {
        **form,
        "content": {"application/json": {"schema": NewRun.model_json_schema()}, **form["content"]},
    }
