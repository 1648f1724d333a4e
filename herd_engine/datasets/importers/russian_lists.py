"""СЕЛЭКС and 1C: lists with a row an animal, as these programs and spreadsheets made from them write them."""

from herd_engine.datasets.columns import Column
from herd_engine.datasets.importers.listing import ListImporter

SELEX = ListImporter(
    key="selex",
    title="СЕЛЭКС",
    is_tried=False,
    signature=(("NANIMAL",), ("NPOR", "NPRIZN", "DATE_V", "DATE_ROG", "DATE_OTEL")),
    headers={
        Column.ANIMAL_ID: ("NANIMAL",),
        Column.BIRTH_DATE: ("DATE_ROG", "Дата рождения"),
        Column.ARCHIVE_DATE: ("DATE_V", "Дата выбытия"),
        Column.LACTATION: ("NLAKT", "Номер лактации", "Лактация"),
        Column.LACTATION_START_DATE: ("DATE_OTEL", "Дата отела"),
        Column.STATUS: ("STATUS", "Состояние"),
        Column.INSEMINATION_DATE: ("DATE_OSEM", "Дата последнего осеменения"),
        Column.SUCCESSFUL_INSEMINATION_DATE: ("DATE_PLOD", "Дата плодотворного осеменения"),
        Column.DRYOFF_DATE: ("DATE_ZAP", "Дата запуска"),
    },
)
"""``REGISTER`` keeps the exit in DATE_V; the other names are those of its events, and were not seen."""

ONE_C = ListImporter(
    key="1c",
    title="1C",
    is_tried=False,
    signature=(("Инвентарный номер", "Инв. №"), ("Дата рождения",), ("Номер текущей лактации",)),
    headers={
        Column.ANIMAL_ID: ("Инвентарный номер", "Инв. №"),
        Column.BIRTH_DATE: ("Дата рождения",),
        Column.ARCHIVE_DATE: ("Дата выбытия", "Дата продажи"),
        Column.LACTATION: ("Номер текущей лактации",),
        Column.LACTATION_START_DATE: ("Дата отела", "Дата посл. отела", "Дата последнего отела"),
        Column.STATUS: ("Состояние", "Статус", "Статус животного"),
        Column.INSEMINATION_DATE: ("Дата посл. осеменения", "Дата последнего осеменения"),
        Column.SUCCESSFUL_INSEMINATION_DATE: ("Дата плодотворного осеменения", "Дата стельности"),
        Column.DAYS_PREGNANT: ("Дней стельности",),
        Column.DRYOFF_DATE: ("Дата запуска",),
        Column.EXPECTED_CALVING_DATE: ("Дата планового отела",),
    },
)
