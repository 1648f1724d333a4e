"""One replicate of the calibrated mode, every animal visited on every day.

The day is that of the file modes (``simulator``); what differs is when an animal conceives and leaves, who is
pregnant without anybody knowing, and who loses a pregnancy. Readings that are ours:

- An unconfirmed pregnancy comes to light on day 1, before anything else happens; she conceived when she was
  inseminated, and counts as pregnant for leaving from the day after the confirmation lag.
- Pregnancies of the report date can be lost, later ones are such as last. A loss on the day of a dry-off or
  calving, or later, is none.
- A heifer who has lost hers begins anew, with a patience of her own. A cow who will lose hers leaves at the
  rate of open cows from the report date on.
- `auto_forecast` does not count on a pregnancy that will be lost: it sees such a heifer not at all until
  then, such a cow as open.
- Bought heifers are of the age of a usual first conception when they conceived, 278 days before they are due.
"""

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np

from herd_engine.engine.kernel.random_numbers import START_BLOCK, file_animal_key
from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.scenario import Scenario
from herd_engine.model.tables import DayDistribution, Tables
from tests.plain_model.calibration import PlainTables
from tests.plain_model.draws import KeyedUniforms, WholeDays
from tests.plain_model.hazards import BOUGHT, FLAGGED_COW, FLAGGED_HEIFER, Rates
from tests.plain_model.plans import FIRST_DAY, Animal, known, not_before_day_1
from tests.plain_model.purchases import GESTATION_NOT_YET_DRAWN
from tests.plain_model.simulator import PlainRun, Simulator

HIDDEN, LOSS, NEXT_CONCEPTION, NEXT_PATIENCE = range(4)
"""Words of an animal's block of the report date."""
NEVER = 10**6
PREGNANT = (AnimalState.PREGNANT_HEIFER, AnimalState.PREGNANT, AnimalState.DRY)
OLDEST_LACTATION = 5


def simulate_calibrated(herd: Herd, tables: Tables, scenario: Scenario, run: int, seed: int) -> PlainRun:
    """Simulate one replicate."""
    return CalibratedSimulator(herd, tables, scenario, KeyedUniforms(seed, run)).simulate()


class CalibratedSimulator(Simulator):
    """The herd during one replicate."""

    def __init__(self, herd: Herd, tables: Tables, scenario: Scenario, uniforms: KeyedUniforms) -> None:
        assert tables.calibrated is not None
        self.known, self.herd, self.means = tables.calibrated, without_drawn_plans(herd), tables
        self.row_of = {file_animal_key(str(name)): i for i, name in enumerate(herd.animal_ids)}
        self.conceived: dict[int, int] = {}
        self.loss_due: dict[int, int] = {}
        self.bought: set[int] = set()
        self.calf_conceived: int | None = None
        self.heifer_loss = WholeDays(_by_day(self.known.conceptions.heifer_loss))
        self.cow_loss = WholeDays(_by_day(self.known.conceptions.cow_loss))
        super().__init__(self.herd, _plainly(tables), scenario, uniforms)
        dates = [self.report_date + timedelta(days=day) for day in range(self.last_day + 1)]
        self.months = [12 * (d.year - dates[1].year) + d.month - dates[1].month for d in dates]
        """Month of the forecast that a day lies in, 0 for that of day 1."""
        self.calendar = [d.month - 1 for d in dates]
        months = self.months[-1] + 1
        self.rates = Rates(self.known, int(uniforms.seed), int(uniforms.run), months)

    # The report date

    def _one_day(self, day: int) -> None:
        if day == FIRST_DAY:
            for animal in self.animals:
                if not animal.is_flagged:
                    self._begin(animal)
        super()._one_day(day)

    def _begin(self, animal: Animal) -> None:
        """Find out what was not known on the report date, and whether she will lose a pregnancy."""
        i = self.row_of[animal.key]
        hidden = False
        if animal.state in (AnimalState.HEIFER, AnimalState.OPEN):
            inseminated = known(self.herd.insemination[i])
            u = self._of_report_date(animal, HIDDEN)
            kind = min(animal.lactation, 1)
            hidden = inseminated is not None and self.rates.is_hidden(kind, -inseminated, u)
            if hidden:
                self._come_to_light(animal, i, inseminated)
            else:
                animal.conception_due = self._conception(animal, FIRST_DAY, self._conception_u(animal))
        elif (conception := known(self.herd.conception[i])) is not None:
            self.conceived[animal.key] = conception
        if animal.state in (AnimalState.PREGNANT_HEIFER, AnimalState.PREGNANT):
            self._foresee_loss(animal, hidden=hidden)

    def _come_to_light(self, animal: Animal, i: int, inseminated: int) -> None:
        self._tell(animal, FIRST_DAY, "conception")
        is_heifer = animal.lactation == 0
        animal.state = AnimalState.PREGNANT_HEIFER if is_heifer else AnimalState.PREGNANT
        animal.conception_due = None
        animal.calving_due = not_before_day_1(known(self.herd.expected_calving[i]))
        if not is_heifer:
            animal.dry_off_due = not_before_day_1(known(self.herd.expected_dry_off[i]))
        self.plans.plan_pregnancy(animal, inseminated, FIRST_DAY)
        self.conceived[animal.key] = inseminated

    def _foresee_loss(self, animal: Animal, *, hidden: bool) -> None:
        conception = self.conceived.get(animal.key)
        if conception is None:
            return
        law = self.heifer_loss if animal.lactation == 0 else self.cow_loss
        known_from = self.known.exits.confirmation_lag if hidden else 0
        day = law.draw(self._of_report_date(animal, LOSS), not_before=max(known_from, FIRST_DAY - conception))
        ends = [due for due in (animal.dry_off_due, animal.calving_due) if due is not None]
        if day is not None and day != law.days[-1] and conception + day < min(ends):
            self.loss_due[animal.key] = conception + day

    # What happens on a day

    def _step_2_1_culling(self, animal: Animal, day: int) -> None:
        group, start = self._group(animal)
        band = self.rates.band(group, day - start)
        month, calendar = self.months[day], self.calendar[day]
        animal.survival += self.rates.leaving(group, self._is_confirmed(animal, day), band, month, calendar)
        if animal.survival >= animal.patience:
            self._leave(animal, day, "flag_exit" if animal.is_flagged else "culled")

    def _step_2_2_missing_plans(self, animal: Animal, day: int) -> None:
        if animal.state in (AnimalState.HEIFER, AnimalState.OPEN) and animal.conception_due is None:
            animal.conception_due = self._conception(animal, day, self._conception_u(animal))

    def _step_2_4_transition(self, animal: Animal, day: int) -> None:
        if self.loss_due.get(animal.key) == day:
            self._lose(animal, day)
        else:
            super()._step_2_4_transition(animal, day)

    def _lose(self, animal: Animal, day: int) -> None:
        self._tell(animal, day, "loss")
        del self.loss_due[animal.key], self.conceived[animal.key]
        is_heifer = animal.lactation == 0
        animal.state = AnimalState.HEIFER if is_heifer else AnimalState.OPEN
        animal.calving_due = animal.dry_off_due = None
        animal.conception_due = self._conception(
            animal, day + 1, self._of_report_date(animal, NEXT_CONCEPTION)
        )
        if is_heifer:
            animal.patience, animal.survival = -math.log(self._of_report_date(animal, NEXT_PATIENCE)), 0.0

    def _open_cow(self, animal: Animal, day: int) -> None:
        """Nobody leaves for not conceiving: that is among the rates of open cows."""
        if animal.conception_due <= day:
            self._conceive(animal, day)

    def _conceive(self, animal: Animal, day: int) -> None:
        super()._conceive(animal, day)
        self.conceived[animal.key] = day

    def _calve(self, animal: Animal, day: int) -> None:
        self.calf_conceived = self.conceived.pop(animal.key, None)
        if animal.key in self.bought:
            self.calf_conceived = day - GESTATION_NOT_YET_DRAWN
            self.bought.discard(animal.key)
        super()._calve(animal, day)

    def _heifer_birth(self, lactation: int) -> float:
        return self.rates.heifer_calf(lactation, self.calf_conceived)

    def _step_1_purchases(self, day: int) -> None:
        there, age = len(self.animals), round(self.means.age_at_conception.mean)
        super()._step_1_purchases(day)
        for heifer in self.animals[there:]:
            self.bought.add(heifer.key)
            heifer.birth = max(day, heifer.calving_due) - GESTATION_NOT_YET_DRAWN - age

    def _shortfall(self, day: int) -> int:
        animals, self.animals = self.animals, [view for a in self.animals if (view := self._foreseen(a))]
        try:
            return super()._shortfall(day)
        finally:
            self.animals = animals

    def _foreseen(self, animal: Animal) -> Animal | None:
        """Return an animal as `auto_forecast` sees it."""
        if animal.key not in self.loss_due:
            return animal
        if animal.lactation == 0:
            return None
        after = self.loss_due[animal.key] + 1
        conception = self._conception(animal, after, self._of_report_date(animal, NEXT_CONCEPTION))
        return replace(
            animal, state=AnimalState.OPEN, conception_due=conception, calving_due=None, dry_off_due=None
        )

    def leaving(self, animal: Animal, month: int) -> float:
        """Return the chance of leaving on a day of which `auto_forecast` knows the lactation alone."""
        if animal.is_flagged:
            return float(self.means.flagged_hazard[min(animal.lactation, 1)])
        by_lactation = self.means.lactation_hazard
        return float(by_lactation[min(animal.lactation, len(by_lactation) - 1)])

    # Hazards

    def _conception(self, animal: Animal, today: int, u: float) -> int:
        """Return the first day, from today on, on which the hazard has used up a patience."""
        class_ = min(animal.lactation, 3)
        start = animal.birth if class_ == 0 else animal.calved
        left, day = -math.log(1 - u), max(today, start + 1)
        while day - start < self.known.conceptions.daily_probability.shape[1]:
            month = self.months[day] if day <= self.last_day else None
            left -= self.rates.conceiving(class_, day - start, month)
            if left <= 0:
                return day
            day += 1
        return NEVER

    def _conception_u(self, animal: Animal) -> float:
        return self.uniforms.conception(animal.key, animal.lactation)

    def _of_report_date(self, animal: Animal, word: int) -> float:
        return self.uniforms._uniform(animal.key, animal.lactation, START_BLOCK, word)

    def _is_confirmed(self, animal: Animal, day: int) -> int:
        if animal.is_flagged or animal.state not in PREGNANT:
            return 0
        if animal.lactation > 0 and animal.key in self.loss_due:
            return 0
        conceived = self.conceived.get(animal.key)
        return int(conceived is None or day - conceived > self.known.exits.confirmation_lag)

    def _group(self, animal: Animal) -> tuple[int, int]:
        """Return her group of exit rates, and the day that its bands count from."""
        if animal.is_flagged:
            return FLAGGED_HEIFER if animal.lactation == 0 else FLAGGED_COW, 0
        if animal.lactation == 0:
            return BOUGHT if animal.key in self.bought else 0, animal.birth
        return min(animal.lactation, OLDEST_LACTATION), animal.calved

    def _begin_lactation_number(self, animal: Animal) -> None:
        animal.patience = -math.log(self.uniforms.patience(animal.key, animal.lactation))
        animal.survival = 0.0


def without_drawn_plans(herd: Herd) -> Herd:
    """Return a herd without the file's dates where a conception is known, from which they are drawn."""
    is_drawn = herd.conception != NO_DAY
    dates = {
        name: np.where(is_drawn, NO_DAY, getattr(herd, name)).astype(np.int32)
        for name in ("expected_calving", "expected_dry_off")
    }
    return replace(herd, **dates)


def _by_day(law: DayDistribution) -> dict[int, float]:
    return {int(day): float(p) for day, p in zip(law.days, law.probability, strict=True) if p > 0}


def _plainly(tables: Tables) -> PlainTables:
    """Return what both modes have: how long pregnancies last, and when cows are dried off."""
    return PlainTables(
        age_at_conception={0: 1.0},
        service_period={0: 1.0},
        conception_to_dry=_by_day(tables.conception_to_dry_off),
        gestation=_by_day(tables.gestation),
        leaving_by_lactation={},
        leaving_by_month=[0.0] * 12,
        flagged_heifer_leaving=0.0,
        flagged_cow_leaving=0.0,
    )
