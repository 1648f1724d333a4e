"""What cows, pregnancies and places of a herd are worth, at stated prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.exact.each_animal import EachAnimal, each_animal
from herd_engine.engine.exact.expectation import lives_of, require_calibrated
from herd_engine.engine.exact.expected_lives import Lives
from herd_engine.errors import ParameterError
from herd_engine.model.animals import AnimalState, Herd
from herd_engine.model.kpi import WhyUnknown
from herd_engine.model.milk_curves import milk_by_day
from herd_engine.model.prices import DISCOUNT, PriceSet
from herd_engine.model.tables import Tables
from herd_engine.review.values.animal_worth import (
    CALVES,
    COW_LEAVES,
    COW_OWN,
    NOW,
    REARING,
    HeiferPrices,
    Worth,
)
from herd_engine.review.values.recursion import Economy, StateValues, pregnant_parts, state_values

Numbers = NDArray[np.float64]
MONTHS, MOST_ROWS = 24, 2000
STATE_DAYS = (0, 30, 60, 75, 90, 120, 150, 180, 210, 250, 300, 330, 400, 500)
LOSS_DAYS = 60
"""A loss is told of pregnancies of so many days."""
LIMITS = ("as_now", "no_labour", "all_leavers_sold", "mean_rates")
"""What the values take for granted; the texts are under ``value_limit.<code>``."""
COLUMNS = (
    "animal",
    "lactation",
    "state",
    "dim",
    "rpo",
    "pregnancy_value",
    "insemination_value",
    "rear_value",
)
_DAYS = 3600
"""Of a lactation; nobody of weight is left."""
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTerms:
    """What is said beside prices.

    Attributes
    ----------
    curve : str or None
        Lactation curve by name; None: no kilograms are known.
    conception : float or None
        Chance of an insemination; one file cannot tell it.
    female : float
        Share of heifer calves.
    """

    curve: str | None = None
    conception: float | None = None
    female: float

    def __post_init__(self) -> None:
        if self.conception is not None and not 0 < self.conception <= 1:
            raise ParameterError("conception", self.conception, "be within 0 … 1")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HerdValues:
    """Values of a herd; a number that is not known is NaN here, and null with its reason in documents.

    Attributes
    ----------
    herd : Herd
    prices : PriceSet or None
    terms : ValueTerms
    each : EachAnimal
    states : StateValues or None
        None where prices or kilograms are missing.
    rpo, pregnancy_value, insemination_value, rear_value : ndarray of float64, shape (n_animals,)
    by_state : tuple of mapping
    unknown : mapping of str to WhyUnknown
        Why a figure is not known at all.
    """

    herd: Herd
    prices: PriceSet | None
    terms: ValueTerms
    each: EachAnimal
    states: StateValues | None
    rpo: Numbers
    pregnancy_value: Numbers
    insemination_value: Numbers
    rear_value: Numbers
    by_state: tuple[Mapping[str, float | int | None], ...]
    unknown: Mapping[str, WhyUnknown]

    def reason(self, figure: str) -> WhyUnknown:
        """Return why an animal has no number."""
        return self.unknown.get(figure, WhyUnknown.NOT_APPLICABLE)

    def to_sell(self) -> list[int]:
        """Return the places of cows that are worth less than their places, the worst first."""
        rows = np.flatnonzero(self.rpo < 0)
        return sorted(rows.tolist(), key=lambda row: (self.rpo[row], str(self.herd.animal_ids[row])))

    def document(self, *, offset: int = 0, limit: int = MOST_ROWS) -> dict[str, Any]:
        """Return them as plain values: ``herd-values/1``; animals are a page, the least worth first.

        Parameters
        ----------
        offset, limit : int

        Raises
        ------
        ParameterError
        """
        if offset < 0:
            raise ParameterError("offset", offset, "be at least 0")
        if not 1 <= limit <= MOST_ROWS:
            raise ParameterError("limit", limit, f"be within 1 … {MOST_ROWS}")
        states, prices = self.states, self.prices
        order = self.order()[offset : offset + limit]
        return {
            "schema": "herd-values/1",
            "as_of": self.herd.report_date.isoformat(),
            "price_set": None if prices is None else prices.reference,
            "currency": None if prices is None else prices.currency,
            "curve": self.terms.curve,
            "conception_chance": self.terms.conception,
            "missing_prices": [] if prices is None else list(prices.missing("insemination")),
            "slot": {
                "W": None if states is None else states.place,
                "per_day": None if states is None else states.per_day,
            },
            "heifer_break_even": None if states is None else states.heifer_break_even,
            "loss_at_days": LOSS_DAYS,
            "by_state": [dict(row) for row in self.by_state],
            "animals": {
                "total_rows": self.herd.n_animals,
                "offset": offset,
                "limit": limit,
                "columns": list(COLUMNS),
                "rows": [self.row(place) for place in order],
            },
            "unknown": {name: str(why) for name, why in self.unknown.items()},
            "limits": list(LIMITS),
        }

    def order(self) -> list[int]:
        """Return the places of animals: the least retention pay-off first, then by animal."""
        rpo, ids = self.rpo, self.herd.animal_ids
        rank = np.where(np.isnan(rpo), np.inf, rpo)
        return sorted(range(len(rpo)), key=lambda row: (rank[row], str(ids[row])))

    def row(self, place: int) -> list[Any]:
        """Return an animal as plain values, as ``COLUMNS`` say."""
        herd = self.herd
        money = (self.rpo, self.pregnancy_value, self.insemination_value, self.rear_value)
        is_cow = bool(herd.lactation[place] > 0)
        return [
            str(herd.animal_ids[place]),
            int(herd.lactation[place]),
            AnimalState(int(herd.state[place])).name.lower(),
            -int(herd.calving[place]) if is_cow else None,
            *(known_number(values[place]) for values in money),
        ]


def known_number(value: float) -> float | None:
    """Return a number, None for NaN."""
    return None if np.isnan(value) else float(value)


def herd_values(herd: Herd, tables: Tables, prices: PriceSet | None, terms: ValueTerms) -> HerdValues:
    """Return what the animals of a herd, a pregnancy and a place are worth.

    Parameters
    ----------
    herd : Herd
    tables : Tables
        Of the calibrated mode.
    prices : PriceSet, optional
        Where one that is needed is missing, what depends on it is not known.
    terms : ValueTerms

    Raises
    ------
    ParameterError
        The tables are of another mode, there is no such curve, or money is not discounted.
    """
    unknown = _unknown(prices, terms)
    lives = lives_of(tables, _DAYS)
    if prices is None or "rpo" in unknown:
        nothing = np.full(herd.n_animals, np.nan)
        return HerdValues(
            herd=herd, prices=prices, terms=terms, each=each_animal(herd, tables, MONTHS), states=None,
            rpo=nothing, pregnancy_value=nothing, insemination_value=nothing, rear_value=nothing,
            by_state=(), unknown=unknown,
        )  # fmt: skip
    economy = economy_of(prices, terms, require_calibrated(tables).heifer_calf, lives.open.shape)
    if economy.daily >= 1:
        raise ParameterError(DISCOUNT, 0, "be above 0: a place that earns for ever is worth any sum")
    states = state_values(lives, economy)
    heifers = heifer_prices(prices)
    each = each_animal(herd, tables, MONTHS, watch=Worth(states=states, heifers=heifers))
    return _valued(herd, prices, terms, lives=lives, states=states, each=each, unknown=unknown)


def _unknown(prices: PriceSet | None, terms: ValueTerms) -> dict[str, WhyUnknown]:
    """Return why figures cannot be known."""
    worth = ("slot", "heifer_break_even", "by_state", "rpo", "pregnancy_value")
    figures = (*worth, "insemination_value", "rear_value")
    if prices is None or prices.missing("worth"):
        return dict.fromkeys(figures, WhyUnknown.NEEDS_PRICES)
    if terms.curve is None:
        return dict.fromkeys(figures, WhyUnknown.NEEDS_MILK)
    unknown = {}
    if prices.missing("insemination"):
        unknown["insemination_value"] = WhyUnknown.NEEDS_PRICES
    elif terms.conception is None:
        unknown["insemination_value"] = WhyUnknown.NEEDS_HISTORY
    if heifer_prices(prices) is None:
        unknown["rear_value"] = WhyUnknown.NEEDS_PRICES
    return unknown


def economy_of(prices: PriceSet, terms: ValueTerms, heifer_calf: Numbers, shape: tuple[int, ...]) -> Economy:
    """Return the money of days and events.

    Parameters
    ----------
    prices : PriceSet
        With every price that ``missing("worth")`` asks for.
    terms : ValueTerms
        With a curve.
    heifer_calf : ndarray of float64, shape (2,)
        Heifer calves of a first, of a later calving.
    shape : tuple of int
        Groups and days.
    """
    said, groups, days = prices.prices, shape[0], shape[1]
    margin = np.zeros((groups, days))
    per_kg = said["milk_per_kg"] - said["feed.per_kg_milk"]
    for group in range(1, groups):
        kg = milk_by_day(str(terms.curve), group, days - 1)
        margin[group] = kg * per_kg - said["feed.maintenance_milking_day"]
    bulls = (1 - terms.female) / terms.female
    calf = heifer_calf * (said["calf.heifer"] + bulls * said["calf.bull"])
    return Economy(
        margin=margin,
        dry_day=-said["feed.dry_day"],
        calving=np.concatenate([calf[:1], np.full(groups - 1, calf[1])]),
        salvage=float(prices.cull_cow or 0.0),
        springer=said["springer_price"],
        daily=float((1 + said[DISCOUNT]) ** (-1 / _DAYS_PER_YEAR)),
    )


def heifer_prices(prices: PriceSet) -> HeiferPrices | None:
    """Return the money of heifers by day of age; None where a band is missing."""
    bands = [prices.by_age(path) for path in ("feed.heifer_day", "heifer_sale.open", "heifer_sale.pregnant")]
    if not all(band and band[0][0] == 0 for band in bands):
        return None
    by_day = []
    for band in bands:
        firsts = np.array([first for first, _ in band])
        values = np.array([value for _, value in band])
        by_day.append(values[np.searchsorted(firsts, np.arange(_DAYS), side="right") - 1])
    return HeiferPrices(day=by_day[0], open_sale=by_day[1], pregnant_sale=by_day[2])


def _valued(  # noqa: PLR0913 - what a value is made of
    herd: Herd,
    prices: PriceSet,
    terms: ValueTerms,
    *,
    lives: Lives,
    states: StateValues,
    each: EachAnimal,
    unknown: Mapping[str, WhyUnknown],
) -> HerdValues:
    parts = each.watched
    is_cow, group = herd.lactation > 0, np.minimum(herd.lactation, len(lives.open) - 1)
    value = parts[:, COW_OWN] + parts[:, COW_LEAVES] * states.place
    rpo = np.where(is_cow, value - states.replaced, np.nan)
    day = np.clip(np.where(is_cow, -herd.calving.astype(np.int64), 0), 0, lives.open.shape[1] - 1)
    opened, conceived = (
        states.of(states.open_parts)[group, day],
        states.of(states.conceived_parts)[group, day],
    )
    is_open = (herd.state == AnimalState.OPEN) & ~herd.is_flagged & (lives.conceives[group, day] > 0)
    in_calf = np.isin(herd.state, [AnimalState.PREGNANT, AnimalState.DRY]) & ~herd.is_flagged
    of_pregnancy = np.select([is_open, in_calf], [conceived - opened, value - opened], np.nan)
    inseminated = np.full(len(rpo), np.nan)
    if "insemination_value" not in unknown and terms.conception is not None:
        cost = prices.prices["insemination"] + prices.prices["semen.conventional"]
        inseminated = np.where(is_open, terms.conception * of_pregnancy - cost, np.nan)
    fresh = states.of(states.fresh_parts)[1]
    reared = parts[:, CALVES] * (fresh - states.place) - parts[:, REARING] - parts[:, NOW]
    is_reared = ~is_cow & ~herd.is_flagged & ("rear_value" not in unknown)
    return HerdValues(
        herd=herd,
        prices=prices,
        terms=terms,
        each=each,
        states=states,
        rpo=rpo,
        pregnancy_value=of_pregnancy,
        insemination_value=inseminated,
        rear_value=np.where(is_reared, reared, np.nan),
        by_state=tuple(_by_state(lives, states)),
        unknown=unknown,
    )


def _by_state(lives: Lives, states: StateValues) -> list[Mapping[str, float | int | None]]:
    opened, conceived = states.of(states.open_parts), states.of(states.conceived_parts)
    rows: list[Mapping[str, float | int | None]] = []
    for group in range(1, len(lives.open)):
        for day in STATE_DAYS:
            began, can = day - LOSS_DAYS, lives.conceives[group] > 0
            lost = None
            if began >= 0 and can[began]:
                own, leaves, calves = pregnant_parts(lives, states.economy, group, day, LOSS_DAYS)
                fresh = states.fresh_parts[min(group + 1, len(lives.open) - 1)]
                now = own + calves * fresh[0] + (leaves + calves * fresh[1]) * states.place
                lost = float(now - opened[group, day])
            rows.append(
                {
                    "lactation": group,
                    "dim": day,
                    "rpo_open": float(opened[group, day] - states.replaced),
                    "pregnancy_value": float(conceived[group, day] - opened[group, day])
                    if can[day]
                    else None,
                    "loss_cost": lost,
                }
            )
    return rows
