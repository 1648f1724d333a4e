"""What to do: key figures, rules, work lists, plans; computed from a herd file, without anything kept."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.simulate import Execution
from herd_engine.errors import HerdDataError, ParameterError
from herd_engine.model.forecast import Simulation
from herd_engine.model.levers import LEVERS
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, PurchasePolicy, Scenario
from herd_engine.model.sensitivity import Sensitivity, WatchedNumber
from herd_engine.model.tables import Tables
from herd_engine.model.targets import FarmTargets
from herd_engine.model.whatif import SaidLever, WhatIf, moved_model
from herd_engine.workbench.forecasting import DEFAULT_REPLICATES, DEFAULT_SEED, Forecasting
from herd_engine.workbench.remembered import Remembered

if TYPE_CHECKING:
    from herd_engine.model.kpi import KeyFigures
    from herd_engine.model.prices import PriceSet
    from herd_engine.review.cards.cow_cards import HerdCards
    from herd_engine.review.detective.findings import Findings
    from herd_engine.review.optimiser.futures import Futures
    from herd_engine.review.optimiser.goal import BuyingTerms, Goal
    from herd_engine.review.optimiser.plan import HerdPlan
    from herd_engine.review.values.herd_values import HerdValues
    from herd_engine.review.work_lists import DailySheet

DEFAULT_TARGETS = FarmTargets()
KNOWN_HERDS = 4
"""Plans whose futures without purchases are kept, for the next goal of the same herd."""
DAYS_AHEAD, MOST_DAYS_AHEAD = 7, 60
"""What is due within a week is on the sheet."""


class Deciding(Forecasting):
    """From a herd file to what its people do next."""

    def __init__(self) -> None:
        super().__init__()
        self._known = Remembered[dict[Any, Any]](KNOWN_HERDS)

    def kpis(self, herd_file: HerdFile, targets: FarmTargets = DEFAULT_TARGETS) -> "KeyFigures":
        """Return the key figures of a herd file, each by its written definition.

        Parameters
        ----------
        herd_file : HerdFile
        targets : FarmTargets
            What nobody has set is the farm's own habit.
        """
        # The interval of a share comes with libraries that take longer to import than a forecast takes.
        from herd_engine.review.kpis.key_figures import key_figures  # noqa: PLC0415

        return key_figures(herd_file.records, herd_file.herd, self._rates(herd_file), targets)

    def findings(self, herd_file: HerdFile, targets: FarmTargets = DEFAULT_TARGETS) -> "Findings":
        """Return what is not as the farm wants it: rates of the rules, and the animals that they catch.

        Parameters
        ----------
        herd_file : HerdFile
        targets : FarmTargets
            What nobody has set is the farm's own habit.
        """
        from herd_engine.review.detective.findings import findings  # noqa: PLC0415

        return findings(herd_file.records, targets)

    def daily_sheet(
        self, herd_file: HerdFile, targets: FarmTargets = DEFAULT_TARGETS, *, days: int = DAYS_AHEAD
    ) -> "DailySheet":
        """Return which animals to breed, check, dry off, calve, look at and sell.

        Parameters
        ----------
        herd_file : HerdFile
        targets : FarmTargets
            What nobody has set is the farm's own habit.
        days : int
            How far ahead, 0…60.

        Raises
        ------
        ParameterError
        """
        from herd_engine.review.work_lists import daily_sheet  # noqa: PLC0415

        if not 0 <= days <= MOST_DAYS_AHEAD:
            raise ParameterError("days", days, f"be within 0 … {MOST_DAYS_AHEAD}")
        return daily_sheet(herd_file.records, targets, days)

    def values(
        self,
        herd_file: HerdFile,
        prices: "PriceSet | None" = None,
        *,
        curve: str | None = None,
        conception: float | None = None,
    ) -> "HerdValues":
        """Return what cows, pregnancies and a place of the herd are worth if it goes on as now.

        Parameters
        ----------
        herd_file : HerdFile
        prices : PriceSet, optional
            What depends on a price that is not stated is not known.
        curve : str, optional
            Lactation curve by name; without one no kilograms are known, so no margin either.
        conception : float, optional
            Chance of an insemination, which one file cannot tell.

        Raises
        ------
        HerdDataError
            The file has too little for rates of its own.
        ParameterError
        """
        from herd_engine.calibration.priors import FEMALE_FRACTION  # noqa: PLC0415
        from herd_engine.review.values.herd_values import ValueTerms, herd_values  # noqa: PLC0415

        tables = self._fits.of(herd_file)(herd_file.records, Mode.CALIBRATED, ModelParameters())
        terms = ValueTerms(curve=curve, conception=conception, female=FEMALE_FRACTION)
        return herd_values(herd_file.herd, tables, prices, terms)

    def cards(
        self,
        herd_file: HerdFile,
        targets: FarmTargets = DEFAULT_TARGETS,
        *,
        days: int = DAYS_AHEAD,
        values: "HerdValues | None" = None,
    ) -> "HerdCards":
        """Return what is expected of each animal, exactly; the herd's expected forecast is their sum.

        Parameters
        ----------
        herd_file : HerdFile
        targets : FarmTargets
            By which animals are on work lists.
        days : int
            How far ahead these look, 0…60.
        values : HerdValues, optional
            As ``values`` returns them of this file; without them no card tells of money.

        Raises
        ------
        HerdDataError
            The file has too little for rates of its own.
        ParameterError
        """
        from herd_engine.review.cards.cow_cards import herd_cards  # noqa: PLC0415
        from herd_engine.review.work_lists import WorkListName  # noqa: PLC0415

        sheet, found = self.daily_sheet(herd_file, targets, days=days), self.findings(herd_file, targets)
        tables = self._fits.of(herd_file)(herd_file.records, Mode.CALIBRATED, ModelParameters())
        lists = {name: tuple(row.animal for row in sheet.of(name)) for name in WorkListName}
        rules = ((hit.animal, hit.rule) for hit in found.hits)
        return herd_cards(herd_file.herd, tables, lists, rules, values or self.values(herd_file))

    def optimize(
        self,
        herd_file: HerdFile,
        goal: "Goal",
        scenario: Scenario | None = None,
        terms: "BuyingTerms | None" = None,
        *,
        seed: int = DEFAULT_SEED,
        execution: Execution | None = None,
    ) -> "HerdPlan":
        """Return the fewest heifers to buy, month by month, that keep a goal, verified on fresh runs.

        Parameters
        ----------
        herd_file : HerdFile
        goal : Goal
            So many milking cows, with what chance, in which months.
        scenario : Scenario, optional
            What else is assumed; it buys nothing. Its horizon becomes that of the goal.
        terms : BuyingTerms, optional
            What may be bought, and how many runs are spent.
        seed : int
        execution : Execution, optional

        Raises
        ------
        HerdDataError
            The file has too little for the mode.
        ParameterError
            The scenario buys already, by itself or by a list; or it counts places.
        """
        from herd_engine.review.optimiser.goal import BuyingTerms  # noqa: PLC0415
        from herd_engine.review.optimiser.plan import plan_purchases  # noqa: PLC0415

        terms = terms or BuyingTerms()
        base = replace(scenario or Scenario(), horizon_months=goal.last)
        if base.purchases or base.purchase_policy is not PurchasePolicy.MANUAL:
            raise ParameterError("purchases", str(base.purchase_policy), "be left to the search")
        if base.has_places:
            said = base.places_head or base.places_milking
            raise ParameterError("places", said, "not be stated: a search takes all it buys to have room")
        now = self._futures(herd_file, base, terms, seed, execution)
        others = [
            (
                factor,
                self._futures(
                    herd_file,
                    replace(base, model=replace(base.model, heifer_sales_intensity=factor)),
                    terms,
                    seed,
                    execution,
                ),
            )
            for factor in terms.sales_factors
        ]
        return plan_purchases(now, goal, terms, others)

    def sensitivity(
        self,
        herd_file: HerdFile,
        number: WatchedNumber | None = None,
        scenario: Scenario | None = None,
        *,
        by_morris: bool = False,
        seed: int = DEFAULT_SEED,
        execution: Execution | None = None,
    ) -> Sensitivity:
        """Return which levers move a number of the forecast, one step of management each way.

        Parameters
        ----------
        herd_file : HerdFile
        number : WatchedNumber, optional
            Milking cows in 24 months if not said.
        scenario : Scenario, optional
            From where the levers are moved. Its horizon becomes the month of the number.
        by_morris : bool
            Whether levers are also moved while others stand elsewhere (Morris 1991): seven times the work.
        seed : int
            Of the walks, and of simulated forecasts.
        execution : Execution, optional

        Raises
        ------
        HerdDataError
            The file has too little for the mode.
        ParameterError
            The scenario is of a mode without hazards: these levers are theirs.
        """
        from herd_engine.review.sensitivity.asked import AskedNumber, sensitivity  # noqa: PLC0415

        number = number or WatchedNumber()
        base = replace(scenario or Scenario(), horizon_months=number.month)
        if base.mode is not Mode.CALIBRATED:
            raise ParameterError("mode", base.mode.value, f"be {Mode.CALIBRATED.value}: its levers are moved")
        asked = AskedNumber(
            herd_file=herd_file,
            calibrate=self._fits.of(herd_file),
            scenario=base,
            number=number,
            seed=seed,
            execution=execution or Execution(),
        )
        return sensitivity(asked, by_morris=by_morris)

    def what_if(  # noqa: PLR0913 - what a forecast takes, and the two changes
        self,
        herd_file: HerdFile,
        levers: Sequence[SaidLever] = (),
        base: Scenario | None = None,
        *,
        purchases: Sequence[Purchase] = (),
        runs: int = DEFAULT_REPLICATES,
        seed: int = DEFAULT_SEED,
        execution: Execution | None = None,
    ) -> WhatIf:
        """Return what moved levers and more purchases change, future by future with the same luck.

        Parameters
        ----------
        herd_file : HerdFile
        levers : sequence of SaidLever
            As a manager says them, on top of the base.
        base : Scenario, optional
            As things go now where none is given.
        purchases : sequence of Purchase
            Beyond those of the base.
        runs : int
            Futures of each plan, 2…50000.
        seed : int
        execution : Execution, optional

        Raises
        ------
        HerdDataError
            The file has too little for the mode.
        ParameterError
            Nothing is changed, a lever goes where the model does not, or is not read in this mode.
        """
        from herd_engine.review.whatif import what_if  # noqa: PLC0415

        base = base or Scenario()
        if not levers and not purchases:
            raise ParameterError(
                "lever", "nothing", "be said, or a purchase: two equal plans differ by nothing"
            )
        model, changed = moved_model(base.model, levers)
        for lever in levers:
            if base.mode.value not in LEVERS[lever.parameter].modes:
                raise ParameterError(lever.name, lever.number, f"not be moved in the mode {base.mode.value}")
        other = replace(base, model=model, purchases=(*base.purchases, *purchases))

        def simulated(scenario: Scenario) -> Simulation:
            return self.forecast_and_simulation(
                herd_file, scenario, runs=runs, seed=seed, execution=execution
            )[1]

        return what_if(simulated, herd_file.herd.report_date, seed, base, other, changed)

    def _futures(
        self,
        herd_file: HerdFile,
        scenario: Scenario,
        terms: "BuyingTerms",
        seed: int,
        execution: Execution | None,
    ) -> "Futures":
        from herd_engine.review.optimiser.futures import Futures  # noqa: PLC0415

        return Futures(
            herd=herd_file.herd,
            tables=self._fits.of(herd_file)(herd_file.records, scenario.mode, scenario.model),
            scenario=scenario,
            seed=seed,
            days_pregnant=terms.days_pregnant,
            execution=execution or Execution(),
            known=self._known.get((herd_file.sha256, scenario, seed), dict),
        )

    def _rates(self, herd_file: HerdFile) -> Tables | None:
        """Return the tables of the calibrated mode; None where the file has too little for them."""
        try:
            return self._fits.of(herd_file)(herd_file.records, Mode.CALIBRATED, ModelParameters())
        except HerdDataError:
            return None
