"""Errors of the first contract: ``{"detail": {"error_code", "message", "details"}}``, the framework's too."""

import re
from collections.abc import Sequence
from typing import Any

NEW = re.compile(r"/api/(v1|health|openapi\.json|docs)(/|$|:)")
GONE = re.compile(r"/api/forecast/(run|export/(csv|xlsx))")
"""Waited for a forecast within one request; nothing of such a request is read, not even a token."""
SUCCESSORS = (
    ("/api/datasets", "/api/v1/datasets"),
    ("/api/scenarios", "/api/v1/scenarios"),
    ("/api/me/presets", "/api/v1/presets"),
    ("/api/me/history", "/api/v1/me/submissions"),
)
DEPRECATED_AT = 1_796_083_200
"""2026-12-01, as RFC 9745 wants it."""
CODES = {
    "NOT_READY": "JOB_NOT_READY",
    "RUN_FAILED": "JOB_NOT_READY",
    "REQUEST_INVALID": "REQUEST_VALIDATION_ERROR",
    "MALFORMED_JSON": "REQUEST_VALIDATION_ERROR",
    "SCENARIO_INVALID": "SCENARIO_PARAMS_INVALID",
    "PARAMETER_INVALID": "SCENARIO_PARAMS_INVALID",
    "PARAMETER_UNKNOWN": "SCENARIO_PARAMS_INVALID",
    "PAYLOAD_TOO_LARGE": "UPLOAD_TOO_LARGE",
}
KEPT = frozenset(
    (
        *("INVALID_FILE_TYPE", "INVALID_CONTENT_TYPE", "TOKEN_MISSING", "TOKEN_INVALID"),
        *("TOKEN_CLAIMS_INVALID", "DATASET_NOT_FOUND", "SCENARIO_NOT_FOUND", "JOB_NOT_FOUND"),
        *("HISTORY_ITEM_NOT_FOUND", "PRESET_NOT_FOUND", "EXPORT_NOT_READY", "HISTORY_JOB_ACTIVE"),
        *("HISTORY_RESULT_EXPIRED", "LEGACY_SCENARIO_READ_ONLY", "LEGACY_PRESET_READ_ONLY"),
        *("LEGACY_HISTORY_READ_ONLY", "SYNC_ENDPOINT_REMOVED", "HISTORY_PARAMS_INVALID"),
    )
)
CANNOT_BE_READ = frozenset(
    ("file_unreadable", "empty_file", "unknown_file_format", "damaged_file", "file_too_large", "no_rows")
)


def is_legacy(path: str) -> bool:
    """Tell whether a path is of the first contract, or of nothing that there is."""
    return path.startswith("/api/") and NEW.match(path) is None


def legacy_headers(path: str) -> dict[str, str]:
    """Return what every answer of the first contract says about its successor."""
    successor = next((new for old, new in SUCCESSORS if path.startswith(old)), "/api/v1/runs")
    return {"deprecation": f"@{DEPRECATED_AT}", "link": f'<{successor}>; rel="successor-version"'}


def legacy_problem(
    status: int, code: str, message: str, details: dict[str, Any], listed: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Return the body of an error; a code that the first contract does not have is told in the details."""
    if code == "HERD_DATA_INVALID":
        code, details = _of_a_file(message, details, listed)
    elif listed:
        details = {**details, "errors": list(listed)}
    if code == "PAYLOAD_TOO_LARGE":
        details = {"max_upload_bytes": details.get("limit")}
    known = CODES.get(code, code)
    if known not in KEPT and known not in (*CODES.values(), *FILE_CODES):
        details = {**details, "code": code}
        known = "HTTP_ERROR"
        if status >= 500:
            known = "DEPENDENCY_UNAVAILABLE" if status == 503 else "INTERNAL_SERVER_ERROR"
    return {"detail": {"error_code": known, "message": message, "details": details}}


FILE_CODES = (
    "MISSING_REQUIRED_COLUMNS",
    "INVALID_ANIMAL_ID",
    "INVALID_LACTATION",
    "DATASET_VALIDATION_FAILED",
    "DATASET_PARSE_FAILED",
)


def _of_a_file(
    message: str, details: dict[str, Any], listed: Sequence[dict[str, Any]]
) -> tuple[str, dict[str, Any]]:
    blocking = {str(each["code"]): each for each in listed if each.get("blocking")}
    if (missing := blocking.get("missing_columns")) is not None:
        columns = next((each for each in missing["params"].values() if isinstance(each, list)), [])
        return "MISSING_REQUIRED_COLUMNS", {"missing_columns": columns}
    if not blocking or CANNOT_BE_READ & set(blocking):
        return "DATASET_PARSE_FAILED", {"reason": message, **details}
    return "DATASET_VALIDATION_FAILED", {"errors": list(listed), **details}
