"""Kinds of content that the contract names beside the JSON of a model."""

from typing import Any

CSV = "text/csv; charset=utf-8"
HTML = "text/html; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTES = "application/octet-stream"
EVENTS = "text/event-stream; charset=utf-8"
TEXT: dict[str, str] = {"type": "string"}
BINARY = TEXT | {"format": "binary"}
Responses = dict[int | str, dict[str, Any]]


def answered_with(*media: str, status: int = 200, description: str = "The file.") -> Responses:
    """Return what the contract says of an answer that is a file of one of these kinds."""
    kinds = [each.partition(";")[0] for each in media]
    content = {each: {"schema": TEXT if each.startswith("text/") else BINARY} for each in kinds}
    return {status: {"description": description, "content": content}}


def document_of(schema: str) -> Responses:
    """Return what the contract says of a JSON document that was made elsewhere, with the name of its form."""
    content = {"application/json": {"schema": {"type": "object", "description": schema}}}
    return {200: {"description": f"A document `{schema}`.", "content": content}}
