"""Events → the animal as it stands: which lactation, last calving, pregnant or not, dry, gone."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.events import EXIT_KINDS, LOSS_KINDS, AnimalEvents, EventKind

Days = NDArray[np.int64]
Flags = NDArray[np.int8]

NOT_KNOWN = -(1 << 40)
"""A day, or a number, that nothing tells; before every day."""
_CLERICAL_DAYS = 7
"""A check or a service may be typed in so long after the animal left; later ones say that it came back."""
_SIGNS_OF_LIFE = (EventKind.CALVING, EventKind.INSEMINATION, EventKind.PREGNANT, EventKind.DRY_OFF)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stated:
    """What a file says of animals beside their events; shape (n_animals,), ``NOT_KNOWN`` where nothing.

    Attributes
    ----------
    lactation, calving, insemination, conception, dry_off, archive : ndarray of int64
        Days of the current lactation; one before its calving is of an earlier one and not used.
    is_gone, is_dead, is_flagged : ndarray of int8
        1 yes, 0 no, -1 not stated.
    """

    lactation: Days
    calving: Days
    insemination: Days
    conception: Days
    dry_off: Days
    archive: Days
    is_gone: Flags
    is_dead: Flags
    is_flagged: Flags


def nothing_stated(n_animals: int) -> Stated:
    """Return the facts of a file that holds events alone."""
    days = np.full(n_animals, NOT_KNOWN)
    flags = np.full(n_animals, -1, np.int8)
    return Stated(
        lactation=days, calving=days, insemination=days, conception=days, dry_off=days, archive=days,
        is_gone=flags, is_dead=flags, is_flagged=flags,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Folded:
    """Animals as they stand after their last event; shape (n_animals,), ``NOT_KNOWN`` where nothing.

    Attributes
    ----------
    lactation : ndarray of int64
        ≥ 0.
    calving, insemination, conception, dry_off : ndarray of int64
        Of the current lactation.
    archive : ndarray of int64
        Day of leaving; ``NOT_KNOWN`` for those on the farm, and for the gone of which no day is known.
    is_gone, is_dead, is_moved, is_flagged, is_open_again, is_unserved : ndarray of bool
        The last two: served, and found open since; found pregnant, of no service that is on file.
    returned : ndarray of bool
        On the farm, though an exit is on file: something happened to them later.
    """

    lactation: Days
    calving: Days
    insemination: Days
    conception: Days
    dry_off: Days
    archive: Days
    is_gone: NDArray[np.bool_]
    is_dead: NDArray[np.bool_]
    is_moved: NDArray[np.bool_]
    is_flagged: NDArray[np.bool_]
    is_open_again: NDArray[np.bool_]
    is_unserved: NDArray[np.bool_]
    returned: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lactation:
    """Events of current lactations, and where each comes last; ``order`` is the place among all events."""

    events: AnimalEvents
    n_animals: int
    order: Days = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", np.arange(len(self.events)))

    def last(self, *kinds: EventKind) -> Days:
        """Return the place of each animal's last event of some kinds; -1 without any."""
        rows = self.events.is_of(*kinds)
        places = np.full(self.n_animals, -1)
        np.maximum.at(places, self.events.animal[rows], self.order[rows])
        return places

    def day_of(self, places: Days) -> Days:
        """Return the days of events at some places; ``NOT_KNOWN`` at -1."""
        return np.append(self.events.day, NOT_KNOWN)[places]


def last_days(events: AnimalEvents, n_animals: int) -> Days:
    """Return the last day of each animal's events, shape (n_animals,); ``NOT_KNOWN`` without any."""
    days = np.full(n_animals, NOT_KNOWN)
    np.maximum.at(days, events.animal, events.day)
    return days


def fold(events: AnimalEvents, stated: Stated) -> Folded:
    """Return each animal as it stands after its events.

    Parameters
    ----------
    events : AnimalEvents
        In any order; copies count once.
    stated : Stated
        What the file says beside them; ``nothing_stated`` where it says nothing.

    Notes
    -----
    Lactation: the highest stated, or as many as calvings. Calving: the last. Of what came after it:
    insemination, the last; conception, the last insemination at or before the last check that found a
    pregnancy, unless one that found none or an abortion followed (a stated conception date goes before,
    and stands for a check that is not on file); dry-off, the last. An exit counts unless the animal shows
    signs of life more than a week later.
    """
    events = events.ordered()
    n = len(stated.lactation)
    calvings = events.of(EventKind.CALVING)
    # Some programs keep the birth date of a heifer where a cow has her calving.
    calving = np.maximum(last_days(calvings, n), np.where(stated.lactation == 0, NOT_KNOWN, stated.calving))
    seen = np.maximum(np.bincount(calvings.animal, minlength=n), calving != NOT_KNOWN)
    current = _Lactation(events=events.only(events.day > calving[events.animal]), n_animals=n)
    insemination = np.maximum(
        current.day_of(current.last(EventKind.INSEMINATION)), _of_lactation(stated.insemination, calving)
    )
    loss = current.last(*LOSS_KINDS)
    lost = current.day_of(loss)
    conception = _conceptions(current, loss, _of_lactation(stated.conception, calving))
    found = current.last(EventKind.PREGNANT)
    archive, returned = _exits(events, stated)
    is_gone = (archive != NOT_KNOWN) | (stated.is_gone == 1)
    died, moved = (_leaves_by(events, n, kind) for kind in (EventKind.DEAD, EventKind.MOVED))
    return Folded(
        lactation=np.maximum(stated.lactation, seen),
        calving=calving,
        insemination=insemination,
        conception=conception,
        dry_off=np.maximum(
            current.day_of(current.last(EventKind.DRY_OFF)), _of_lactation(stated.dry_off, calving)
        ),
        archive=archive,
        is_gone=is_gone,
        is_dead=is_gone & (died | (stated.is_dead == 1)),
        is_moved=is_gone & moved,
        is_flagged=_flags(current, stated),
        is_open_again=(insemination != NOT_KNOWN) & (lost >= insemination),
        is_unserved=(found > loss) & (conception == NOT_KNOWN),
        returned=returned & ~is_gone,
    )


def _of_lactation(days: Days, calving: Days) -> Days:
    return np.where(days > calving, days, NOT_KNOWN)


def _conceptions(current: _Lactation, loss: Days, stated: Days) -> Days:
    """Return the day of conception of each animal that is pregnant."""
    found = current.last(EventKind.PREGNANT)
    checked = current.day_of(found)
    services = current.events.of(EventKind.INSEMINATION)
    before = services.only(services.day <= checked[services.animal])
    by_events = np.where(found > loss, last_days(before, current.n_animals), NOT_KNOWN)
    by_file = np.where(stated > current.day_of(loss), stated, NOT_KNOWN)
    return np.where(by_file != NOT_KNOWN, by_file, by_events)


def _exits(events: AnimalEvents, stated: Stated) -> tuple[Days, NDArray[np.bool_]]:
    """Return the day on which each animal left for good, and who came back."""
    n = len(stated.lactation)
    left = np.maximum(last_days(events.of(*EXIT_KINDS), n), stated.archive)
    alive = last_days(events.of(*_SIGNS_OF_LIFE), n)
    returned = (left != NOT_KNOWN) & (alive > left + _CLERICAL_DAYS) & (stated.is_gone != 1)
    return np.where(returned, NOT_KNOWN, left), returned


def _leaves_by(events: AnimalEvents, n_animals: int, kind: EventKind) -> NDArray[np.bool_]:
    """Tell whose last exit is of one kind."""
    exits = _Lactation(events=events.of(*EXIT_KINDS), n_animals=n_animals)
    by_kind: NDArray[np.bool_] = (exits.last(kind) >= 0) & (exits.last(kind) == exits.last(*EXIT_KINDS))
    return by_kind


def _flags(current: _Lactation, stated: Stated) -> NDArray[np.bool_]:
    """Tell who is not to be bred: as stated, else by an event that no service, check or dry-off followed."""
    told = current.last(EventKind.DO_NOT_BREED)
    undone = current.last(EventKind.INSEMINATION, EventKind.PREGNANT, EventKind.DRY_OFF)
    return np.where(stated.is_flagged >= 0, stated.is_flagged == 1, (told >= 0) & (told > undone))
