"""What a herd file leaves open: the questions, what is chosen, and the answers that come of it."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from herd_engine.model.answers import NOTHING, Answers, Question
from herd_engine.model.quality import QualityIssue


class FileQuestions:
    """Questions of one file.

    Parameters
    ----------
    name : str
        Of the file.
    questions : sequence of Question
    issues : sequence of QualityIssue
        All that was found; what blocks the file beside its questions is in ``troubles``.

    Attributes
    ----------
    values : list of str
        What is chosen, by question; empty where nothing is yet. Likely answers are chosen at first.
    remember : bool
        Whether the answers are for the farm's next files too.
    """

    def __init__(self, name: str, questions: Sequence[Question], issues: Sequence[QualityIssue]) -> None:
        self.name, self.questions = name, tuple(questions)
        codes = {question.code for question in questions}
        self.troubles = tuple(issue for issue in issues if issue.blocking and issue.code not in codes)
        self.values = [question.guess for question in questions]
        self.remember = True

    def choices(self, place: int) -> tuple[str, ...]:
        """Return what can be chosen for a question."""
        question = self.questions[place]
        return tuple(sorted(available_timezones())) if question.field == "time_zone" else question.choices

    def choose(self, place: int, value: str) -> None:
        """Choose the answer of a question; ValueError for one that cannot be given."""
        if value and value not in self.choices(place):
            raise ValueError(value)
        self.values[place] = value

    @property
    def is_complete(self) -> bool:
        """Whether every question has an answer, and no header answers two."""
        headers = [
            value
            for question, value in zip(self.questions, self.values, strict=True)
            if question.field == "columns" and value != NOTHING
        ]
        return all(self.values) and len(set(headers)) == len(headers)

    def answers(self) -> Answers:
        """Return what was chosen as answers."""
        said = Answers()
        for question, value in zip(self.questions, self.values, strict=True):
            if value:
                said = _answer(question, value).over(said)
        return said


def _answer(question: Question, value: str) -> Answers:
    said: dict[str, Any] = {question.field: value}
    if question.field == "columns":
        headers = [choice for choice in question.choices if choice != NOTHING]
        said = {"columns": dict.fromkeys(headers, NOTHING) if value == NOTHING else {value: question.subject}}
    elif question.field == "accept_losses":
        said = {"accept_losses": True}
    elif question.field in ("statuses", "sexes"):
        said = {question.field: {question.subject: value}}
    return Answers.from_document(said)
