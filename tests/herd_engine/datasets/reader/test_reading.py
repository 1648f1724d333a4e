"""Kinds of trouble that farms bring: the herd of the file, or a question; never another herd."""

import csv
import gzip
import io

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import NO_ANSWERS, Answers

HEADER = [
    *("Номер животного", "Дата рождения", "Дата архива", "Лактация"),
    *("Дата начала тек.лакт", "Дни в доении", "Статус коровы"),
]
COWS = [[str(n), "01.02.2020", "", "2", f"{n:02}.01.2026", str(56 - n), "Новотельная"] for n in range(1, 21)]
"""Calved on day n of January 2026; 56 days after December the 31st is 2026-02-25."""
HEIFERS = [[str(n), "15.03.2025", "", "0", "", "", "Телка"] for n in range(101, 111)]
HERD = {"milking": 20, "dry": 0, "heifer": 10, "pregnant_heifer": 0}


def written(rows: list[list[str]], delimiter: str = ";", header: list[str] = HEADER) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue().encode()


def read(rows: list[list[str]], answers: Answers = NO_ANSWERS) -> HerdFile:
    return read_herd_bytes(written(rows), "farm.csv", answers=answers)


def questions(rows: list[list[str]]) -> list[tuple[str, str, int]]:
    with pytest.raises(HerdDataError) as caught:
        read(rows)
    return [(one.code, one.subject, one.row_count) for one in caught.value.questions]


def gone(word: str) -> list[list[str]]:
    """Return cows whose days in milk stood still on 20 January, without an archive date."""
    return [
        [str(n), "01.02.2019", "", "3", f"{n - 200:02}.01.2026", str(220 - n), word] for n in range(201, 207)
    ]


def test_the_farm_itself_is_read() -> None:
    assert read([*COWS, *HEIFERS]).herd.counts() == HERD


def test_a_word_that_nobody_knows_is_asked_and_then_believed() -> None:
    rows = [*COWS, *HEIFERS, *gone("Ушла по акту 7")]

    assert questions(rows) == [("ask_status", "Ушла по акту 7", 6)]
    answered = read(rows, Answers.of(statuses={"Ушла по акту 7": "sold"}))
    assert answered.herd.counts() == HERD
    assert answered.herd.excluded == {"sold": 6}


def test_a_word_for_flagged_or_gone_is_decided_by_days_in_milk_that_stood_still() -> None:
    assert read([*COWS, *HEIFERS, *gone("Выбракована")]).herd.counts() == HERD
    flagged = [[*row[:6], "Выбракована"] for row in COWS[:5]]
    assert read([*flagged, *COWS[5:], *HEIFERS]).herd.is_flagged.sum() == 5


def test_males_are_no_part_of_the_herd() -> None:
    bulls = [[str(n), "15.03.2025", "", "0", "", "", "Бычок"] for n in range(301, 311)]
    file = read([*COWS, *HEIFERS, *bulls])

    assert file.herd.counts() == HERD
    assert file.herd.excluded == {"male": 10}


def test_heifers_need_no_lactation() -> None:
    assert read([*COWS, *([*row[:3], "", *row[4:]] for row in HEIFERS)]).herd.counts() == HERD


def test_rows_of_earlier_lactations_are_not_the_present_one() -> None:
    earlier = [[row[0], row[1], "", "1", "05.05.2024", "300", "В сухостое"] for row in COWS]

    assert read([*earlier, *COWS, *HEIFERS]).herd.counts() == HERD
    assert read([*COWS, *earlier, *HEIFERS]).herd.excluded == {"earlier_lactation": 20}


def test_more_than_two_of_a_hundred_rows_lost_are_asked_about() -> None:
    rows = [[*COWS[0][:1], "soon", *COWS[0][2:]], *COWS[1:], *HEIFERS]

    assert questions(rows) == [("ask_losses", "", 1)]
    assert read(rows, Answers(accept_losses=True)).herd.counts() == HERD | {"milking": 19}


def test_an_answer_that_means_nothing_is_refused() -> None:
    with pytest.raises(HerdDataError, match="none of those that can be given"):
        read([*COWS, *HEIFERS], Answers.of(statuses={"Телка": "young"}))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\n" * 50_000_000, id="line ends"),
        pytest.param(gzip.compress(b"0" * 300_000_000), id="gzip"),
    ],
)
def test_a_bomb_is_refused(data: bytes) -> None:
    with pytest.raises(HerdDataError, match="the limit is"):
        read_herd_bytes(data, "bomb")


def test_a_parquet_of_millions_of_equal_rows_is_refused_unread() -> None:
    buffer = io.BytesIO()
    parquet.write_table(pa.table({"animal_id": pa.array(np.zeros(2_000_001, np.int8))}), buffer)

    with pytest.raises(HerdDataError, match="2000001 rows; the limit is 2000000 rows"):
        read_herd_bytes(buffer.getvalue(), "bomb.parquet")


def test_a_file_that_ends_in_the_middle_of_a_row_is_asked_about() -> None:
    whole = written([*COWS, *HEIFERS])
    cut = whole[: whole.rindex(b"15.03.2025") + 13]  # of its last heifer: number, birth date, lactation

    with pytest.raises(HerdDataError, match="ends in the middle of a row, after 30") as caught:
        read_herd_bytes(cut, "farm.csv")
    assert [one.code for one in caught.value.questions] == ["ask_losses", "ask_cut_short"]
    told = read_herd_bytes(cut, "farm.csv", answers=Answers(accept_losses=True))
    assert told.herd.counts() == HERD | {"heifer": HERD["heifer"] - 1}
    assert read_herd_bytes(whole.rstrip(), "farm.csv").herd.counts() == HERD  # the last line may have no end
    total = whole + b"Total;30"
    assert read_herd_bytes(total, "farm.csv", answers=Answers(accept_losses=True)).herd.counts() == HERD


def test_a_title_above_the_head_is_no_part_of_it() -> None:
    """The title stands above days in milk, and above nothing else behind a column without a name."""
    header = ["Дни в доении", "", *(name for name in HEADER if name != "Дни в доении")]
    rows = [[row[5], "", *row[:5], row[6]] for row in [*COWS, *HEIFERS]]
    data = written([header, *rows], header=["Стадо", *[""] * 7])

    herd_file = read_herd_bytes(data, "farm.csv")

    assert herd_file.herd.counts() == HERD
    assert herd_file.herd.report_date == read([*COWS, *HEIFERS]).herd.report_date


@pytest.mark.parametrize(
    ("header", "female", "male"),
    [
        ("Вид", "Корова", "Бык"),
        ("Class", "COW", "BULL"),
        ("Sex code", "F", "M"),
        ("Группа", "Телки", "Бычки 6 мес"),
    ],
)
def test_a_column_that_tells_sexes_is_known_whatever_it_is_called(
    header: str, female: str, male: str
) -> None:
    bulls = [[str(n), "15.03.2025", "", "0", "", "", "", male] for n in range(301, 311)]
    rows = [[*row, female] for row in [*COWS, *HEIFERS]] + bulls
    file = read_herd_bytes(written(rows, header=[*HEADER, header]), "farm.csv")

    assert file.herd.counts() == HERD
    assert file.herd.excluded == {"male": 10}


def test_letters_alone_are_no_sexes_in_a_column_of_another_name() -> None:
    rows = [[*row, "HM"[n % 2]] for n, row in enumerate([*COWS, *HEIFERS])]  # Holstein, Montbéliarde
    file = read_herd_bytes(written(rows, header=[*HEADER, "Breed"]), "farm.csv")

    assert file.herd.counts() == HERD


def test_a_header_that_is_nearly_known_is_asked_about_and_may_be_nothing() -> None:
    header = [*HEADER[:4], "Дата начала лактации (последней)", *HEADER[5:]]
    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(written([*COWS, *HEIFERS], header=header), "farm.csv")
    (question,) = caught.value.questions
    assert (question.code, question.subject) == ("ask_column", "lactation_start_date")
    assert question.choices == (header[4], "nothing")

    def read_as(meaning: str) -> HerdFile:
        answers = Answers.of(columns={header[4]: meaning})
        return read_herd_bytes(written([*COWS, *HEIFERS], header=header), "farm.csv", answers=answers)

    assert read_as("lactation_start_date").herd.calving[0] == -55  # 1 January, seen on 25 February
    assert "days_derived" in {issue.code for issue in read_as("nothing").issues}


def test_two_columns_of_one_meaning_that_differ_are_asked_about() -> None:
    header = [*HEADER, "Дата отела"]
    alike = [[*row, row[4]] for row in [*COWS, *HEIFERS]]
    assert read_herd_bytes(written(alike, header=header), "farm.csv").herd.counts() == HERD

    first = [[*row, "01.02.2023" if row[4] else ""] for row in [*COWS, *HEIFERS]]
    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(written(first, header=header), "farm.csv")
    assert [(one.code, one.choices) for one in caught.value.questions] == [
        ("ask_column", ("Дата начала тек.лакт", "Дата отела"))
    ]
    answers = Answers.of(columns={"Дата начала тек.лакт": "lactation_start_date"})
    told = read_herd_bytes(written(first, header=header), "farm.csv", answers=answers)
    assert told.herd.counts() == HERD


@pytest.mark.parametrize("spelling", ["{}.0", "00{}"])
def test_a_number_that_a_program_wrote_otherwise_is_the_same_animal(spelling: str) -> None:
    again = [[spelling.format(row[0]), *row[1:]] for row in [*COWS, *HEIFERS]]

    assert read([*COWS, *HEIFERS, *again]).herd.counts() == HERD


def test_rounded_numbers_that_several_animals_share_are_refused() -> None:
    rounded = [[f"6,4{n % 3}E+14", *row[1:]] for n, row in enumerate([*COWS, *HEIFERS])]

    with pytest.raises(HerdDataError, match="numbers as text"):
        read(rounded)
