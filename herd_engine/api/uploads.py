"""A herd file that comes with a request, and what its sender says about it."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Json, ValidationError
from starlette.datastructures import UploadFile

from herd_engine.api.problems import Refusal
from herd_engine.api.strict_json import checked_text
from herd_engine.model.answers import Answers, DateOrder

RAW = {
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.apache.parquet": ".parquet",
}
FORM = "multipart/form-data"
MOST_FIELDS = 20
LONGEST_FIELD = 1 << 20

Word = Annotated[str, Field(max_length=200)]
Words = Annotated[Json[dict[Word, Word]], BeforeValidator(checked_text)]


class UploadFields(BaseModel):
    """What a sender says about a herd file: fields of the form, or parameters where the file is the body."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(None, min_length=1, max_length=200)
    column_map: Words | None = Field(None, description="JSON: header in the file to our name.")
    status_map: Words | None = Field(None, description="JSON: status word in the file to the status.")
    sex_map: Words | None = Field(None, description="JSON: word for a sex to female or male.")
    dates: DateOrder | None = Field(None, description="Order of day, month, year where no cell proves it.")
    sheet: str = Field(
        "", max_length=200, description="The sheet, file or herd that is meant, where several are."
    )
    accept_losses: bool = Field(False, description="Go on without the rows that cannot be used.")
    same_farm: bool = Field(False, description="It is of this farm, although it may look otherwise.")

    def answers(self) -> Answers:
        """Return what the reader is told."""
        return Answers.of(
            columns=self.column_map,
            statuses=self.status_map,
            sexes=self.sex_map,
            dates=self.dates,
            sheet=self.sheet,
            accept_losses=self.accept_losses,
        )


Said = TypeVar("Said", bound=UploadFields)


@dataclass(frozen=True, slots=True)
class Upload:
    """A herd file as it was sent."""

    name: str
    data: bytes


async def received(request: Request, kind: type[Said]) -> tuple[Upload, Said]:
    """Read a herd file and what is said about it; refuse what is neither a form nor a kind of file."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == FORM:
        return await _form(request, kind)
    if media not in RAW:
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"One of: {FORM}, {', '.join(RAW)}.")
    known = {name: value for name, value in request.query_params.items() if name != "farm"}
    said = _checked(kind, known, "query")
    name = said.name or "herd"
    full = name if PurePosixPath(name).suffix else name + RAW[media]
    return Upload(PurePosixPath(full).name, await request.body()), said


async def _form(request: Request, kind: type[Said]) -> tuple[Upload, Said]:
    # Starlette keeps what is larger than 1 MiB in a file, not in memory.
    async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            missing = {"type": "missing", "loc": ("body", "file"), "msg": "Field required", "input": None}
            raise RequestValidationError([missing])
        said = _checked(kind, {name: each for name, each in form.items() if name != "file"}, "body")
        name = said.name or file.filename or "herd.csv"
        return Upload(PurePosixPath(name).name, await file.read()), said


def _checked(kind: type[Said], values: dict[str, Any], place: str) -> Said:
    try:
        return kind(**values)
    except ValidationError as error:
        wrong = [{**each, "loc": (place, *each["loc"])} for each in error.errors(include_context=False)]
        raise RequestValidationError(wrong) from error


def body_of(kind: type[UploadFields]) -> dict[str, Any]:
    """Return the body of such a request as the contract has it."""
    file = {"type": "string", "format": "binary"}
    schema = kind.model_json_schema()
    form = {**schema, "properties": {"file": file, **schema["properties"]}}
    form["required"] = ["file", *schema.get("required", ())]
    form.pop("$defs", None)
    if "dates" in form["properties"]:
        form["properties"]["dates"] = {"type": "string", "enum": [str(each) for each in DateOrder]}
    content = {FORM: {"schema": form}}
    return {"required": True, "content": content}


def with_raw(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a request that may also be the file itself."""
    raw = {media: {"schema": {"type": "string", "format": "binary"}} for media in RAW}
    return {**body, "content": {**body["content"], **raw}}
