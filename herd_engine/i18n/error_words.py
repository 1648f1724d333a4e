"""Our errors in the reader's language: worded by their code and what they know, never by their message."""

from herd_engine.errors import (
    ConflictError,
    FarmNotFoundError,
    HerdError,
    NotFoundError,
    ParameterError,
    ScenarioError,
)
from herd_engine.i18n.wording import Wording


def error_text(error: HerdError, words: Wording) -> str:
    """Return what an error says, and what to do; ``words`` are those of reports."""
    match error:
        case ConflictError(case=case, name=name):
            return words.text(f"error.{error.code}.{case}", name=str(name))
        case FarmNotFoundError(id=id):
            return words.text(f"error.{error.code}.{'farm' if id else 'no_farm'}", name=id)
        case NotFoundError(kind=kind, id=id):
            return words.text(f"error.{error.code}", kind=words.texts.get(f"kind.{kind}", kind), id=id)
        case ParameterError(name=name):
            return words.text(f"error.{error.code}", name=field_name(name, words))
        case ScenarioError(problems=problems):
            fields = dict.fromkeys(field_name(path, words) for path, _ in problems)
            return words.text(f"error.{error.code}", fields=", ".join(fields))
        case _:
            return words.text(f"error.{error.code}")


def field_name(path: str, words: Wording) -> str:
    """Return what a form calls a field, be it named with what it belongs to or without; else its path."""
    named = (words.texts.get(f"field.{prefix}{path}", "") for prefix in ("", "model."))
    return next(filter(None, named), path)
