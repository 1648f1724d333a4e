"""A sample farm as ICAR ADE: one collection of animals and their events."""

import json
from typing import Any

from herd_engine.datasets.importers.written import Files, Pages
from herd_engine.model.animals import NO_DAY
from herd_engine.model.events import EventKind
from herd_engine.sample.make import Sample
from herd_engine.sample.snapshot import DEAD, FLAGGED

_TYPES = {
    EventKind.CALVING: "icarReproParturitionEventResource",
    EventKind.EMPTY: "icarReproPregnancyCheckEventResource",
    EventKind.ABORTION: "icarReproAbortionEventResource",
    EventKind.INSEMINATION: "icarReproInseminationEventResource",
    EventKind.PREGNANT: "icarReproPregnancyCheckEventResource",
    EventKind.DRY_OFF: "icarMilkingDryOffEventResource",
    EventKind.DO_NOT_BREED: "icarReproDoNotBreedEventResource",
    EventKind.SOLD: "icarMovementDepartureEventResource",
    EventKind.DEAD: "icarMovementDeathEventResource",
}
_MORE: dict[EventKind, dict[str, Any]] = {
    EventKind.EMPTY: {"result": "Empty"},
    EventKind.PREGNANT: {"result": "Pregnant"},
    EventKind.SOLD: {"departureKind": "Sale"},
}


def write_ade(sample: Sample) -> Files:
    """Return the document; midnight of a farm two hours east of Greenwich is 22:00Z of the day before."""
    pages = Pages(sample=sample, form="%Y-%m-%dT22:00:00Z")
    rows = pages.rows
    names = [{"id": f"{number:0>12}", "scheme": "org.example.farm"} for number in pages.ids]
    births, days = pages.days(rows.birth - 1), pages.days(pages.events.day - 1)
    members: list[dict[str, Any]] = [
        {
            "resourceType": "icarAnimalCoreResource", "identifier": name, "specie": "Cattle",
            "gender": "Female", "managementTag": number, "birthDate": birth,
            "status": "Alive" if left == NO_DAY else "Dead" if status == DEAD else "OffFarm",
            "healthStatus": "ToBeCulled" if status == FLAGGED else "Healthy",
        }
        for name, number, birth, left, status in zip(
            names, pages.ids, births, rows.archive.tolist(), rows.status.tolist(), strict=True
        )
    ]  # fmt: skip
    events = zip(pages.events.animal.tolist(), pages.events.kind.tolist(), days, strict=True)
    for place, (animal, code, day) in enumerate(events):
        kind = EventKind(code)
        members.append(
            {"resourceType": _TYPES[kind], "id": str(place), "animal": names[animal], "eventDateTime": day}
            | _MORE.get(kind, {})
        )
    document = {"view": {"totalItems": len(members), "currentPage": 1, "totalPages": 1}, "member": members}
    return {"herd.json": json.dumps(document, ensure_ascii=False).encode()}
