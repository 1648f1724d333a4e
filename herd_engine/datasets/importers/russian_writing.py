"""A sample farm as lists of СЕЛЭКС and of 1C."""

import numpy as np

from herd_engine.datasets.importers.written import Files, Pages, delimited, numbers
from herd_engine.model.animals import NO_DAY
from herd_engine.sample.make import Sample
from herd_engine.sample.snapshot import (
    CLOSE_UP,
    DEAD,
    DRY,
    FLAGGED,
    FRESH,
    HEIFER,
    INSEMINATED,
    PREGNANT,
    READY,
    SOLD,
)

_WORDS = {
    SOLD: "Реализована", DEAD: "Пала", FLAGGED: "Не осеменять", HEIFER: "Телка", FRESH: "Новотельная",
    INSEMINATED: "Осеменена", READY: "Готова к осеменению", PREGNANT: "Стельная", DRY: "Сухостой",
    CLOSE_UP: "Поздний сухостой",
}  # fmt: skip


def write_selex(sample: Sample) -> Files:
    """Return a list as СЕЛЭКС exports it: cp1251, names of the database's fields."""
    pages = Pages(sample=sample, form="%d.%m.%Y")
    rows = pages.rows
    table = delimited(
        ("NANIMAL", "DATE_ROG", "DATE_V", "NLAKT", "DATE_OTEL", "STATUS", "DATE_OSEM", "DATE_PLOD",
         "DATE_ZAP"),
        [pages.ids, pages.days(rows.birth), pages.days(rows.archive), numbers(rows.lactation),
         pages.days(rows.calving), _words(sample), pages.days(rows.insemination),
         pages.days(rows.conception), pages.days(rows.dry_off)],
    )  # fmt: skip
    return {"selex.csv": table.encode("cp1251")}


def write_1c(sample: Sample) -> Files:
    """Return a list as a 1C report saves it: a title above the header, a line of totals below."""
    pages = Pages(sample=sample, form="%d.%m.%Y")
    rows = pages.rows
    due = np.where(rows.conception == NO_DAY, NO_DAY, rows.conception + sample.farm.calving_plan_days)
    table = delimited(
        ("Инвентарный номер", "Дата рождения", "Номер текущей лактации", "Дата отела", "Состояние",
         "Дата посл. осеменения", "Дата плодотворного осеменения", "Дата запуска", "Дата планового отела",
         "Дата выбытия"),
        [pages.ids, pages.days(rows.birth), numbers(rows.lactation), pages.days(rows.calving), _words(sample),
         pages.days(rows.insemination), pages.days(rows.conception), pages.days(rows.dry_off),
         pages.days(due), pages.days(rows.archive)],
    )  # fmt: skip
    title = f"Ведомость животных на {sample.report_date:%d.%m.%Y}" + ";" * 9 + "\n"
    total = f"Итого;{len(pages.ids)}" + ";" * 8 + "\n"
    return {"1c.csv": (title + table + total).encode()}


def _words(sample: Sample) -> list[str]:
    rows = sample.herd.rows
    is_heifer = (rows.lactation == 0).tolist()
    words = [_WORDS[code] for code in rows.status.tolist()]
    return [
        "Нетель" if heifer and word == _WORDS[CLOSE_UP] else word
        for heifer, word in zip(is_heifer, words, strict=True)
    ]
