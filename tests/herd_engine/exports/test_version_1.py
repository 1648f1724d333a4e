"""Documents of version 1 are read for ever: their sentences become codes, whatever the texts say today.

``forecast_1.json`` was written by version 0.2.0 from a sample farm with mistakes.
"""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from herd_engine.exports.document import forecast_document, forecast_schema
from herd_engine.exports.document_reader import forecast_from_document
from herd_engine.exports.version_1 import ASSUMPTIONS, VERSION_1, upgraded
from herd_engine.i18n.catalogue import catalogue
from herd_engine.i18n.wording import wording
from herd_engine.model.message import Message, Severity

DOCUMENT = json.loads((Path(__file__).parent / "forecast_1.json").read_text("utf-8"))
CAP = "The cap of 300 days in milk took 0 open cows out of the herd and dried off 8 pregnant ones on the "
UNSTABLE = (
    "The bands are not stable after 20,000 runs, the most that were allowed: 1,017 numbers of this forecast "
    "would still move with another seed. Allow more runs."
)


def document_with(**meta: object) -> dict[str, object]:
    return {**DOCUMENT, "meta": {**DOCUMENT["meta"], **meta}}


def test_what_0_2_0_wrote_is_read_as_codes_and_facts() -> None:
    meta = forecast_from_document(DOCUMENT).meta

    assert [message.code for message in meta.assumptions] == [
        "assumption_empirical", "assumption_manual", "assumption_rates", "assumption_unconfirmed",
    ]  # fmt: skip
    assert [message.code for message in meta.warnings[-4:]] == [
        "report_date_disagreement", "unconfirmed_inseminations", "warning_runs", "warning_cap",
    ]  # fmt: skip
    assert meta.warnings[-2] == Message("warning_runs", {"runs": 20, "beyond": 1.0}, Severity.WARNING)
    assert meta.warnings[-1].params == {"days": 300, "out": 0, "dry": 8}
    assert meta.warnings[0] == Message("duplicate_animal_id", {"left_out": 1, "row_count": 2}, Severity.ERROR)


def test_it_speaks_russian_and_is_written_as_version_2() -> None:
    forecast = forecast_from_document(DOCUMENT)
    told = [wording("ru").say(message) for message in (*forecast.meta.assumptions, *forecast.meta.warnings)]
    again = forecast_document(forecast)

    assert all(re.match("[А-Яа-яё0-9]", text) and not re.search(r"[A-Za-z]{4}", text) for text in told)
    jsonschema.Draft202012Validator(forecast_schema()).validate(again)
    assert again["schema"] == "herd-forecast/2"
    assert again["points"] == DOCUMENT["points"]
    changed = {name for name, value in again["meta"].items() if value != DOCUMENT["meta"][name]}
    assert changed == {"assumptions", "warnings"}
    assert forecast_from_document(again).meta == forecast.meta


def test_every_sentence_of_an_assumption_has_a_text_today() -> None:
    assert {f"assumption_{name}" for name in ASSUMPTIONS.values()} == {
        key for key in catalogue("en") if key.startswith("assumption_")
    }


def test_bands_that_were_not_stable_are_told() -> None:
    stability = {"most_runs": 20_000, "checked_at": [200, 20_000], "n_unsettled": 1017,
                 "is_stable": False, "stopped": "most_runs"}  # fmt: skip
    meta = forecast_from_document(document_with(warnings=[UNSTABLE], stability=stability)).meta
    facts = {"runs": 20_000, "left": 1017}

    assert meta.warnings == (Message("warning_unstable", facts, Severity.WARNING),)
    assert meta.stability is not None
    assert meta.stability.said.params == {"runs": 20_000, "checked": [200, 20_000]}


@pytest.mark.parametrize("name", ["assumptions", "warnings"])
def test_a_sentence_that_no_version_wrote_is_kept_word_for_word(name: str) -> None:
    meta = forecast_from_document(document_with(**{name: ["Nobody knows."]})).meta
    (message,) = getattr(meta, name)

    assert wording("ru").say(message) == wording("en").say(message) == "Nobody knows."


def test_a_document_of_this_version_is_left_as_it_is() -> None:
    now = forecast_document(forecast_from_document(DOCUMENT))

    assert upgraded(now) is now
    assert DOCUMENT["schema"] == VERSION_1
