"""The farm's export at the end of a day, in the form that farms send: a row an animal."""

from collections.abc import Iterator
from datetime import timedelta

from pipelines.zoo.farms.book import DIED, MOVED, NEVER, SOLD
from pipelines.zoo.farms.farm import GIVE_UP_DAYS, ZooFarm

HEADERS = (
    "Номер животного", "Дата рождения", "Дата архива", "Лактация", "Дата начала тек.лакт", "Дни в доении",
    "Статус коровы", "Дата осеменения", "Дата успешного осеменения", "Дни стельности",
    "Дата запуска тек.лакт", "Дата ожидаемого запуска", "Дата ожидаемого отела",
)  # fmt: skip
ARCHIVE_DAYS = 731
"""Animals that left are shown for two years."""
PLANNED_DRY_OFF, PLANNED_CALVING = 220, 280
FRESH_DAYS = 40
CONFIRMED_BY = 50
"""A cow whose last insemination was so long ago is not pregnant, or would be known to be."""
WAYS = {SOLD: "Продана", DIED: "Мертвое животное", MOVED: "Перемещена"}


def export_csv(farm: ZooFarm) -> bytes:
    """Return what the farm would send at the end of the last day that it has lived."""
    lines = ['"' + '";"'.join(cells) + '"' for cells in (HEADERS, *_rows(farm))]
    return ("\ufeff" + "\n".join(lines)).encode()


def _rows(farm: ZooFarm) -> Iterator[tuple[str, ...]]:
    book, today = farm.book, farm.day
    columns = {
        name: book[name].tolist()
        for name in ("birth", "lactation", "calving", "inseminated", "conception", "dried", "gone", "way")
    }
    for number, values in enumerate(zip(*columns.values(), strict=True), 1):
        animal = dict(zip(columns, values, strict=True))
        if animal["gone"] == NEVER or animal["gone"] > today - ARCHIVE_DAYS:
            yield _row(farm, number, animal)


def _row(farm: ZooFarm, number: int, animal: dict[str, int]) -> tuple[str, ...]:
    last = min(animal["gone"], farm.day)
    confirmed = animal["conception"] <= last - farm.confirmed_after
    conception = animal["conception"] if confirmed else NEVER
    in_milk = min(last, animal["dried"]) - animal["calving"]

    def on(day: int, more: int = 0) -> str:
        """Write a date; nothing where there is none."""
        return "" if day == NEVER else f"{farm.report_date + timedelta(days=day + more):%d.%m.%Y}"

    return (
        str(number),
        on(animal["birth"]),
        "" if animal["way"] == MOVED else on(animal["gone"]),
        str(animal["lactation"]),
        on(animal["calving"]),
        str(in_milk) if animal["lactation"] else "",
        _status(animal, conception, last),
        on(animal["inseminated"]),
        on(conception),
        "" if conception == NEVER else str(last - conception),
        on(animal["dried"]),
        on(conception, PLANNED_DRY_OFF),
        on(conception, PLANNED_CALVING),
    )


def _status(animal: dict[str, int], conception: int, today: int) -> str:
    """Return the program's word for an animal; the first that fits."""
    in_milk = today - animal["calving"]
    words = (
        (animal["gone"] != NEVER, WAYS.get(animal["way"], "")),
        (animal["dried"] != NEVER, "В сухостое"),
        (conception != NEVER, "Стельная"),
        (in_milk > GIVE_UP_DAYS + CONFIRMED_BY, "Брак"),
        (animal["inseminated"] != NEVER, "Осемененная"),
        (animal["lactation"] == 0, "Телка"),
        (in_milk < FRESH_DAYS, "Новотельное животное"),
    )
    return next((word for fits, word in words if fits), "Готова к осеменению")
