"""Each lever once: a number of the model that a scenario can change.

Fields of ``ModelParameters`` and of the payload, the form, the help of ``--set`` and the table of the guide
are made of this; ``tests/statistical/test_levers.py`` moves every lever and sees it move what it says.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

BY_LISTS, BY_HAZARDS = ("empirical", "theoretical"), ("calibrated",)
"""Values of ``Mode``: those that take the file's lists at their word, and the one of hazards."""
EVERY_MODE = (*BY_LISTS, *BY_HAZARDS)


class Unit(StrEnum):
    """What a lever counts in, and so how finely it is set and how it is written."""

    DAYS = "days"
    SHARE = "share"
    FACTOR = "factor"
    SWITCH = "switch"
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a greater value does to a forecast.

    Attributes
    ----------
    metric : str
        As in result tables.
    sign : int
        1 where there is more of it, -1 where there is less.
    """

    metric: str
    sign: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One number of the model.

    Attributes
    ----------
    name : str
        Of the field, in payloads and in Python; texts are under ``field.model.<name>``.
    unit : Unit
    default : int, float, bool or None
        None: as observed, or not at all.
    low, high : float or None
        Inclusive; None of a switch.
    modes : tuple of str
        Which read it.
    about : str
        What it means.
    source : str
        Where its default comes from.
    move : Move or None
        None for a spread: it widens or narrows the band.
    instead : str
        What to use in the modes that do not read it.
    is_basic : bool
        Whether the form shows it at first.
    in_model : bool
        Whether it is under ``model`` in payloads, and not beside it.
    """

    name: str
    unit: Unit
    default: Any
    low: float | None
    high: float | None
    modes: tuple[str, ...]
    about: str
    source: str
    move: Move | None
    instead: str = ""
    is_basic: bool = False
    in_model: bool = True

    @property
    def description(self) -> str:
        """Meaning and source in one line, as the schema has it."""
        mode = "calibrated mode: " if self.modes == BY_HAZARDS else ""
        return f"{mode}{self.about}; {self.source}" if self.source else f"{mode}{self.about}"

    @property
    def label_key(self) -> str:
        """Key of its name among the texts; its help is under the same with ``.help``."""
        return f"field.{self.path}"

    @property
    def path(self) -> str:
        """Where it is in a payload."""
        return f"model.{self.name}" if self.in_model else self.name


_DECLARED = (
    Lever(
        name="culling_intensity", unit=Unit.FACTOR, default=1.0, low=0.3, high=2.0,
        modes=BY_HAZARDS, is_basic=True,
        about="multiplies the rate at which cows are sold", source="1: as observed",
        move=Move(metric="milking_count", sign=-1),
    ),
    Lever(
        name="conception_intensity", unit=Unit.FACTOR, default=1.0, low=0.5, high=2.0,
        modes=BY_HAZARDS, is_basic=True,
        about="multiplies the hazard of conception", source="1: as observed",
        move=Move(metric="calvings", sign=1),
    ),
    Lever(
        name="waiting_period_change", unit=Unit.DAYS, default=0, low=-60, high=120,
        modes=BY_HAZARDS, is_basic=True,
        about="days by which cows are bred later than now", source="",
        move=Move(metric="avg_days_in_milk", sign=1),
    ),
    Lever(
        name="voluntary_waiting_period", unit=Unit.DAYS, default=50, low=0, high=200,
        modes=BY_LISTS, is_basic=True,
        about="days after calving without breeding", source="assumption",
        move=Move(metric="avg_days_in_milk", sign=1), instead="use waiting_period_change",
    ),
    Lever(
        name="population_regulation", unit=Unit.SHARE, default=0.5, low=0.0, high=1.0,
        modes=BY_LISTS, is_basic=True,
        about="multiplies the daily culling probability", source="assumption",
        move=Move(metric="milking_count", sign=-1), instead="use culling_intensity",
    ),
    Lever(
        name="max_service_period_after_vwp", unit=Unit.DAYS, default=300, low=50, high=600,
        modes=BY_LISTS,
        about="breeding days before an open cow leaves", source="assumption",
        move=Move(metric="milking_count", sign=1), instead="cows that never conceive follow from the file",
    ),
    Lever(
        name="max_days_in_milk", unit=Unit.DAYS, default=None, low=200, high=1000,
        modes=EVERY_MODE,
        about="longest lactation", source="none: no cap",
        move=Move(metric="avg_days_in_milk", sign=1),
    ),
    Lever(
        name="min_first_insem_age_days", unit=Unit.DAYS, default=365, low=250, high=800,
        modes=BY_LISTS,
        about="youngest age at conception", source="assumption: usual practice",
        move=Move(metric="pregnant_heifer_count", sign=-1), instead="the file's own ages are used",
    ),
    Lever(
        name="heifer_birth_prob", unit=Unit.SHARE, default=0.5, low=0.0, high=1.0,
        modes=BY_LISTS,
        about="probability of a heifer calf", source="assumption",
        move=Move(metric="heifer_count", sign=1), instead="use female_fraction",
    ),
    Lever(
        name="gestation_lo", unit=Unit.DAYS, default=275, low=240, high=320,
        modes=BY_LISTS,
        about="shortest gestation", source="assumption",
        move=Move(metric="calvings", sign=-1), instead="use gestation_mean and gestation_sd",
    ),
    Lever(
        name="gestation_hi", unit=Unit.DAYS, default=280, low=240, high=330,
        modes=BY_LISTS,
        about="longest gestation", source="assumption",
        move=Move(metric="calvings", sign=-1), instead="use gestation_mean and gestation_sd",
    ),
    Lever(
        name="gestation_mu", unit=Unit.DAYS, default=277.5, low=240.0, high=320.0,
        modes=BY_LISTS,
        about="mean gestation", source="Holstein 278-279 in the literature",
        move=Move(metric="calvings", sign=-1), instead="use gestation_mean",
    ),
    Lever(
        name="gestation_sigma", unit=Unit.DAYS, default=2.0, low=0.1, high=20.0,
        modes=BY_LISTS,
        about="standard deviation of gestation", source="assumption",
        move=None, instead="use gestation_sd",
    ),
    Lever(
        name="purchased_days_to_calving_lo", unit=Unit.DAYS, default=1, low=1, high=280,
        modes=EVERY_MODE,
        about="bought heifer: fewest days to calving", source="assumption",
        move=Move(metric="calvings", sign=-1),
    ),
    Lever(
        name="purchased_days_to_calving_hi", unit=Unit.DAYS, default=280, low=1, high=330,
        modes=EVERY_MODE,
        about="bought heifer: most days to calving", source="assumption",
        move=Move(metric="calvings", sign=-1),
    ),
    Lever(
        name="heifer_sales_intensity", unit=Unit.FACTOR, default=1.0, low=0.0, high=3.0,
        modes=BY_HAZARDS,
        about="multiplies the rate at which heifers are sold", source="1: as observed",
        move=Move(metric="heifer_count", sign=-1),
    ),
    Lever(
        name="calf_loss", unit=Unit.SHARE, default=None, low=0.0, high=0.5,
        modes=BY_HAZARDS,
        about="share of heifer calves lost by 60 days of age", source="none: as observed",
        move=Move(metric="heifer_count", sign=-1),
    ),
    Lever(
        name="female_fraction", unit=Unit.SHARE, default=None, low=0.05, high=0.95,
        modes=BY_HAZARDS,
        about="share of female calves conceived after the report date, usual 0.47",
        source="none: as observed",
        move=Move(metric="heifer_count", sign=1),
    ),
    Lever(
        name="stillbirth_first", unit=Unit.SHARE, default=None, low=0.0, high=0.5,
        modes=BY_HAZARDS,
        about="share stillborn at first calvings, usual 0.09", source="none: as observed",
        move=Move(metric="heifer_count", sign=-1),
    ),
    Lever(
        name="stillbirth_later", unit=Unit.SHARE, default=None, low=0.0, high=0.5,
        modes=BY_HAZARDS,
        about="share stillborn at later calvings, usual 0.045", source="none: as observed",
        move=Move(metric="heifer_count", sign=-1),
    ),
    Lever(
        name="twinning_first", unit=Unit.SHARE, default=None, low=0.0, high=0.2,
        modes=BY_HAZARDS,
        about="twins at first calvings, usual 0.012", source="none: as observed",
        move=Move(metric="heifer_count", sign=1),
    ),
    Lever(
        name="twinning_later", unit=Unit.SHARE, default=None, low=0.0, high=0.2,
        modes=BY_HAZARDS,
        about="twins at later calvings, usual 0.055", source="none: as observed",
        move=Move(metric="heifer_count", sign=1),
    ),
    Lever(
        name="pregnancy_loss_heifer", unit=Unit.SHARE, default=0.04, low=0.0, high=0.5,
        modes=BY_HAZARDS,
        about="share of heifers' pregnancies of 35 days that are lost", source="Albuja 2019",
        move=Move(metric="pregnant_heifer_count", sign=-1),
    ),
    Lever(
        name="pregnancy_loss_cow", unit=Unit.SHARE, default=0.1, low=0.0, high=0.5,
        modes=BY_HAZARDS,
        about="share of cows' pregnancies of 35 days that are lost", source="Albuja 2019",
        move=Move(metric="dryoffs", sign=-1),
    ),
    Lever(
        name="gestation_mean", unit=Unit.DAYS, default=278.0, low=265.0, high=295.0,
        modes=BY_HAZARDS,
        about="mean gestation", source="Holstein field data",
        move=Move(metric="calvings", sign=-1),
    ),
    Lever(
        name="gestation_sd", unit=Unit.DAYS, default=5.5, low=1.0, high=10.0,
        modes=BY_HAZARDS,
        about="standard deviation of gestation", source="Holstein field data",
        move=None,
    ),
    Lever(
        name="parameter_uncertainty", unit=Unit.SWITCH, default=True, low=None, high=None,
        modes=BY_HAZARDS,
        about="every second replicate draws what is not known of the farm anew", source="",
        move=None,
    ),
)  # fmt: skip
LEVERS = {lever.name: lever for lever in _DECLARED}
"""By name, in the order of the form."""

_PLACES = (
    Lever(
        name="places_milking", unit=Unit.HEAD, default=None, low=1, high=100_000,
        modes=EVERY_MODE, in_model=False,
        about="places for cows in milk: no heifer is bought, and with cull_cows no cow kept, beyond them",
        source="none: no limit",
        move=Move(metric="milking_count", sign=1),
    ),
    Lever(
        name="places_head", unit=Unit.HEAD, default=None, low=1, high=100_000,
        modes=EVERY_MODE, in_model=False,
        about="places for all females: on each first of a month open heifers beyond them are sold, "
        "youngest first",
        source="none: no limit",
        move=Move(metric="heifer_count", sign=1),
    ),
    Lever(
        name="sell_pregnant", unit=Unit.SWITCH, default=False, low=None, high=None,
        modes=EVERY_MODE, in_model=False,
        about="beyond places_head sell pregnant heifers, too, latest due first", source="",
        move=Move(metric="pregnant_heifer_count", sign=-1),
    ),
    Lever(
        name="cull_cows", unit=Unit.SWITCH, default=False, low=None, high=None,
        modes=EVERY_MODE, in_model=False,
        about="beyond the places cull open cows, longest in milk first, after the heifers", source="",
        move=Move(metric="milking_count", sign=-1),
    ),
)  # fmt: skip
PLACES = {lever.name: lever for lever in _PLACES}
"""Levers beside the model, in every mode: how many animals the farm has room for, and who leaves beyond."""
