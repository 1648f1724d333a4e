"""A sample farm as tables of a Lely database."""

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.importers.written import Files, Pages, delimited, picked
from herd_engine.model.animals import NO_DAY
from herd_engine.model.events import AnimalEvents, EventKind
from herd_engine.sample.make import Sample


def write_lely(sample: Sample) -> Files:
    """Return the tables: a row a lactation, number 0 from birth on; services hang on lactations."""
    pages = Pages(sample=sample, form="%Y-%m-%d 00:00:00")
    n = len(pages.ids)
    keys = [str(1000 + place) for place in range(n)]
    calvings = pages.events.of(EventKind.CALVING)
    animal = np.concatenate([np.arange(n), calvings.animal])
    start = np.concatenate([pages.rows.birth.astype(np.int64), calvings.day])
    order = np.lexsort((start, animal))
    animal, start = animal[order], start[order]
    first = np.flatnonzero(np.diff(animal, prepend=-1))
    steps = np.arange(len(animal)) - first[animal]
    shown = steps[np.append(first[1:], len(animal)) - 1]  # the last of each animal is the one on file
    number = steps + (pages.rows.lactation - shown)[animal]
    number[first] = 0
    lac_ids = [str(50_000 + place) for place in range(len(animal))]
    dry_offs = _by_lactation(pages.events.of(EventKind.DRY_OFF), animal, start)
    dry = np.full(len(animal), NO_DAY, np.int64)
    dry[dry_offs] = pages.events.of(EventKind.DRY_OFF).day
    exits = pages.events.of(EventKind.SOLD, EventKind.DEAD)
    codes = ["died" if kind == EventKind.DEAD else "sold" for kind in exits.kind.tolist()]
    active = ["1" if day == NO_DAY else "0" for day in pages.rows.archive.tolist()]
    tables = {
        "HemAnimal": delimited(
            ("AniId", "AniUserNumber", "AniLifeNumber", "AniBirthday", "AniActive", "AniKeep", "AniGenId"),
            [keys, pages.ids, [f"NL {number}" for number in pages.ids], pages.days(pages.rows.birth), active,
             ["1"] * n, ["2"] * n],
        ),
        "RemLactation": delimited(
            ("LacId", "LacAniId", "LacNumber", "LacCalvingDate", "LacDryOffDate", "LacColostrumDate"),
            [lac_ids, picked(keys, animal), [str(one) for one in number.tolist()], pages.days(start),
             pages.days(dry), [""] * len(animal)],
        ),
        "Exits": delimited(
            ("AniId", "exit_code", "exit_date"), [picked(keys, exits.animal), codes, pages.days(exits.day)]
        ),
    }  # fmt: skip
    for name, letters, kind in (
        ("RemInsemination", "Ins", EventKind.INSEMINATION),
        ("RemPregnancy", "Pre", EventKind.PREGNANT),
    ):
        events = pages.events.of(kind)
        lactation = picked(lac_ids, _by_lactation(events, animal, start))
        ids = [str(place) for place in range(len(events))]
        tables[name] = delimited(
            (f"{letters}Id", f"{letters}LacId", f"{letters}Date"), [ids, lactation, pages.days(events.day)]
        )
    return {f"{name}.csv": text.encode() for name, text in tables.items()}


def _by_lactation(
    events: AnimalEvents,
    animal: NDArray[np.int64],
    start: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the lactation in which each event falls; lactations are ordered by animal and start."""
    span = 1 << 24
    places = np.searchsorted(animal * span + start, events.animal * span + events.day, side="right") - 1
    return places.astype(np.int64)
