"""Whether a herd file is of the farm that it is given to: nothing is counted twice, or mixed, unasked."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.errors import ConflictError
from herd_engine.runs.store import Store
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.farms import FarmRow

SAMPLES = 3
LIKELY_SHARE = 0.5
"""Of its animals that another farm's last file must hold for that farm to be the likely one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a herd file may be another farm's.

    Attributes
    ----------
    case : str
        ``same_file``: another farm has these very bytes. ``other_animals``: none of its animals was in
        the farm's last file.
    name : str
        Of the file.
    farm : str
        That it was given to.
    farms : tuple of str
        Those that have the file, or most of its animals.
    last_file : str
        Name of the farm's last file; empty where it has none.
    n_animals : int
        Animals of the file.
    samples : tuple of (str, int)
        Number and lactation of three of them.
    """

    case: str
    name: str
    farm: str
    farms: tuple[str, ...]
    last_file: str
    n_animals: int
    samples: tuple[tuple[str, int], ...]

    def words(self) -> str:
        """Return the doubt in words."""
        if self.case == "same_file":
            return f"{self.name} is kept already as a file of {', '.join(self.farms)}, not of {self.farm}."
        what = f"None of the animals of {self.name} was in {self.last_file}, the last file of {self.farm}."
        return what + (f" They are those of {', '.join(self.farms)}." if self.farms else "")

    def error(self) -> ConflictError:
        """Return the doubt as what refuses the file where nobody answers."""
        advice = "Name the farm that it is of (--farm), or say that it is of this one: --same-farm."
        return ConflictError(
            f"{self.words()} {advice}", f"farm_{self.case}", ", ".join(self.farms) or self.farm
        )


def doubt(store: Store, farm_id: str, herd_file: HerdFile, farms: Iterable[FarmRow]) -> Doubt | None:
    """Return why a file may be another's of these farms; None where nothing speaks for that."""
    names = {farm.id: farm.name for farm in farms}
    names.setdefault(farm_id, store.farms.get(farm_id).name)
    holders = store.datasets.rows.farms_with(herd_file.file_sha256)
    if farm_id in holders:
        return None
    latest = {each: store.datasets.rows.latest(each) for each in names}
    holding = tuple(names[each] for each in names if each in holders)
    last = latest[farm_id]
    case = "same_file" if holding else "other_animals"
    if not holding and (last is None or shared_animals(herd_file, store.datasets.load(last)) > 0):
        return None
    others = [each for each, row in latest.items() if each != farm_id and row is not None]
    likely = holding or tuple(names[each] for each in others if _is_likely(store, latest[each], herd_file))
    return Doubt(
        case=case,
        name=herd_file.name,
        farm=names[farm_id],
        farms=likely,
        last_file="" if last is None else last.name,
        n_animals=herd_file.herd.n_animals,
        samples=_samples(herd_file),
    )


def counted_twice(herd_files: Iterable[tuple[str, HerdFile]]) -> dict[str, str]:
    """Return the farms whose animals are those of an earlier farm, which is named.

    Parameters
    ----------
    herd_files : iterable of (str, HerdFile)
        A farm and its herd file; read one after the other.
    """
    twice: dict[str, str] = {}
    counted: dict[str, HerdFile] = {}
    for farm, herd_file in herd_files:
        same = (name for name, other in counted.items() if shared_animals(herd_file, other) >= LIKELY_SHARE)
        if (first := next(same, None)) is None:
            counted[farm] = herd_file
        else:
            twice[farm] = first
    return twice


def shared_animals(one: HerdFile, other: HerdFile) -> float:
    """Return which share of the smaller of two files' animals the other has too, by number and birth."""
    first, second = _animals(one), _animals(other)
    fewest = min(len(first), len(second))
    return len(first & second) / fewest if fewest else 0.0


def _is_likely(store: Store, row: DatasetRow | None, herd_file: HerdFile) -> bool:
    return row is not None and shared_animals(herd_file, store.datasets.load(row)) >= LIKELY_SHARE


def _animals(herd_file: HerdFile) -> set[tuple[str, int]]:
    records = herd_file.records
    births = records.birth.astype(np.int64) + records.report_date.toordinal()
    return set(zip(map(str, records.animal_ids), births.tolist(), strict=True))


def _samples(herd_file: HerdFile) -> tuple[tuple[str, int], ...]:
    records = herd_file.records
    return tuple(
        (str(number), int(lactation))
        for number, lactation in zip(records.animal_ids[:SAMPLES], records.lactation[:SAMPLES], strict=True)
    )
