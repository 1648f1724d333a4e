"""Dates that nothing proves are asked about with three animals, written out in words."""

from herd_engine.cli.printing import print_error
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.errors import HerdDataError

ROWS = [f"{n};0{n}/0{n + 2}/2024;;0;Телка" for n in range(1, 7)]
FILE = "\n".join(["Номер животного;Дата рождения;Дата архива;Лактация;Статус коровы", *ROWS])


def test_three_animals_are_shown_in_words(capsys) -> None:
    try:
        read_herd_bytes(FILE.encode(), "farm.csv")
    except HerdDataError as error:
        (question,) = error.questions
        print_error(error)

    assert question.code == "ask_date_order"
    assert len(question.samples) == 3
    shown = capsys.readouterr().err.replace("\N{NO-BREAK SPACE}", " ")
    assert shown.count(", birth_date: ") == 3
    number = int(question.samples[0]["animal"])
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug")
    by_day = f"{number} {months[number + 1]} 2024"  # day number, month number + 2
    by_month = f"{number + 2} {months[number - 1]} 2024"
    line = next(line for line in shown.splitlines() if f"animal {number}, birth_date" in line)
    assert by_day in line
    assert by_month in line
