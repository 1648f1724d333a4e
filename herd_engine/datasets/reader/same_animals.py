"""Several rows of one animal: a number and a birth date are an animal, its highest lactation is now."""

from dataclasses import dataclass, fields, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import FACTS, PLANS, AnimalRows

_AGREEING = ("calving", "conception", "dry_off", "archive", "expected_dry_off", "expected_calving")
"""What rows of one lactation must tell alike, where they tell it."""
_MANY_DAYS = 10_000_000
"""More than any ordinal."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SameAnimals:
    """One row an animal, and what became of the other rows.

    Attributes
    ----------
    rows : AnimalRows
    kept : ndarray of bool, shape (n_rows,)
        Rows that became animals.
    repeated, earlier, contradicting : ndarray of int64
        Lines of rows that say nothing new; that are of earlier lactations; that contradict the kept one.
    reused : ndarray of int64
        Lines of animals whose number others of another birth date have.
    """

    rows: AnimalRows
    kept: NDArray[np.bool_]
    repeated: NDArray[np.int64]
    earlier: NDArray[np.int64]
    contradicting: NDArray[np.int64]
    reused: NDArray[np.int64]


def one_row_an_animal(rows: AnimalRows, codes: NDArray[np.int32], numbers: NDArray[np.int32]) -> SameAnimals:
    """Fold rows of one animal into one; ids become unique.

    Parameters
    ----------
    rows : AnimalRows
        Days as ordinals; birth dates known.
    codes : ndarray of int32, shape (n_rows,)
        Equal where animal ids are.
    numbers : ndarray of int32, shape (n_rows,)
        Equal where they are one number, however it is written.
    """
    births = rows.birth.astype(np.int64)
    group = np.unique(numbers.astype(np.int64) * _MANY_DAYS + births, return_inverse=True)[1]
    kept = np.ones(len(group), bool)
    nothing = np.zeros(0, np.int64)
    repeated = earlier = contradicting = nothing
    if len(group) and group.max() + 1 < len(group):
        highest = np.full(group.max() + 1, -np.inf)
        np.maximum.at(highest, group, rows.lactation)
        kept = rows.lactation == highest[group]
        earlier = rows.lines[~kept]
        rows, repeated, contradicting, kept = _folded(rows, group, kept)
    current = rows.only(kept)
    renamed, reused = _with_unique_ids(current, codes[kept])
    return SameAnimals(
        rows=renamed,
        kept=kept,
        repeated=repeated,
        earlier=earlier,
        contradicting=contradicting,
        reused=reused,
    )


def _folded(
    rows: AnimalRows, group: NDArray[np.int64], kept: NDArray[np.bool_]
) -> tuple[AnimalRows, NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Fold rows of one lactation: what one tells and another does not is known of the animal."""
    candidates = np.flatnonzero(kept)
    order = candidates[np.argsort(group[candidates], kind="stable")]
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    values = {name: getattr(rows, name).copy() for name in _numbers(rows)}
    kept = kept.copy()
    repeated: list[int] = []
    contradicting: list[int] = []
    for members in np.split(order, starts[1:]):
        if len(members) == 1:
            continue
        if any(len(np.unique(_known(values[name][members]))) > 1 for name in _AGREEING):
            winner, others = members[0], members[1:]
            contradicting += [int(rows.lines[place]) for place in others]
        else:
            winner = _latest(values, members)
            others = members[members != winner]
            repeated += [int(rows.lines[place]) for place in others]
            for name in (*_AGREEING, "insemination"):
                values[name][winner] = max(_known(values[name][members]), default=np.nan)
        kept[others] = False
    return (
        replace(rows, **values),
        np.sort(np.array(repeated, np.int64)),
        np.sort(np.array(contradicting, np.int64)),
        kept,
    )


def _latest(values: dict[str, NDArray[np.float64]], members: NDArray[np.int64]) -> int:
    """Return the row that was written last: the latest insemination, the most days in milk."""

    def written(place: int) -> tuple[float, ...]:
        return tuple(
            np.nan_to_num(values[name][place], nan=-np.inf)
            for name in ("archive", "insemination", "days_in_milk", "days_pregnant", "conception", "dry_off")
        )

    return int(max(members, key=written))


def _known(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    return numbers[np.isfinite(numbers)]


def _numbers(rows: AnimalRows) -> list[str]:
    days = {*FACTS, *PLANS, "days_in_milk", "days_pregnant"}
    return [field.name for field in fields(rows) if field.name in days]


def _with_unique_ids(rows: AnimalRows, codes: NDArray[np.int32]) -> tuple[AnimalRows, NDArray[np.int64]]:
    """Return rows in which the youngest has a number that several have, the others with their birth date."""
    order = np.lexsort((-rows.birth, codes))
    is_older = np.zeros(len(codes), bool)
    is_older[order[1:]] = codes[order[1:]] == codes[order[:-1]]
    if not is_older.any():
        return rows, np.zeros(0, np.int64)
    ids = rows.animal_ids.copy()
    for place in np.flatnonzero(is_older):
        ids[place] = f"{ids[place]} ({date.fromordinal(int(rows.birth[place])).isoformat()})"
    return replace(rows, animal_ids=ids), rows.lines[np.isin(codes, codes[is_older])]
