"""What a herd file leaves open, in the place of the herd: each question with what speaks for its answers."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

import ipywidgets

from herd_engine.model.answers import NOTHING, DateOrder, Question
from widgets.controls.form import Form
from widgets.page import Page
from widgets.view_models.file_questions import FileQuestions
from widgets.view_models.herd_data import HerdData, Stage
from widgets.views.common.markup import box, html, table_markup, tag


def file_questions(page: Page, data: HerdData) -> ipywidgets.Widget:
    """Return the card that asks."""
    lead, asked, troubles = html(), ipywidgets.Box(), html()
    asked.add_class("herd-question-list")
    remember = Form(on_change=page.guarded(lambda _, value: _remember(data, value)))
    go_on = _button(page, page.texts.t("question.go_on"), data.answer)
    forget = _button(page, page.texts.t("question.nowhere"), data.answer_nothing)
    forget.add_class("herd-plain")
    card = box([lead, asked, troubles, remember, box([go_on, forget], "herd-actions")], "herd-question")
    shown: list[FileQuestions] = []

    def choose(place: int, _: str, value: object) -> None:
        if data.questions is not None:
            data.questions.choose(place, str(value or ""))
            go_on.disabled = not data.questions.is_complete

    def draw() -> None:
        questions = data.questions
        card.layout.display = None if data.stage is Stage.QUESTIONED else "none"
        if questions is None or shown == [questions]:
            return
        shown[:] = [questions]
        t = page.texts.t
        lead.value = tag("h3", t("question.title", name=questions.name)) + tag("p", t("question.lead"))
        asked.children = [
            box([html(_facts(page, question)), _form(page, questions, place, choose)])
            for place, question in enumerate(questions.questions)
        ]
        troubles.value = "".join(tag("li", page.texts.words.issue(issue)) for issue in questions.troubles)
        remember.fields = [
            _field(
                "remember", "switch", t("question.remember", farm=page.model.workbench.farms.current().name)
            )
        ]
        remember.values = {"remember": questions.remember}
        go_on.disabled = not questions.is_complete

    page.draw_on(data.changed, draw)
    return card


def _button(page: Page, text: str, act: Callable[[], None]) -> ipywidgets.Button:
    made = ipywidgets.Button(description=text, layout={"width": "auto"})
    made.on_click(lambda _: page.guarded(act)())
    return made


def _remember(data: HerdData, value: object) -> None:
    if data.questions is not None:
        data.questions.remember = bool(value)


def _field(path: str, kind: str, label: str, **more: object) -> dict[str, object]:
    return {"path": path, "kind": kind, "label": label, "help": "", "group": "", **more}


def _form(
    page: Page, questions: FileQuestions, place: int, choose: Callable[[int, str, object], None]
) -> Form:
    """Return the choice of a question, the likely answer chosen."""
    question = questions.questions[place]
    label = page.texts.t("question.answer")
    choices = [["", page.texts.t("question.choose")]]
    choices += [[choice, _choice(page, question, choice)] for choice in questions.choices(place)]
    form = Form(on_change=page.guarded(partial(choose, place)))
    form.fields = [_field(f"answer{place}", "choice", label, choices=choices)]
    form.values = {f"answer{place}": questions.values[place]}
    return form


def _choice(page: Page, question: Question, choice: str) -> str:
    """Return a choice in words."""
    match question.field:
        case "statuses" | "sexes" | "dates" | "accept_losses" as field:
            return page.texts.t(f"question.{field}.{choice}")
        case "columns":
            if choice == NOTHING:
                return page.texts.t("question.columns.nothing")
            cells = {sample["header"]: sample["cells"] for sample in question.samples}[choice]
            return f"{choice} ({cells})" if cells else choice
        case _:
            return choice


def _facts(page: Page, question: Question) -> str:
    """Return what is asked, and what speaks for the answers."""
    t, words = page.texts.t, page.texts.words
    subject = question.subject
    if question.field == "columns":
        subject = t(f"question.columns.{subject}")
    elif question.field == "accept_losses":
        named = (t(f"question.statuses.{name}") for name in subject.split(", ") if name)
        subject = ", ".join(named)
    rows = words.number(question.row_count)
    key = f"question.{question.field}.whole_class" if question.field == "accept_losses" and subject else ""
    if question.code == "ask_cut_short":
        key = "question.cut_short"
    asked = tag("p", t(key or f"question.{question.field}", subject=subject, rows=rows), "herd-asked")
    if question.field == "columns":
        return asked + _columns(page, question)
    samples = "".join(tag("li", _sample(page, question.field, sample)) for sample in question.samples)
    return asked + (f"<ul>{samples}</ul>" if samples else "")


def _columns(page: Page, question: Question) -> str:
    t = page.texts.t
    heads = (t("question.header"), t("question.cells"))
    rows = ((sample["header"], sample["cells"]) for sample in question.samples)
    return table_markup(heads, rows, t("question.header"))


def _sample(page: Page, field: str, sample: Mapping[str, str]) -> str:
    """Return an animal, a date or a loss in words."""
    t, words = page.texts.t, page.texts.words
    match field:
        case "dates":
            days = [sample[order] for order in DateOrder if sample.get(order)]
            readings = f" {t('question.or')} ".join(words.day(date.fromisoformat(day)) for day in days)
            said = t("question.reading", text=sample["text"], readings=readings)
            if "animal" not in sample:
                return said
            what = t(f"question.columns.{sample['column']}")
            return t("question.reading_of", animal=sample["animal"], what=what, said=said)
        case "accept_losses":
            return words.text(f"excluded_{sample['reason']}", count=words.number(int(sample["rows"])))
        case _:
            facts = [t(f"question.sample.{name}", value=value) for name, value in sample.items()]
            return ", ".join(facts)
