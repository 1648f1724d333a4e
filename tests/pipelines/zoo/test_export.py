"""The zoo's export is read as the farm meant it."""

from datetime import date

from herd_engine.workbench import Workbench
from pipelines.zoo.farms.book import DIED, MOVED, NEVER, SOLD
from pipelines.zoo.farms.export import HEADERS, export_csv
from pipelines.zoo.farms.farm import ZooFarm
from pipelines.zoo.farms.kinds import KINDS, FarmKind


def test_each_row_says_what_the_farm_knows() -> None:
    farm = ZooFarm(FarmKind(name="rows", about="", cows=20), 1, date(2025, 1, 15))
    farm.book["gone"][:] = -3000
    farm.day, farm.confirmed_after = 0, 40
    farm.book.add(1, birth=-1000, lactation=1, calving=-200, inseminated=-100, conception=-100, due=180)
    farm.book.add(1, birth=-1000, lactation=1, calving=-100, inseminated=-10, conception=-10, due=268)
    farm.book.add(
        1, birth=-1500, lactation=2, calving=-280, inseminated=-230, conception=-230, dried=-10, due=48
    )
    farm.book.add(1, birth=-900, lactation=1, calving=-150, gone=-20, way=SOLD)
    farm.book.add(1, birth=-40, gone=-5, way=DIED)
    farm.book.add(1, birth=-200, gone=-5, way=MOVED)
    farm.book.add(1, birth=-1000, lactation=1, calving=-300, gone=-800, way=SOLD)

    rows = [line[1:-1].split('";"') for line in export_csv(farm).decode("utf-8-sig").splitlines()]

    assert tuple(rows[0]) == HEADERS
    assert [row[6] for row in rows[1:]] == [
        "Стельная", "Осемененная", "В сухостое", "Продана", "Мертвое животное", "Перемещена",
    ]  # fmt: skip
    pregnant, bred, dry, sold, dead, moved = (dict(zip(HEADERS, row, strict=True)) for row in rows[1:])
    assert (pregnant["Дата успешного осеменения"], pregnant["Дни стельности"]) == ("07.10.2024", "100")
    assert (bred["Дата осеменения"], bred["Дата успешного осеменения"]) == ("05.01.2025", "")
    assert (dry["Дни в доении"], dry["Дата запуска тек.лакт"]) == ("270", "05.01.2025")
    assert (sold["Дата архива"], sold["Дни в доении"]) == ("26.12.2024", "130")
    assert (dead["Дата архива"], moved["Дата архива"]) == ("10.01.2025", "")


def test_the_workbench_reads_the_same_herd() -> None:
    farm = ZooFarm(KINDS["stationary"], 2, date(2025, 6, 15), cows=60, start=-1200)
    farm.live_until(0)
    herd = Workbench.open().read_bytes(export_csv(farm), "farm.csv").herd
    gone = farm.book["gone"] == NEVER

    assert herd.report_date == date(2025, 6, 15)
    assert herd.n_animals == int(gone.sum())
    assert int(herd.is_milking.sum()) == farm._milking().size
