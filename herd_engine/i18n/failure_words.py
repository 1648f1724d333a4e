"""Why a run failed: kept as a code with its facts, worded when somebody looks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from herd_engine.errors import (
    BatchError,
    ConflictError,
    HerdDataError,
    HerdError,
    NotFoundError,
    ParameterError,
    ScenarioError,
    UnknownParameterError,
)
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.error_words import field_name
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.message import Fact, Message, Severity


def failure_of(error: HerdError) -> Message:
    """Return the code of an error with what it knows; ``said`` is a quotation of another program."""
    return Message(error.code, _facts(error), Severity.ERROR)


def _facts(error: HerdError) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"said": str(error)}
    match error:
        case BatchError(first_run=first, reason=reason):
            facts = {"first_run": first, "said": reason}
        case HerdDataError(issues=issues) if issues:
            facts = {"issues": tuple(issue.said for issue in issues)}
        case ScenarioError(problems=problems):
            facts = {"fields": list(dict.fromkeys(path for path, _ in problems))}
        case UnknownParameterError(name=name):
            facts = {"name": name}
        case ParameterError(name=name, value=value):
            facts = {"name": name, "value": str(value)}
        case NotFoundError(kind=kind, id=id):
            facts = {"kind": kind, "id": id}
        case ConflictError(case=case, name=name):
            facts = {"case": case, "name": name}
    return facts


def failure_text(
    code: str | None, params: Mapping[str, Any] | None, words: Wording, *, quoted: bool = False
) -> str:
    """Return why a run failed and what to do, in words; empty for a code that is not known.

    Parameters
    ----------
    code : str, optional
    params : mapping, optional
        Facts, plain, as they are kept; a run that failed before they were has none.
    words : Wording
    quoted : bool
        Quote other programs, too, in their own language: for who looks after the machine.
    """
    reason = words.get(f"run.reason.{code}", words.get(f"error.{code}", ""))
    facts = Message.from_plain({"code": f"run.facts.{code}", "params": params or {}, "severity": "error"})
    told = [reason]
    if params and facts.code in words.texts:
        told.append(words.say(replace(facts, params=_named(facts.params, words))))
    if quoted and params and params.get("said"):
        told.append(words.text("run.said", said=params["said"]))
    return " ".join(filter(None, told))


def _named(params: Mapping[str, Fact], words: Wording) -> dict[str, Fact]:
    """Return facts in which fields are called as forms call them."""
    named = dict(params)
    if isinstance(named.get("name"), str):
        named["name"] = field_name(str(named["name"]), words)
    if isinstance(fields := named.get("fields"), list):
        named["fields"] = [field_name(str(path), words) for path in fields]
    return named


def kept_failure(code: str | None, params: Mapping[str, Any] | None, sentence: str | None) -> str | None:
    """Return why a run failed in English, for programs: worded, or the sentence that was kept before."""
    if code is None or params is None:
        return sentence
    return failure_text(code, params, wording(ENGLISH), quoted=True) or code
