"""What the contract says of every operation: how callers show who they are, and how they are refused."""

from typing import Any

from herd_engine.api.problems import CASES, FRAMEWORK, STATUS

SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The key of the home, a key of a program, or a token of the provider.",
    },
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
FIRST_CONTRACT = "x-first-contract"
"""Marks operations whose errors have the form that programs of the first contract know."""
_TEXT, _ANY = {"type": "string"}, {"type": "object"}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `errors` lists each thing that is wrong.",
    "required": ["type", "title", "status", "detail", "instance", "code", "retryable", "request_id"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "instance", "code", "request_id"), _TEXT),
        "status": {"type": "integer"},
        "retryable": {"type": "boolean", "description": "Whether the same request may do later."},
        "details": _ANY,
        "errors": {"type": "array", "items": _ANY},
        "questions": {"type": "array", "items": _ANY, "description": "What a herd file leaves open."},
    },
}
_FIRST_PROBLEM = {
    "type": "object",
    "required": ["detail"],
    "properties": {
        "detail": {
            "type": "object",
            "required": ["error_code", "message", "details"],
            "properties": {"error_code": _TEXT, "message": _TEXT, "details": _ANY},
        }
    },
}


def completed(contract: dict[str, Any]) -> dict[str, Any]:
    """Return the framework's contract with what it does not know."""
    components = contract.setdefault("components", {})
    components["securitySchemes"] = SCHEMES
    components["schemas"] |= {"Problem": _PROBLEM, "FirstProblem": _FIRST_PROBLEM}
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    components["responses"] = {
        "Refused": _refused("application/problem+json", "Problem", _codes()),
        "FirstRefused": _refused("application/json", "FirstProblem", "`detail.error_code` is stable."),
    }
    contract["paths"] = dict(sorted(contract["paths"].items()))  # in whatever order they are looked for
    contract["security"] = [{name: []} for name in SCHEMES]
    for methods in contract["paths"].values():
        for operation in methods.values():
            _complete(operation)
    return contract


def _complete(operation: dict[str, Any]) -> None:
    if operation.get("x-scope") == "none":
        operation["security"] = []
    name = "FirstRefused" if operation.pop(FIRST_CONTRACT, False) else "Refused"
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    for status in ("4XX", "5XX"):
        responses.setdefault(status, {"$ref": f"#/components/responses/{name}"})


def _refused(content_type: str, schema: str, description: str) -> dict[str, Any]:
    content = {content_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _codes() -> str:
    """Return every stable code with its status."""
    known = {code: status for status, (code, _) in FRAMEWORK.items()}
    known |= {code: status for status, code in CASES.values()}
    known |= {kind.code: status for kind, status in STATUS.items()}
    known |= {
        "TOKEN_MISSING": 401,
        "TOKEN_INVALID": 401,
        "TOKEN_CLAIMS_INVALID": 401,
        "FEATURE_DISABLED": 403,
        "RATE_LIMITED": 429,
        "QUEUE_FULL": 429,
        "STREAM_LIMIT": 429,
    }
    listed = ", ".join(f"{code} {status}" for code, status in sorted(known.items()))
    return f"Why it was not carried out. Codes may be added; today among others: {listed}."
