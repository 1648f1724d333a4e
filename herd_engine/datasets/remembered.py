"""What a farm answered about earlier files: used for this one where it speaks of it, never against it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from herd_engine.datasets.issue_kinds import make_issue, shown
from herd_engine.datasets.spellings import normal_form
from herd_engine.model.answers import NOTHING, Answers, Pairs, Question
from herd_engine.model.quality import QualityIssue


def words_to_try(given: Answers, remembered: Answers) -> Answers:
    """Return the remembered headers and status words that ``given`` says nothing else of."""
    names = {normal_form(name) for _, name in given.columns} - {NOTHING}
    columns = _without(remembered.columns, given.columns)
    return Answers(
        columns=tuple((header, name) for header, name in columns if normal_form(name) not in names),
        statuses=_without(remembered.statuses, given.statuses),
    )


def to_remember(said: Answers, remembered: Answers) -> Answers:
    """Return what is remembered once ``said`` was answered: one meaning of a word, however spelled."""
    new = said.of_any_file()
    older = replace(
        remembered,
        columns=_without(remembered.columns, new.columns),
        statuses=_without(remembered.statuses, new.statuses),
        sexes=_without(remembered.sexes, new.sexes),
    )
    return new.over(older)


def _without(pairs: Pairs, others: Pairs) -> Pairs:
    told = {normal_form(word) for word, _ in others}
    return tuple(pair for pair in pairs if normal_form(pair[0]) not in told)


def spoken_of(pairs: Pairs, texts: Iterable[str]) -> Pairs:
    """Return the answers of which a file speaks: about words that are among its ``texts``."""
    present = set(map(normal_form, texts))
    return tuple(pair for pair in pairs if normal_form(pair[0]) in present)


def with_remembered(given: Answers, remembered: Answers, questions: Sequence[Question]) -> Answers:
    """Return ``given`` and what is remembered of all that the file asks; ``given`` where nothing is."""
    sexes = {normal_form(word): sex for word, sex in remembered.sexes}
    new = given
    for question in questions:
        sex = sexes.get(normal_form(question.subject))
        match question.field:
            case "dates" if remembered.dates is not None and remembered.dates.value in question.choices:
                new = replace(new, dates=new.dates or remembered.dates)
            case "sheet" if remembered.sheet in question.choices:
                new = replace(new, sheet=new.sheet or remembered.sheet)
            case "time_zone":
                new = replace(new, time_zone=new.time_zone or remembered.time_zone)
            case "sexes" if sex is not None:
                new = new.over(Answers(sexes=((question.subject, sex),)))
    return new


def remembered_issues(given: Answers, used: Answers) -> list[QualityIssue]:
    """Report what was read as it was answered before, beyond what was said now."""
    before, after = given.document(), replace(used, contract="").document()
    told = []
    for field, value in after.items():
        said = before.get(field)
        if isinstance(value, dict):
            told += [
                f"{shown(word)} = {meaning}" for word, meaning in value.items() if word not in (said or {})
            ]
        elif said != value:
            told.append(f"{field}: {value}")
    return [make_issue("answers_remembered", answers=told)] if told else []
