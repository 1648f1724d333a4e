"""A sample farm as tables and report of DeLaval DelPro."""

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.importers.written import Files, Pages, delimited, numbers, picked
from herd_engine.model.animals import NO_DAY
from herd_engine.model.events import EventKind
from herd_engine.sample.make import Sample
from herd_engine.sample.snapshot import FLAGGED


def write_delpro(sample: Sample) -> Files:
    """Return the tables; the report holds those on the farm, with days instead of dates."""
    pages = Pages(sample=sample, form="%Y-%m-%d")
    rows = pages.rows
    n = len(pages.ids)
    oids = [str(700 + place) for place in range(n)]
    calvings, dry_offs = pages.events.of(EventKind.CALVING), pages.events.of(EventKind.DRY_OFF)
    services = pages.events.of(EventKind.INSEMINATION)
    last = np.append(calvings.animal[1:] != calvings.animal[:-1], True)[: len(calvings)]
    back = _places_back(calvings.animal)
    number = rows.lactation[calvings.animal] - back
    following = np.where(last, 1, np.append(calvings.day[1:], 1)[: len(calvings)])
    dry = np.full(len(calvings), NO_DAY, np.int64)
    span = 1 << 24
    place = np.searchsorted(calvings.animal * span + calvings.day, dry_offs.animal * span + dry_offs.day) - 1
    dry[place] = dry_offs.day
    dry = np.where(dry < following, dry, NO_DAY)
    here = np.flatnonzero(rows.archive == NO_DAY)
    report = [
        pages.ids,
        [f"RU{number}" for number in pages.ids],
        ["Female"] * n,
        numbers(rows.lactation),
        pages.since(rows.calving),
        ["Pregnant" if day != NO_DAY else "Open" for day in rows.conception.tolist()],
        ["0" if day != NO_DAY or lactation == 0 else "1"
         for day, lactation in zip(rows.dry_off.tolist(), rows.lactation.tolist(), strict=True)],
        ["1" if day != NO_DAY else "0" for day in rows.conception.tolist()],
        numbers(rows.days_pregnant),
        ["1" if status == FLAGGED else "0" for status in rows.status.tolist()],
    ]  # fmt: skip
    tables = {
        "BasicAnimal": delimited(
            ("OID", "Number", "OffRegNumber", "Name", "BirthDate", "Sex"),
            [oids, pages.ids, report[1], [""] * n, pages.days(rows.birth), report[2]],
        ),
        "HistoryAnimalLactationInfo": delimited(
            ("OID", "Animal", "LactationNumber", "StartDate", "DryOffDate"),
            [[str(one) for one in range(len(calvings))], picked(oids, calvings.animal),
             [str(one) for one in number.tolist()], pages.days(calvings.day), pages.days(dry)],
        ),
        "EventInsemination": delimited(
            ("OID", "Animal", "EventDate"),
            [[str(one) for one in range(len(services))], picked(oids, services.animal),
             pages.days(services.day)],
        ),
        "Report": delimited(
            ("animalNumber", "officialRegNo", "sex", "lactationNumber", "lactationDays", "breedingState",
             "inLactation", "isPregnant", "daysPregnant", "toBeCulled"),
            [picked(column, here) for column in report],
        ),
    }  # fmt: skip
    return {f"{name}.csv": text.encode() for name, text in tables.items()}


def _places_back(
    animal: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return how many rows of the same animal follow each row; rows are ordered by animal."""
    ends = np.searchsorted(animal, animal, side="right")
    return (ends - 1 - np.arange(len(animal))).astype(np.int64)
