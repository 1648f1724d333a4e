"""Cow cards: what is expected of each animal, exactly; the herd's expected forecast is their sum."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.exact.each_animal import EachAnimal
from herd_engine.engine.exact.expectation import expected_forecast
from herd_engine.engine.exact.later_lives import MILKING
from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.forecast import Metric
from herd_engine.model.kpi import WhyUnknown
from herd_engine.model.scenario import Scenario
from herd_engine.model.tables import Tables
from herd_engine.review.values.herd_values import MONTHS, HerdValues, known_number
from herd_engine.review.work_lists import WorkListName

Numbers = NDArray[np.float64]
Said = TypeVar("Said")
MOST_CARDS = 2000
LIMITS = ("as_now", "mean_rates", "buys_nothing")
"""What a card takes for granted; the texts are under ``card_limit.<code>``."""
MONEY = ("rpo", "pregnancy_value", "insemination_value")
_STOCKS = (Metric.HEIFER_COUNT, Metric.PREGNANT_HEIFER_COUNT, Metric.MILKING_COUNT, Metric.DRY_COUNT)
_PRESENT_MONTHS = ("3", "6", "12")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDates:
    """When something has come in 10, 50, 90 % of the cases in which it comes."""

    p10: date
    p50: date
    p90: date

    def document(self) -> dict[str, str]:
        """Return it as plain values."""
        return {name: getattr(self, name).isoformat() for name in ("p10", "p50", "p90")}


@dataclass(frozen=True, slots=True, kw_only=True)
class CowCard:
    """What is expected of one animal if the herd goes on as now.

    Attributes
    ----------
    animal : str
    lactation : int
    state : AnimalState
    is_flagged : bool
    dim : int or None
        Days in milk, or since calving of a dry cow; None of a heifer.
    age : int or None
        Days of life; None where not known.
    p_pregnant : float or None
        None of an open animal that is marked for culling.
    in_herd : mapping of str to float
        Probability of being there after 3, 6, 12 months.
    dry_off, calving : CardDates or None
    milking_days : float
        Expected in the year to come.
    money : mapping of str to float or None
        Retention pay-off, value of a pregnancy, of an insemination.
    lists : tuple of WorkListName
    rules : tuple of str
    unknown : mapping of str to WhyUnknown
        Why there is no number.
    """

    animal: str
    lactation: int
    state: AnimalState
    is_flagged: bool
    dim: int | None
    age: int | None
    p_pregnant: float | None
    in_herd: Mapping[str, float]
    dry_off: CardDates | None
    calving: CardDates | None
    milking_days: float
    money: Mapping[str, float | None]
    lists: tuple[WorkListName, ...]
    rules: tuple[str, ...]
    unknown: Mapping[str, WhyUnknown]

    def document(self) -> dict[str, Any]:
        """Return it as plain values; what is not known is null, with the reason in ``unknown``."""
        return {
            "animal": self.animal,
            "lactation": self.lactation,
            "state": self.state.name.lower(),
            "flagged": self.is_flagged,
            "dim": self.dim,
            "age_days": self.age,
            "p_pregnant": self.p_pregnant,
            "in_herd": dict(self.in_herd),
            "dry_off": None if self.dry_off is None else self.dry_off.document(),
            "calving": None if self.calving is None else self.calving.document(),
            "milking_days_12m": self.milking_days,
            **self.money,
            "lists": [str(name) for name in self.lists],
            "rules": list(self.rules),
            "limits": list(LIMITS),
            "unknown": {name: str(why) for name, why in self.unknown.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSum:
    """The cards added up, month by month, beside what is expected of the herd.

    Attributes
    ----------
    months : tuple of date
        The report date first.
    cards, calves_to_come, expected : ndarray of float64, shape (months + 1,)
        Cows in milk.
    max_difference : float
        Of any month, and of any state: heifers, heifers in calf, in milk, dry.
    """

    months: tuple[date, ...]
    cards: Numbers
    calves_to_come: Numbers
    expected: Numbers
    max_difference: float

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "months": [day.isoformat() for day in self.months],
            "cards": self.cards.tolist(),
            "descendants": self.calves_to_come.tolist(),
            "expected": self.expected.tolist(),
            "max_difference": self.max_difference,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HerdCards:
    """A card for every animal of a herd; one is written only when it is asked for.

    Attributes
    ----------
    herd : Herd
    each : EachAnimal
    sum : CardSum
    values : HerdValues
        What the animals are worth, or why that is not known.
    lists : mapping of WorkListName to tuple of str
        Animals of each work list, the most urgent first.
    on_lists : mapping of str to tuple of WorkListName
        Lists of each animal that is on one.
    rules : mapping of str to tuple of str
        What catches an animal.
    """

    herd: Herd
    each: EachAnimal
    sum: CardSum
    values: HerdValues
    lists: Mapping[WorkListName, tuple[str, ...]]
    on_lists: Mapping[str, tuple[WorkListName, ...]]
    rules: Mapping[str, tuple[str, ...]]

    def places(self, name: WorkListName | None = None) -> list[int]:
        """Return where the animals of a list stand in the herd, in its order; all, by animal, of none."""
        place = {str(animal): row for row, animal in enumerate(self.herd.animal_ids.tolist())}
        if name is None:
            return [place[animal] for animal in sorted(place)]
        return [place[animal] for animal in dict.fromkeys(self.lists[name]) if animal in place]

    def card(self, animal: str) -> CowCard:
        """Return the card of an animal; NotFoundError where the herd has none of that name."""
        places = np.flatnonzero(self.herd.animal_ids == animal)
        if not len(places):
            raise NotFoundError("animal", animal)
        return self._written(int(places[0]))

    def page(
        self, name: WorkListName | None = None, *, offset: int = 0, limit: int = MOST_CARDS
    ) -> tuple[CowCard, ...]:
        """Return some cards of a list, or of all animals.

        Parameters
        ----------
        name : WorkListName, optional
        offset, limit : int
            At most 2,000 at a time.

        Raises
        ------
        ParameterError
        """
        if offset < 0:
            raise ParameterError("offset", offset, "be at least 0")
        if not 1 <= limit <= MOST_CARDS:
            raise ParameterError("limit", limit, f"be within 1 … {MOST_CARDS}")
        return tuple(self._written(place) for place in self.places(name)[offset : offset + limit])

    def document(
        self,
        name: WorkListName | None = None,
        *,
        animal: str | None = None,
        offset: int = 0,
        limit: int = MOST_CARDS,
    ) -> dict[str, Any]:
        """Return a page of cards as plain values: ``herd-cards/1``.

        Parameters
        ----------
        name : WorkListName, optional
            Only the animals of a list.
        animal : str, optional
            Only this one.
        offset, limit : int

        Raises
        ------
        NotFoundError, ParameterError
        """
        one = None if animal is None else self.card(animal)
        cards = self.page(name, offset=offset, limit=limit) if one is None else (one,)
        return {
            "schema": "herd-cards/1",
            "as_of": self.herd.report_date.isoformat(),
            "list": None if name is None else str(name),
            "price_set": None if self.values.prices is None else self.values.prices.reference,
            "currency": None if self.values.prices is None else self.values.prices.currency,
            "total_rows": len(self.places(name)) if one is None else 1,
            "offset": offset,
            "limit": limit,
            "rows": [card.document() for card in cards],
            "sum": self.sum.document(),
        }

    def _written(self, row: int) -> CowCard:
        herd, each = self.herd, self.each
        animal, state = str(herd.animal_ids[row]), AnimalState(int(herd.state[row]))
        since, birth, pregnant = int(herd.calving[row]), int(herd.birth[row]), float(each.in_calf[row])
        is_cow = int(herd.lactation[row]) > 0
        dry_off, calving = self._dates(each.dry_off[row]), self._dates(each.calving[row])
        known = {
            "dim": is_cow, "age_days": birth != NO_DAY, "p_pregnant": not np.isnan(pregnant),
            "dry_off": dry_off is not None, "calving": calving is not None,
        }  # fmt: skip
        unknown = {name: WhyUnknown.NOT_APPLICABLE for name, is_known in known.items() if not is_known}
        money = {name: known_number(getattr(self.values, name)[row]) for name in MONEY}
        unknown |= {name: self.values.reason(name) for name, value in money.items() if value is None}
        return CowCard(
            animal=animal,
            lactation=int(herd.lactation[row]),
            state=state,
            is_flagged=bool(herd.is_flagged[row]),
            dim=-since if is_cow else None,
            age=None if birth == NO_DAY else -birth,
            p_pregnant=None if np.isnan(pregnant) else pregnant,
            in_herd=dict(zip(_PRESENT_MONTHS, each.present[row].tolist(), strict=True)),
            dry_off=dry_off,
            calving=calving,
            milking_days=float(each.milking_days[row]),
            money=money,
            lists=self.on_lists.get(animal, ()),
            rules=self.rules.get(animal, ()),
            unknown=unknown,
        )

    def _dates(self, days: Numbers) -> CardDates | None:
        if np.isnan(days).any():
            return None
        p10, p50, p90 = (self.herd.report_date + timedelta(days=int(day)) for day in days)
        return CardDates(p10=p10, p50=p50, p90=p90)


def herd_cards(
    herd: Herd,
    tables: Tables,
    lists: Mapping[WorkListName, tuple[str, ...]],
    rules: Iterable[tuple[str, str]],
    values: HerdValues,
) -> HerdCards:
    """Return the cards of a herd.

    Parameters
    ----------
    herd : Herd
    tables : Tables
        Of the calibrated mode.
    lists : mapping of WorkListName to tuple of str
        Animals of each work list.
    rules : iterable of (str, str)
        Animals, and rules that catch them.
    values : HerdValues
        Of this herd; who is worth less than her place heads the list of those to sell.

    Raises
    ------
    ParameterError
        The tables are of another mode.
    """
    each = values.each
    worth_less = (str(herd.animal_ids[place]) for place in values.to_sell())
    for_sale = (*worth_less, *lists[WorkListName.SELL])
    lists = {**lists, WorkListName.SELL: tuple(dict.fromkeys(for_sale))}
    on = ((animal, name) for name, animals in lists.items() for animal in dict.fromkeys(animals))
    return HerdCards(
        herd=herd,
        each=each,
        sum=_sum(herd, tables, each),
        values=values,
        lists=lists,
        on_lists=_by_animal(on),
        rules=_by_animal(rules),
    )


def _by_animal(pairs: Iterable[tuple[str, Said]]) -> dict[str, tuple[Said, ...]]:
    found: dict[str, tuple[Said, ...]] = {}
    for animal, said in pairs:
        found[animal] = (*found.get(animal, ()), said)
    return found


def _sum(herd: Herd, tables: Tables, each: EachAnimal) -> CardSum:
    """Return the cards' sum beside the herd's expected forecast, which is computed another way."""
    values = expected_forecast(herd, tables, Scenario(horizon_months=MONTHS)).values
    expected = np.stack([values[stock] for stock in _STOCKS], axis=1)
    cards = each.there.sum(axis=0)
    off = np.abs(cards + each.calves_to_come - expected).max()
    return CardSum(
        months=tuple(herd.report_date + timedelta(days=int(day)) for day in each.months),
        cards=cards[:, MILKING],
        calves_to_come=each.calves_to_come[:, MILKING],
        expected=expected[:, MILKING],
        max_difference=float(off),
    )
