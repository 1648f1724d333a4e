"""An animal, and the days its plans are drawn for.

Readings of the page that are ours:

- Plans of the report date's animals are drawn as on day 1: 'today' is day 1, also for the failed cycles.
- A dry-off date of the file is kept even where it is not before the calving: she then calves first. Only a
  drawn dry-off is brought forward to the day before calving, or to the cap + 1.
- The failed cycles of a cow are counted from the end of her waiting period where that is later than today.
"""

from dataclasses import dataclass

from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.scenario import ModelParameters
from tests.plain_model.calibration import PlainTables
from tests.plain_model.draws import KeyedUniforms, WholeDays

FIRST_DAY = 1
MILKING = (AnimalState.OPEN, AnimalState.PREGNANT)


@dataclass(slots=True)
class Animal:
    """One animal; days are counted from the report date, None: not known or not planned.

    Attributes
    ----------
    patience, survival : float
        In this lactation: the animal leaves once its chance of survival has fallen to its patience.
    birth, calved : int, optional
        Of a heifer, of a cow: where age and days open are counted from.
    conception_due, dry_off_due, calving_due : int, optional
        The plan.
    """

    key: int
    state: AnimalState
    lactation: int
    is_flagged: bool = False
    birth: int | None = None
    calved: int | None = None
    conception_due: int | None = None
    dry_off_due: int | None = None
    calving_due: int | None = None
    patience: float = 0.0
    survival: float = 1.0
    is_present: bool = True

    @property
    def is_milking(self) -> bool:
        """In milk, pregnant or not."""
        return self.state in MILKING


def is_due(plan: int | None, day: int) -> bool:
    """Tell whether a plan exists and its day has come."""
    return plan is not None and plan <= day


class Plans:
    """Draws what is missing in an animal's plan."""

    def __init__(self, tables: PlainTables, model: ModelParameters, uniforms: KeyedUniforms) -> None:
        self.age_at_conception = WholeDays(tables.age_at_conception)
        self.service_period = WholeDays(tables.service_period)
        self.conception_to_dry = WholeDays(tables.conception_to_dry)
        self.gestation = WholeDays(tables.gestation)
        self.model = model
        self.uniforms = uniforms

    def plan_conception(self, animal: Animal, today: int) -> None:
        """Draw age at first conception or service period, given what has elapsed today."""
        if animal.lactation == 0:
            start, earliest = animal.birth, self.model.min_first_insem_age_days
            distribution = self.age_at_conception
        else:
            start, earliest = animal.calved, self.model.voluntary_waiting_period
            distribution = self.service_period
        u = self.uniforms.conception(animal.key, animal.lactation)
        drawn = distribution.draw(u, not_before=max(earliest, today - start))
        if drawn is None:
            begin = max(today, start + earliest)
            animal.conception_due = begin + self.uniforms.days_of_repeats(animal.key, animal.lactation)
        else:
            animal.conception_due = start + drawn

    def plan_pregnancy(self, animal: Animal, conception: int, today: int) -> None:
        """Draw the missing calving, and of a cow in milk the missing dry-off, given what has elapsed."""
        if animal.calving_due is None:
            animal.calving_due = self.calving_day(animal, conception, today)
        if animal.state is AnimalState.PREGNANT and animal.dry_off_due is None:
            animal.dry_off_due = self._dry_off_day(animal, conception, today)

    def calving_day(self, animal: Animal, conception: int, today: int) -> int:
        """Conception + gestation, restricted to what has elapsed; none left: today."""
        u = self.uniforms.gestation(animal.key, animal.lactation)
        drawn = self.gestation.draw(u, not_before=today - conception)
        return today if drawn is None else conception + drawn

    def _dry_off_day(self, animal: Animal, conception: int, today: int) -> int:
        """Conception + conception-to-dry, at most the day before calving and the cap + 1."""
        u = self.uniforms.dry_off(animal.key, animal.lactation)
        drawn = self.conception_to_dry.draw(u, not_before=today - conception)
        day = today if drawn is None else conception + drawn
        day = min(day, animal.calving_due - 1)
        if self.model.max_days_in_milk is not None:
            day = min(day, animal.calved + self.model.max_days_in_milk + 1)
        return day

    def _calving_after_dry_off(self, animal: Animal, dry_off: int) -> int:
        """Of a dry cow with neither a plan nor a known conception."""
        gestation = self.gestation.draw(self.uniforms.gestation(animal.key, animal.lactation))
        to_dry = self.conception_to_dry.draw(self.uniforms.dry_off(animal.key, animal.lactation))
        return max(FIRST_DAY, dry_off + max(1, gestation - to_dry))

    def on_report_date(self, herd: Herd, i: int, key: int) -> Animal:
        """Return animal i of the herd with the file's plan, and drawn where the file gives none."""
        animal = Animal(
            key=key,
            state=AnimalState(int(herd.state[i])),
            lactation=int(herd.lactation[i]),
            is_flagged=bool(herd.is_flagged[i]),
            birth=known(herd.birth[i]),
            calved=known(herd.calving[i]),
        )
        if animal.is_flagged:
            return animal
        if animal.state in (AnimalState.HEIFER, AnimalState.OPEN):
            self.plan_conception(animal, FIRST_DAY)
            return animal
        animal.calving_due = not_before_day_1(known(herd.expected_calving[i]))
        if animal.state is AnimalState.PREGNANT:
            animal.dry_off_due = not_before_day_1(known(herd.expected_dry_off[i]))
        conception = known(herd.conception[i])
        if conception is not None:
            self.plan_pregnancy(animal, conception, FIRST_DAY)
        elif animal.calving_due is None:
            animal.calving_due = self._calving_after_dry_off(animal, int(herd.dry_off[i]))
        return animal


def known(day: int) -> int | None:
    """Return a day of a herd's array, None where the file gives none."""
    return None if day == NO_DAY else int(day)


def not_before_day_1(day: int | None) -> int | None:
    """Return a planned day; what is already due happens on day 1."""
    return None if day is None else max(FIRST_DAY, day)
