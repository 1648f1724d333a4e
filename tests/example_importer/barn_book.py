"""Barn Book, a made-up herd program: a list with a row an animal, under headers and words of its own."""

from herd_engine.datasets.columns import Column
from herd_engine.datasets.importers.listing import ListImporter

BARN_BOOK = ListImporter(
    key="barn-book",
    title="Barn Book",
    is_tried=True,
    signature=(("Cow no",), ("Born on",), ("Calves had",)),
    headers={
        Column.ANIMAL_ID: ("Cow no",),
        Column.BIRTH_DATE: ("Born on",),
        Column.ARCHIVE_DATE: ("Gone on",),
        Column.LACTATION: ("Calves had",),
        Column.LACTATION_START_DATE: ("Calved on",),
        Column.STATUS: ("State",),
        Column.INSEMINATION_DATE: ("Served on",),
        Column.SUCCESSFUL_INSEMINATION_DATE: ("In calf since",),
        Column.DRYOFF_DATE: ("Dry since",),
    },
    statuses={"to the butcher": "sold", "found dead": "dead", "milked": "fresh"},
)
