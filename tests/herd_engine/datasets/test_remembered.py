"""What a farm answered is used for its next file: what that file needs, and never against what it says."""

import csv
import io

import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.datasets.remembered import to_remember
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import NO_ANSWERS, Answers
from tests.herd_engine.datasets.reader.test_reading import COWS, HEADER, HEIFERS, HERD, gone, written


def read(data: bytes, remembered: Answers, answers: Answers = NO_ANSWERS) -> HerdFile:
    return read_herd_bytes(data, "farm.csv", answers=answers, remembered=remembered)


def asked(data: bytes, remembered: Answers = NO_ANSWERS) -> list[tuple[str, str]]:
    with pytest.raises(HerdDataError) as caught:
        read(data, remembered)
    return [(one.code, one.subject) for one in caught.value.questions]


def us_dates(rows: list[list[str]]) -> bytes:
    """Return rows whose dates no cell proves: all days are 12 at most, and nothing says the report date."""
    text = io.StringIO()
    header = [*HEADER[:5], HEADER[6]]
    cells = ([cell.replace(".", "/") for cell in (*row[:5], row[6])] for row in rows)
    csv.writer(text, delimiter=";").writerows([header, *cells])
    return text.getvalue().encode()


def test_a_status_is_asked_once() -> None:
    data = written([*COWS, *HEIFERS, *gone("Гуляет")])
    assert asked(data) == [("ask_status", "Гуляет")]
    answers = Answers.of(statuses={"Гуляет": "sold"})
    told = read(data, NO_ANSWERS, answers)

    again = read(data, answers)

    assert again.herd.counts() == told.herd.counts() == HERD
    assert again.answers == told.answers == answers
    assert again.sha256 == told.sha256  # the same bytes read alike are the same dataset
    issue = next(issue for issue in again.issues if issue.code == "answers_remembered")
    assert issue.params["answers"] == ["Гуляет = sold"]
    assert "answers_remembered" not in {issue.code for issue in told.issues}


def test_a_word_is_known_however_it_is_spelled() -> None:
    data = written([*COWS, *HEIFERS, *gone("ГУЛЯЁТ ")])

    assert read(data, Answers.of(statuses={"гуляет": "sold"})).herd.counts() == HERD


def test_what_a_file_does_not_speak_of_is_no_part_of_it() -> None:
    data = written([*COWS, *HEIFERS])
    remembered = Answers.of(
        columns={"Уход": "archive_date"},
        statuses={"Гуляет": "sold"},
        sexes={"Х": "male"},
        dates="mdy",
        sheet="Стадо",
        time_zone="Asia/Omsk",
    )

    assert read(data, remembered).sha256 == read(data, NO_ANSWERS).sha256
    assert read(data, remembered).answers == NO_ANSWERS


def test_an_answer_now_is_worth_more_than_one_of_before() -> None:
    data = written([*COWS, *HEIFERS, *gone("Гуляет")])
    remembered = Answers.of(statuses={"гуляет": "sold"})

    herd_file = read(data, remembered, Answers.of(statuses={"Гуляет": "fresh"}))

    assert herd_file.herd.counts()["milking"] == HERD["milking"] + 6
    assert herd_file.answers == Answers.of(statuses={"Гуляет": "fresh"})
    assert to_remember(herd_file.answers, remembered) == herd_file.answers


def test_a_remembered_word_that_now_stands_at_milked_cows_is_asked_again() -> None:
    data = written([*COWS[:10], *([*row[:6], "Выбракована"] for row in COWS[10:]), *HEIFERS])
    remembered = Answers.of(statuses={"Выбракована": "sold"})

    assert asked(data, remembered) == [("ask_status", "Выбракована")]
    told = read(data, remembered, Answers.of(statuses={"Выбракована": "cull_flagged"}))
    assert told.herd.counts() == HERD


def test_headers_are_asked_once() -> None:
    data = written([*COWS, *HEIFERS]).replace("Дата рождения".encode(), "Появилась".encode())
    remembered = Answers.of(columns={"появилась": "birth_date", "Другая": "status"})

    herd_file = read(data, remembered)

    assert herd_file.herd.counts() == HERD
    assert herd_file.answers == Answers.of(columns={"появилась": "birth_date"})


def test_an_order_of_dates_is_remembered_and_never_against_the_file() -> None:
    few = [row for row in COWS if int(row[0]) <= 12]
    data = us_dates([*few, ["500", "05.06.2024", "", "0", "", "", "Телка"]])
    remembered = Answers.of(dates="mdy")
    assert [code for code, _ in asked(data)] == ["ask_date_order"]

    assert read(data, remembered).answers == remembered
    proved = us_dates([*COWS, *HEIFERS])
    assert read(proved, remembered).answers == NO_ANSWERS
    assert read(proved, remembered).sha256 == read(proved, NO_ANSWERS).sha256


def test_what_holds_for_one_file_is_not_remembered() -> None:
    said = Answers.of(statuses={"Гуляет": "sold"}, accept_losses=True, contract="herd_export@1.0.0")

    assert to_remember(said, NO_ANSWERS) == Answers.of(statuses={"Гуляет": "sold"})
