"""A file with open questions: asked where the herd would stand, answered, remembered, read."""

import ipywidgets
import pytest

from herd_engine.model.answers import Answers
from herd_engine.sample import make_sample
from tests.herd_engine.datasets.reader.test_reading import COWS, HEADER, HEIFERS, HERD, gone, written
from tests.widgets.test_herd_data import upload
from widgets.controls.form import Form
from widgets.page import Page, all_of
from widgets.view_models.file_questions import FileQuestions
from widgets.view_models.herd_data import HerdData, Stage
from widgets.view_models.page_model import PageModel
from widgets.views.common.file_questions import file_questions

WORD = written([*COWS, *HEIFERS, *gone("Гуляет")])
UNNAMED = written([*COWS, *HEIFERS], header=["Ф1", "Ф2", *HEADER[2:3], "Ф3", *HEADER[4:6], "Ф4"])


@pytest.fixture
def data(page: PageModel) -> HerdData:
    return HerdData(page)


def open_questions(data: HerdData) -> FileQuestions:
    assert data.stage is Stage.QUESTIONED
    assert data.questions is not None
    return data.questions


def shown(page: PageModel, data: HerdData) -> tuple[Page, ipywidgets.Widget]:
    view = Page("data", page, lambda page: [file_questions(page, data)])
    view.pump.turn()
    return view, next(w for w in all_of(view.root) if "herd-question" in getattr(w, "_dom_classes", ()))


def counts(data: HerdData) -> dict[str, int]:
    assert data.stage is Stage.READY
    assert data.herd_file is not None
    return data.herd_file.herd.counts()


def test_a_word_is_asked_answered_and_remembered(data: HerdData) -> None:
    upload(data, WORD)
    questions = open_questions(data)
    assert [question.subject for question in questions.questions] == ["Гуляет"]
    assert questions.values == ["sold"]  # the counts of its animals stood still

    data.answer()

    assert counts(data) == HERD
    assert data.herd_file.answers == Answers.of(statuses={"Гуляет": "sold"})
    upload(data, written([*COWS, *HEIFERS[:-1], *gone("Гуляет")]), "next.csv")
    assert counts(data) == HERD | {"heifer": HERD["heifer"] - 1}


def test_what_shall_not_be_remembered_is_asked_again(data: HerdData) -> None:
    upload(data, WORD)
    open_questions(data).remember = False
    data.answer()
    assert counts(data) == HERD

    upload(data, WORD, "again.csv")

    assert data.stage is Stage.QUESTIONED


def test_headers_that_nobody_knows_are_guessed_by_what_stands_below_and_asked(data: HerdData) -> None:
    upload(data, UNNAMED)

    questions = open_questions(data)
    guessed = {question.subject: question.guess for question in questions.questions}
    assert guessed == {"animal_id": "Ф1", "birth_date": "Ф2", "lactation": "Ф3", "status": "Ф4"}
    cells = {sample["header"]: sample["cells"] for sample in questions.questions[0].samples}
    assert cells["Ф2"] == "01.02.2020, 15.03.2025"
    data.answer()
    assert counts(data) == HERD


def test_an_answer_is_one_of_the_choices_and_a_header_answers_once(data: HerdData) -> None:
    upload(data, UNNAMED)
    questions = open_questions(data)

    with pytest.raises(ValueError, match="colour"):
        questions.choose(0, "colour")
    questions.choose(1, questions.values[0])
    assert not questions.is_complete
    data.answer()

    assert data.stage is Stage.QUESTIONED


def test_a_table_of_other_things_has_no_questions(data: HerdData) -> None:
    upload(data, b"colour,shape\nred,round\n")

    assert data.stage is Stage.REFUSED


def test_losses_are_asked_and_hold_for_this_file_alone(data: HerdData) -> None:
    lost = [[*row[:1], "unborn", *row[2:]] for row in COWS[:5]]
    upload(data, written([*lost, *COWS[5:], *HEIFERS]))
    questions = open_questions(data)
    assert [(one.code, one.row_count) for one in questions.questions] == [("ask_losses", 5)]
    assert not questions.is_complete  # nothing is lost unasked

    questions.choose(0, "true")
    data.answer()

    assert counts(data)["milking"] == HERD["milking"] - 5
    assert data._page.workbench.datasets.answers() == Answers()


def test_a_file_that_is_not_to_be_read_leaves_what_was_there(data: HerdData) -> None:
    upload(data, make_sample(animals=60).csv)
    before = data.row
    upload(data, WORD)

    data.answer_nothing()

    assert (data.stage, data.row, data.questions) == (Stage.READY, before, None)


def test_an_older_file_than_the_newest_says_so(data: HerdData) -> None:
    upload(data, written([*COWS, *HEIFERS]))
    assert data.newer is None
    newest = data.row
    older = [[*row[:5], str(int(row[5]) - 20), row[6]] for row in COWS if int(row[0]) < 15]
    upload(data, written([*older, *HEIFERS]), "older.csv")

    assert data.newer == newest


@pytest.mark.parametrize(
    ("language", "asked", "animal", "choice"),
    [
        ("en", "What does the status “Гуляет” mean?", "Number 201, lactation 3", "left: dead"),
        ("ru", "Что значит статус «Гуляет»?", "Номер 201, лактация 3", "выбыла: пала"),
    ],
)
def test_the_card_speaks_of_words_and_animals(
    page: PageModel, data: HerdData, language: str, asked: str, animal: str, choice: str
) -> None:
    page.language = language
    view, card = shown(page, data)
    assert card.layout.display == "none"
    upload(data, WORD)
    view.pump.turn()

    texts = " ".join(w.value for w in all_of(card) if isinstance(w, ipywidgets.HTML))
    form = next(w for w in all_of(card) if isinstance(w, Form) and "answer0" in w.values)
    assert card.layout.display is None
    assert asked in texts
    assert animal in texts
    assert form.values == {"answer0": "sold"}
    assert choice in {label for _, label in form.fields[0]["choices"]}


def test_dates_are_shown_as_days_in_words(page: PageModel, data: HerdData) -> None:
    few = [[*row[:5], "", row[6]] for row in COWS if int(row[0]) <= 12]
    view, card = shown(page, data)
    rows = [*few, ["500", "05.06.2024", "", "0", "", "", "Телка"]]
    upload(data, written([[cell.replace(".", "/") for cell in row] for row in rows]))
    view.pump.turn()

    texts = " ".join(w.value for w in all_of(card) if isinstance(w, ipywidgets.HTML))
    said = "Animal 10, the last calving: “10/01/2026” is 10 Jan 2026 or 1 Oct 2026"
    assert said in texts.replace("\N{NO-BREAK SPACE}", " ")
    assert open_questions(data).values == [""]  # an order is never guessed
