"""Documents of version 1, whose assumptions and warnings are English sentences: matched once, on load.

The sentences stand here as versions up to 0.2 wrote them; texts of today may change without a trace here.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from herd_engine.model.message import Message, Severity

VERSION_1, VERSION_2 = "herd-forecast/1", "herd-forecast/2"
_RATES = "these rates are the same in all years to come."
_NOWCAST = (
    "Inseminated animals that are not confirmed yet are pregnant with a probability estimated from the file"
)
_RISE = "pregnant heifers therefore rise from the report date to the first forecast record."
ASSUMPTIONS = {
    "Intervals are drawn from the herd's own records, each with equal chance.": "empirical",
    "Intervals are drawn from distributions fitted to the herd's own records.": "theoretical",
    "Rates come from the herd's own records, counted over the days at risk that the file can show, and drawn "
    "towards what is usual where records are few.": "calibrated",
    "Animals leave and conceive at rates that depend on lactation, days since calving, age and pregnancy; "
    f"{_RATES}": "hazards",
    f"{_NOWCAST}.": "nowcast",
    f"{_NOWCAST}; {_RISE}": "nowcast",
    "Bands hold chance and what is not known of the farm's rates: every second run draws the rates "
    "anew.": "uncertain",
    "Bands hold chance alone: the farm's rates are taken as known.": "certain",
    "Pregnant heifers are bought as the scenario's own list says, and no others.": "manual",
    "On the first of each month pregnant heifers are bought to replace animals that left and were not "
    "replaced by births, so that the total head count is kept.": "auto_counter",
    "On the first of each month pregnant heifers are bought to keep the milking cows expected after the lead "
    "time at today's number.": "auto_forecast",
    f"Animals leave at the rates of the file, multiplied by population_regulation; {_RATES}": "rates",
    f"Animals leave at the rates of the file, multiplied by the strength of culling; {_RATES}": "rates",
    "Recent pregnancies that are not confirmed yet are unknown to the forecast: calvings nine to ten months "
    "ahead are too few by these.": "unconfirmed",
}
_NUMBER = r"([\d,]+)"
_RUNS = rf"{_NUMBER} runs are few for this band: on average ([\d,.]+) of them lie beyond each of its ends\."
_UNSTABLE = rf"The bands are not stable after {_NUMBER} runs, the most that were allowed: {_NUMBER} numbers"
_CAP = r"The cap of (\d+) days in milk took (\d+) open cows out of the herd and dried off (\d+) pregnant ones"
WARNINGS = (
    ("warning_runs", re.compile(_RUNS), ("runs", "beyond")),
    ("warning_unstable", re.compile(_UNSTABLE), ("runs", "left")),
    ("warning_cap", re.compile(_CAP), ("days", "out", "dry")),
)


def upgraded(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document as version 2 has it; one of version 2 as it is.

    A sentence that no version wrote, as an edited file may hold, is kept word for word.
    """
    if document["schema"] != VERSION_1:
        return document
    meta = document["meta"]
    own = {
        "assumptions": [_assumption(text).as_plain() for text in meta["assumptions"]],
        "warnings": [_warning(text, meta["quality"]).as_plain() for text in meta["warnings"]],
        **_stability(meta),
    }
    return {**document, "schema": VERSION_2, "meta": {**meta, **own}}


def _assumption(text: str) -> Message:
    return Message(f"assumption_{ASSUMPTIONS[text]}") if text in ASSUMPTIONS else _as_written(text)


def _warning(text: str, quality: list[dict[str, Any]]) -> Message:
    found = (*_issues(text, quality), *_own(text))
    return found[0] if found else _as_written(text, Severity.WARNING)


def _issues(text: str, quality: list[dict[str, Any]]) -> Iterator[Message]:
    """Yield the issue of the file whose words a warning repeats."""
    for issue in quality:
        if issue["message"] == text:
            facts = {**issue["params"], "row_count": issue["row_count"]}
            yield Message(issue["code"], facts, Severity(issue["severity"]))


def _own(text: str) -> Iterator[Message]:
    for code, pattern, names in WARNINGS:
        if match := pattern.match(text):
            numbers = (float(number.replace(",", "")) for number in match.groups())
            facts = {
                name: number if name == "beyond" else int(number)
                for name, number in zip(names, numbers, strict=True)
            }
            yield Message(code, facts, Severity.WARNING)


def _stability(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of the number of replicates, with its message; nothing where it was given."""
    if "stability" not in meta:
        return {}
    told = meta["stability"]
    facts = {"runs": told["checked_at"][-1], "checked": list(told["checked_at"])}
    message = Message("note_stable", facts)
    if told["n_unsettled"]:
        message = Message("note_unstable", facts, Severity.WARNING)
    return {"stability": {**told, "message": message.as_plain()}}


def _as_written(text: str, severity: Severity = Severity.INFO) -> Message:
    return Message("as_written", {"text": text}, severity)
