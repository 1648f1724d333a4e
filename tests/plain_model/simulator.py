"""One run of the herd model, every animal visited on every day, in the order of the model page.

Readings of the page that are ours:

- A calf joins after step 2 and before step 3 of its day of birth, so the record of that day counts it.
- On the report date nobody is due to calve (that happens on day 1): the cap dries off every pregnant cow
  beyond it.
- A cow that the cap dries off makes no other transition that day.
"""

from collections import Counter
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from herd_engine.engine.kernel.random_numbers import calf_key, file_animal_key
from herd_engine.model.animals import AnimalState, Herd
from herd_engine.model.scenario import PurchasePolicy, Scenario
from tests.plain_model.calibration import PlainTables
from tests.plain_model.draws import KeyedUniforms
from tests.plain_model.places import free_places, next_to_leave
from tests.plain_model.plans import Animal, Plans, is_due
from tests.plain_model.purchases import ManualPurchases, bought_automatically, shortfall

LEAVING = ("culled", "flag_exit", "non_conceiver", "cap_exit", "sold")


class Event(NamedTuple):
    """Something that happened to an animal; a calving has the new lactation number, the rest the old one."""

    key: int
    day: int
    kind: str
    lactation: int


class PlainRun(NamedTuple):
    """Events in the order they happened; one record for the report date and for every month start."""

    events: list[Event]
    records: list[dict[str, int]]


def simulate_plain(herd: Herd, tables: PlainTables, scenario: Scenario, run: int, seed: int) -> PlainRun:
    """Simulate one run."""
    return Simulator(herd, tables, scenario, KeyedUniforms(seed, run)).simulate()


class Simulator:
    """The herd during one run; one method for each numbered step of a day."""

    def __init__(self, herd: Herd, tables: PlainTables, scenario: Scenario, uniforms: KeyedUniforms) -> None:
        self.report_date = herd.report_date
        self.tables, self.scenario, self.model = tables, scenario, scenario.model
        self.uniforms = uniforms
        self.plans = Plans(tables, scenario.model, uniforms)
        self.record_days = [
            self.day_of(d) for d in following_month_starts(herd.report_date, scenario.horizon_months)
        ]
        self.last_day = self.record_days[-1]
        self.manual = ManualPurchases(scenario.purchases, self.plans, self.day_of, self.last_day)
        self.leaving_cache: dict[tuple[int, int], float] = {}
        self.events: list[Event] = []
        self.records: list[dict[str, int]] = []
        self.counts: Counter[str] = Counter()
        self.calves: list[Animal] = []
        self.balance = 0
        self.animals = [
            self.plans.on_report_date(herd, i, file_animal_key(str(herd.animal_ids[i])))
            for i in range(herd.n_animals)
        ]
        for animal in self.animals:
            self._begin_lactation_number(animal)

    def simulate(self) -> PlainRun:
        """Walk from the report date to the last month start."""
        self._report_date()
        for day in range(1, self.last_day + 1):
            self._one_day(day)
        return PlainRun(self.events, self.records)

    def _report_date(self) -> None:
        """Apply the cap before the first record, without events; then count the target."""
        for animal in self.animals:
            if self._would_pass_cap(animal, 0):
                if animal.state is AnimalState.OPEN:
                    animal.is_present = False
                else:
                    animal.state = AnimalState.DRY
        self.animals = [animal for animal in self.animals if animal.is_present]
        self.target = sum(animal.is_milking for animal in self.animals)
        self._step_3_record(0)

    def _one_day(self, day: int) -> None:
        self._step_1_purchases(day)
        for animal in self.animals:
            self._step_2_animal(animal, day)
        self.animals = [animal for animal in self.animals if animal.is_present] + self.calves
        self.calves = []
        if day in self.record_days:
            self._sell_beyond_places(day)
            self._step_3_record(day)

    # 1. Purchases

    def _step_1_purchases(self, day: int) -> None:
        heifers = self.manual.arriving(day)
        policy = self.scenario.purchase_policy
        if policy is not PurchasePolicy.MANUAL and day in self.record_days:
            n = max(0, -self.balance) if policy is PurchasePolicy.AUTO_COUNTER else self._shortfall(day)
            period = self.record_days.index(day) + 1
            heifers = bought_automatically(n, day, period, self.scenario, self.plans)
        for heifer in heifers[: free_places(self.animals, self.scenario)]:
            self._begin_lactation_number(heifer)
            self._tell(heifer, day, "purchase")
            self.balance += 1
            self.animals.append(heifer)

    def _shortfall(self, day: int) -> int:
        """What `auto_forecast` buys: every animal projected to the end of the lead time."""
        days_ahead = range(day + 1, day + self.scenario.lead_time_days + 1)
        months = [self.month(d) for d in days_ahead]
        staying: dict[tuple[int, bool], float] = {}

        def chance_of_staying(animal: Animal) -> float:
            kind = (animal.lactation, animal.is_flagged)
            if kind not in staying:
                staying[kind] = float(np.prod([1 - self.leaving(animal, month) for month in months]))
            return staying[kind]

        cap = self.model.max_days_in_milk
        return shortfall(self.animals, self.target, days_ahead[-1], cap, chance_of_staying)

    # 2. Every animal present

    def _step_2_animal(self, animal: Animal, day: int) -> None:
        self._step_2_1_culling(animal, day)
        if not animal.is_present or animal.is_flagged:
            return
        self._step_2_2_missing_plans(animal, day)
        has_changed = self._step_2_3_cap(animal, day)
        if not has_changed:
            self._step_2_4_transition(animal, day)

    def _step_2_1_culling(self, animal: Animal, day: int) -> None:
        animal.survival *= 1 - self.leaving(animal, self.month(day))
        if animal.survival <= animal.patience:
            self._leave(animal, day, "flag_exit" if animal.is_flagged else "culled")

    def _step_2_2_missing_plans(self, animal: Animal, day: int) -> None:
        """Of a calf and of a cow that calved yesterday; a pregnancy is planned at conception."""
        if animal.state in (AnimalState.HEIFER, AnimalState.OPEN) and animal.conception_due is None:
            self.plans.plan_conception(animal, day)

    def _step_2_3_cap(self, animal: Animal, day: int) -> bool:
        """Return whether the cap on days in milk changed the animal."""
        if not self._would_pass_cap(animal, day) or is_due(animal.calving_due, day):
            return False
        if animal.state is AnimalState.OPEN:
            self._leave(animal, day, "cap_exit")
        else:
            self._dry_off(animal, day)
        return True

    def _would_pass_cap(self, animal: Animal, day: int) -> bool:
        cap = self.model.max_days_in_milk
        return cap is not None and animal.is_milking and not animal.is_flagged and day - animal.calved > cap

    def _step_2_4_transition(self, animal: Animal, day: int) -> None:
        match animal.state:
            case AnimalState.HEIFER:
                if is_due(animal.conception_due, day):
                    self._conceive(animal, day)
            case AnimalState.OPEN:
                self._open_cow(animal, day)
            case AnimalState.PREGNANT:
                if is_due(animal.calving_due, day):
                    self._calve(animal, day)
                elif is_due(animal.dry_off_due, day):
                    self._dry_off(animal, day)
            case AnimalState.DRY | AnimalState.PREGNANT_HEIFER:
                if is_due(animal.calving_due, day):
                    self._calve(animal, day)

    def _open_cow(self, animal: Animal, day: int) -> None:
        days_open = day - animal.calved
        waiting = self.model.voluntary_waiting_period
        if days_open < waiting:
            return
        if days_open >= waiting + self.model.max_service_period_after_vwp:
            self._leave(animal, day, "non_conceiver")
        elif is_due(animal.conception_due, day):
            self._conceive(animal, day)

    def _sell_beyond_places(self, day: int) -> None:
        while (animal := next_to_leave(self.animals, self.scenario)) is not None:
            self._leave(animal, day, "sold")
            self.animals.remove(animal)

    # What can happen to an animal

    def _conceive(self, animal: Animal, day: int) -> None:
        self._tell(animal, day, "conception")
        is_heifer = animal.lactation == 0
        animal.state = AnimalState.PREGNANT_HEIFER if is_heifer else AnimalState.PREGNANT
        self.plans.plan_pregnancy(animal, conception=day, today=day)

    def _dry_off(self, animal: Animal, day: int) -> None:
        self._tell(animal, day, "dry_off")
        animal.state = AnimalState.DRY

    def _calve(self, animal: Animal, day: int) -> None:
        animal.lactation += 1
        animal.state = AnimalState.OPEN
        animal.calved = day
        animal.conception_due = animal.dry_off_due = animal.calving_due = None
        self._begin_lactation_number(animal)
        self._tell(animal, day, "calving")
        self.counts["first_calving"] += animal.lactation == 1
        key = int(calf_key(np.uint64(animal.key), np.uint64(animal.lactation)))
        if self.uniforms.sex(key) < self._heifer_birth(animal.lactation):
            calf = Animal(key=key, state=AnimalState.HEIFER, lactation=0, birth=day)
            self._begin_lactation_number(calf)
            self._tell(calf, day, "birth")
            self.balance += 1
            self.calves.append(calf)

    def _heifer_birth(self, _lactation: int) -> float:
        return self.model.heifer_birth_prob

    def _leave(self, animal: Animal, day: int, kind: str) -> None:
        self._tell(animal, day, kind)
        self.balance -= 1
        animal.is_present = False

    def _begin_lactation_number(self, animal: Animal) -> None:
        animal.patience = self.uniforms.patience(animal.key, animal.lactation)
        animal.survival = 1.0

    def _tell(self, animal: Animal, day: int, kind: str) -> None:
        self.events.append(Event(animal.key, day, kind, animal.lactation))
        self.counts[kind] += 1

    # 3. Record

    def _step_3_record(self, day: int) -> None:
        by_state = Counter(animal.state for animal in self.animals)
        self.records.append(
            {
                "milking_count": by_state[AnimalState.OPEN] + by_state[AnimalState.PREGNANT],
                "dry_count": by_state[AnimalState.DRY],
                "heifer_count": by_state[AnimalState.HEIFER],
                "pregnant_heifer_count": by_state[AnimalState.PREGNANT_HEIFER],
                "days_in_milk_sum": sum(day - animal.calved for animal in self.animals if animal.is_milking),
                "calvings": self.counts["calving"],
                "dryoffs": self.counts["dry_off"],
                "culls": sum(self.counts[kind] for kind in LEAVING),
                "purchases_in": self.counts["purchase"],
                "heifer_intros": self.counts["first_calving"],
                "heifer_births": self.counts["birth"],
            }
        )
        self.counts.clear()

    # Days and chances

    def day_of(self, day: date) -> int:
        """Return a date's day number."""
        return (day - self.report_date).days

    def month(self, day: int) -> int:
        """Return a day number's calendar month, 0 = January."""
        return (self.report_date + timedelta(days=day)).month - 1

    def leaving(self, animal: Animal, month: int) -> float:
        """Return an animal's chance of leaving on one day of a month."""
        tables = self.tables
        if animal.is_flagged:
            return tables.flagged_heifer_leaving if animal.lactation == 0 else tables.flagged_cow_leaving
        at = (animal.lactation, month)
        if at not in self.leaving_cache:
            p_l, p_m = tables.lactation_leaving(animal.lactation), tables.leaving_by_month[month]
            self.leaving_cache[at] = (p_l + p_m - p_l * p_m) * self.model.population_regulation
        return self.leaving_cache[at]


def following_month_starts(report_date: date, n: int) -> list[date]:
    """Return the first n month starts strictly after the report date."""
    months = [report_date.year * 12 + report_date.month + i for i in range(n)]
    return [date(month // 12, month % 12 + 1, 1) for month in months]
