"""What is said when something is wrong: RFC 9457, with a stable code; never a path, SQL or a traceback."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from herd_engine import errors
from herd_engine.api.legacy.problems import is_legacy, legacy_problem
from herd_engine.errors import (
    ConflictError,
    ForbiddenError,
    HerdDataError,
    HerdError,
    ParameterError,
    ScenarioError,
    UnknownParameterError,
)

log = logging.getLogger(__name__)

STATUS: dict[type[HerdError], int] = {
    errors.UnknownParameterError: 422,
    errors.ParameterError: 422,
    errors.ScenarioError: 422,
    errors.HerdDataError: 422,
    errors.OutputError: 500,
    errors.ClusterError: 503,
    errors.BatchError: 500,
    errors.YamlError: 422,
    errors.PlanError: 422,
    errors.PoliciesError: 422,
    errors.ContractError: 422,
    errors.ChannelsError: 422,
    errors.PrintError: 500,
    errors.DeliveryError: 500,
    errors.ServiceError: 503,
    errors.StorageError: 503,
    errors.NotFoundError: 404,
    errors.FarmNotFoundError: 404,
    errors.ForbiddenError: 403,
    errors.ConflictError: 409,
    errors.ForecastCanceled: 409,
    errors.InvariantError: 500,
    errors.HerdError: 500,
}
"""A test holds that no error of ours is missing."""
CASES = {
    "key_reused": (422, "IDEMPOTENCY_KEY_REUSED"),
    "replay_active": (409, "REPLAY_ACTIVE"),
    "key_in_progress": (409, "IDEMPOTENCY_IN_PROGRESS"),
    "dataset_used": (409, "IN_USE"),
    "farm_taken": (409, "NAME_TAKEN"),
    "scenario_taken": (409, "NAME_TAKEN"),
    "scenario_old": (409, "LEGACY_SCENARIO_READ_ONLY"),
    "scenario_changed": (412, "VERSION_MISMATCH"),
}
"""Conflicts that have a code of their own."""
FRAMEWORK = {
    400: ("MALFORMED_JSON", "The request cannot be read."),
    404: ("NOT_FOUND", "There is nothing here."),
    405: ("METHOD_NOT_ALLOWED", "This cannot be done here."),
    413: ("PAYLOAD_TOO_LARGE", "The request is too large."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "This kind of content is not taken here."),
}
EXTENSIONS = ("questions",)
"""Details that stand beside the others: what is to be answered is the next thing that a client does."""
JSON_TYPES = ("application/json", "application/merge-patch+json")
MOST_ERRORS = 100
LONGEST_VALUE = 200
RETRY_SECONDS = 2


class Refusal(HTTPException):
    """A request that is not carried out, with what is answered.

    One of the framework's own kind, because that alone passes its reading of bodies unchanged.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        /,
        **details: Any,
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.code, self.details = code, details


def unauthorized(code: str, text: str, **headers: str) -> Refusal:
    """Return the answer to who did not say who they are, or could not show it."""
    reason = "" if code == "TOKEN_MISSING" else ' error="invalid_token"'
    return Refusal(401, code, text, {"WWW-Authenticate": f"Bearer{reason}", **headers})


def problem(
    refusal: Refusal, path: str, request_id: str, errors: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the body of an answer."""
    return {
        "type": f"/problems/{refusal.code}",
        "title": refusal.code.replace("_", " ").capitalize(),
        "status": refusal.status_code,
        "detail": refusal.detail,
        "instance": path,
        "code": refusal.code,
        "retryable": refusal.status_code in (429, 503),
        "request_id": request_id,
        "details": refusal.details,
        "errors": (errors or [])[:MOST_ERRORS],
    } | {name: refusal.details[name] for name in EXTENSIONS if name in refusal.details}


def refusal_of(error: HerdError) -> tuple[Refusal, list[dict[str, Any]]]:
    """Return what is answered to an error of ours, and each thing that is wrong."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    code = error.code
    details: dict[str, Any] = {}
    listed: list[dict[str, Any]] = []
    match error:
        case ForbiddenError(scope=scope):
            details = {"required_scope": scope}
        case ConflictError(case=case) if case in CASES:
            status, code = CASES[case]
        case ConflictError(case=case, name=name):
            details = {"case": case, "name": name}
        case ScenarioError(problems=problems):
            listed = [
                {"pointer": "/" + path.replace(".", "/"), "code": code, "message": text}
                for path, text in problems
            ]
        case HerdDataError(issues=issues, questions=questions):
            listed = [asdict(issue) for issue in issues]
            details = {"questions": [each.document() for each in questions]} if questions else {}
        case UnknownParameterError(name=name, suggestion=suggestion):
            details = {"name": name, "suggestion": suggestion}
        case ParameterError(name="cursor"):
            status, code = 400, "CURSOR_INVALID"
        case ParameterError(name=name, value=value):
            listed = [{"parameter": name, "code": code, "message": str(error), "value": _short(value)}]
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    # What a store or a part says of itself names places of this machine; the log has it.
    detail = str(error) if status < 500 else "This cannot be done just now; the log of the service says why."
    return Refusal(status, code, detail, headers, **details), listed


def answer_problems(app: FastAPI) -> None:
    """Have every error answered in one form, the framework's own too."""

    @app.exception_handler(HerdError)
    def _herd_error(request: Request, error: HerdError) -> JSONResponse:
        refusal, listed = refusal_of(error)
        if refusal.status_code >= 500:
            log.error("%s: %s", error.code, error, exc_info=error)
        return _response(request, refusal, listed)

    @app.exception_handler(Refusal)
    def _refused(request: Request, refusal: Refusal) -> JSONResponse:
        return _response(request, refusal)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        listed = [_wrong_field(each) for each in error.errors()]
        if any(each["type"] == "json_invalid" for each in error.errors()):
            return _response(request, Refusal(400, "MALFORMED_JSON", "The body is not JSON."))
        if _is_of_another_kind(request, error):
            text = f"Send the body as one of: {', '.join(JSON_TYPES)}."
            return _response(request, Refusal(415, "UNSUPPORTED_MEDIA_TYPE", text))
        text = "The request is not as described; `errors` lists where."
        return _response(request, Refusal(422, "REQUEST_INVALID", text), listed)

    @app.exception_handler(HTTPException)
    def _framework(request: Request, error: HTTPException) -> JSONResponse:
        code, text = FRAMEWORK.get(error.status_code, ("INTERNAL_ERROR", "Something went wrong."))
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(allowed_methods(app, request.url.path))
        return _response(request, Refusal(error.status_code, code, text, headers))

    @app.exception_handler(Exception)
    def _unknown(request: Request, error: Exception) -> JSONResponse:
        log.error("request %s failed", request.state.request_id, exc_info=error)
        text = "A defect of the service; the log has it under this request's id."
        return _response(request, Refusal(500, "INTERNAL_ERROR", text))


def allowed_methods(app: FastAPI, path: str) -> list[str]:
    """Return what may be done at a path: all routes of it together, HEAD wherever GET."""
    methods = {
        method for route in app.state.routes if route.path_regex.match(path) for method in route.methods
    }
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()) | {"OPTIONS"})


def _is_of_another_kind(request: Request, error: RequestValidationError) -> bool:
    """Tell whether a body was sent as something other than the JSON that is taken at this path.

    The first contract says 422 of that.
    """
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_unread = any(each["loc"] == ("body",) and each["type"] != "missing" for each in error.errors())
    return is_unread and sent not in JSON_TYPES and not is_legacy(request.url.path)


def _wrong_field(error: Mapping[str, Any]) -> dict[str, Any]:
    place, *path = error["loc"]
    kind = {"query": "parameter", "path": "parameter", "header": "header"}.get(str(place), "pointer")
    where = "/".join(map(str, path))
    return {
        kind: f"/{where}" if kind == "pointer" else where,
        "code": str(error["type"]).upper(),
        "message": str(error["msg"]).removeprefix("Value error, "),
        "value": _short(error.get("input")),
    }


def _short(value: object) -> str:
    return str(value)[:LONGEST_VALUE]


def _response(request: Request, refusal: Refusal, listed: list[dict[str, Any]] | None = None) -> JSONResponse:
    body, media_type = rendered(
        refusal, request.url.path, getattr(request.state, "request_id", ""), listed or []
    )
    headers = {"Cache-Control": "no-store", **(refusal.headers or {})}
    return JSONResponse(body, refusal.status_code, headers, media_type=media_type)


def rendered(
    refusal: Refusal, path: str, request_id: str, listed: list[dict[str, Any]]
) -> tuple[dict[str, Any], str]:
    """Return the body of an error as the contract of the path has it, and its type."""
    if is_legacy(path):
        code, told = refusal.code, refusal.details
        return legacy_problem(refusal.status_code, code, refusal.detail, told, listed), "application/json"
    return problem(refusal, path, request_id, listed), "application/problem+json"
