"""Answers about a file: one form, whatever order they are given in."""

import json
import pickle

import pytest

from herd_engine.model.answers import NO_ANSWERS, Answers, DateOrder


def test_the_same_answers_in_another_order_are_the_same() -> None:
    first = Answers.of(columns={"A": "status", "B": "lactation"}, statuses={"Ушла": "sold"})
    second = Answers.of(statuses={"Ушла": "sold"}, columns={"B": "lactation", "A": "status"})

    assert first == second
    assert hash(first) == hash(second)
    assert json.dumps(first.document()) == json.dumps(second.document())


def test_the_canonical_form_holds_what_was_answered_and_gives_it_back() -> None:
    answers = Answers.of(dates="mdy", accept_losses=True, statuses={"Ушла": "sold"})

    assert answers.document() == {"accept_losses": True, "dates": "mdy", "statuses": {"Ушла": "sold"}}
    assert Answers.from_document(json.loads(json.dumps(answers.document()))) == answers
    assert pickle.loads(pickle.dumps(answers)) == answers  # noqa: S301 - our own bytes


def test_nothing_answered_has_an_empty_form() -> None:
    assert NO_ANSWERS.document() == {}
    assert not NO_ANSWERS
    assert Answers(dates=DateOrder.DMY)


@pytest.mark.parametrize("document", [{"dates": "ydm"}, {"colour": "red"}])
def test_an_answer_that_nobody_asked_is_an_error(document: dict[str, str]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Answers.from_document(document)
