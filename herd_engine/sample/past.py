"""All that the herd software has on file of an animal's past, event by event."""

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.events import AnimalEvents, EventKind, join_events
from herd_engine.sample.breeding import Days, confirmations
from herd_engine.sample.farm import SampleFarm
from herd_engine.sample.lives import Lactation


def events_on_file(farm: SampleFarm, lactation: Lactation, report_weekday: int) -> AnimalEvents:
    """Return what happened in one lactation up to the report date; ``animal`` is that of ``lactation``.

    A check is on file for the last service of a round only: who is served again before it is not checked.
    """
    end = np.minimum(np.minimum(lactation.exit, lactation.next_calving), 0)
    services = lactation.services
    served = services <= np.minimum(end, lactation.flag)[:, np.newaxis]
    verdict = confirmations(farm, services, report_weekday)
    following = np.column_stack([services[:, 1:], np.full(len(services), np.iinfo(np.int32).max)])
    following = np.minimum.accumulate(following[:, ::-1], axis=1)[:, ::-1]
    checked = served & (verdict <= end[:, np.newaxis]) & (verdict < following)
    held = services == lactation.conception[:, np.newaxis]
    leaves = (lactation.exit <= 0) & ~lactation.calves_again
    parts = [
        _once(lactation, EventKind.CALVING, lactation.start, (lactation.start <= 0) & (lactation.number > 0)),
        _many(lactation, EventKind.INSEMINATION, services, served),
        _many(lactation, EventKind.PREGNANT, verdict, checked & held),
        _many(lactation, EventKind.EMPTY, verdict, checked & ~held),
        _once(lactation, EventKind.DRY_OFF, lactation.dry_off, lactation.dry_off <= end),
        _once(lactation, EventKind.DO_NOT_BREED, lactation.flag, lactation.flag <= end),
        _once(lactation, EventKind.DEAD, lactation.exit, leaves & lactation.is_death),
        _once(lactation, EventKind.SOLD, lactation.exit, leaves & ~lactation.is_death),
    ]
    return join_events(parts)


def _once(lactation: Lactation, kind: EventKind, day: Days, wanted: NDArray[np.bool_]) -> AnimalEvents:
    return _events(lactation.animal[wanted], kind, day[wanted])


def _many(lactation: Lactation, kind: EventKind, day: Days, wanted: NDArray[np.bool_]) -> AnimalEvents:
    return _events(np.broadcast_to(lactation.animal[:, np.newaxis], day.shape)[wanted], kind, day[wanted])


def _events(animal: NDArray[np.int64], kind: EventKind, day: Days) -> AnimalEvents:
    return AnimalEvents(
        animal=animal.astype(np.int64),
        kind=np.full(len(animal), kind, np.int8),
        day=day.astype(np.int64),
    )
