"""Our errors in the visitor's language: worded by their code and what they know, never by their message."""

from herd_engine.errors import (
    ConflictError,
    HerdError,
    NotFoundError,
    ParameterError,
    ScenarioError,
)
from widgets.texts import Texts


def error_text(error: HerdError, texts: Texts) -> str:
    """Return what an error says, and what to do."""
    match error:
        case ConflictError(case=str(case), name=name) if case:
            return texts.t(f"error.{error.code}.{case}", name=name)
        case NotFoundError(kind=kind, id=id):
            return texts.t(f"error.{error.code}", kind=texts.get(f"kind.{kind}", kind), id=id)
        case ParameterError(name=name):
            return texts.t(f"error.{error.code}", name=_field(name, texts))
        case ScenarioError(problems=problems):
            fields = dict.fromkeys(_field(path, texts) for path, _ in problems)
            return texts.t(f"error.{error.code}", fields=", ".join(fields))
        case _:
            return texts.t(f"error.{error.code}")


def run_reason(code: str | None, texts: Texts) -> str:
    """Return why a run failed, by the code that is kept with it; empty for a code that is not known."""
    return texts.get(f"run.reason.{code}", texts.get(f"error.{code}", ""))


def _field(path: str, texts: Texts) -> str:
    """Return what a form calls a field, be it named with what it belongs to or without; else its path."""
    named = (texts.get(f"field.{prefix}{path}", "") for prefix in ("", "model."))
    return next(filter(None, named), path)
