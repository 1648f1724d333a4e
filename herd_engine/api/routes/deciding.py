"""What to do about a herd: key figures, rules, work lists, plans."""

from datetime import date
from math import isnan
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import Bench, needs
from herd_engine.api.kinds import CSV, HTML, answered_with
from herd_engine.i18n.catalogue import ENGLISH, known_language
from herd_engine.i18n.wording import wording
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.scenario import MAX_SEED, Purchase, Scenario
from herd_engine.model.sensitivity import WatchedNumber
from herd_engine.model.whatif import MANAGER_LEVERS, SaidLever
from herd_engine.presentation.daily_sheet import sheet_csv, sheet_page
from herd_engine.workbench import DEFAULT_SEED
from herd_engine.workbench.payloads import parse_scenario, to_scenario
from herd_engine.workbench.plans import BuyingTerms, Goal, parse_keep, plan_payload
from herd_engine.workbench.work_lists import WorkListName

router = APIRouter(prefix="/api/v1", tags=["decisions"])
READ, RUN = needs("herd:read"), needs("herd:run")


class ExpectationWish(BaseModel):
    """A scenario, as of `POST /runs`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"payload": {"model": {"female_fraction": 0.6}}}]}
    )
    payload: dict[str, Any] = Field(default_factory=dict)


class ExpectationAnswer(BaseModel):
    """What is expected at the report date and each month start after it, by metric."""

    available: bool
    reason: Annotated[
        Literal["simulation_needed"] | None,
        Field(description="Why there is none: animals are bought, places counted, or the mode has no rates."),
    ]
    dates: list[date]
    expected: dict[str, list[float | None]]


class NewHerdPlan(BaseModel):
    """What is to be kept, and what may be bought."""

    model_config = ConfigDict(extra="forbid")
    keep: str = Field(description="As `milking>=800`.")
    chance: float = Field(0.9, ge=0.5, le=0.99)
    first: int = Field(4, ge=1, le=36, description="First month start.")
    last: int = Field(24, ge=1, le=36, description="Last month start.")
    jointly: bool = Field(False, description="The chance of all months together, not of each.")
    days_pregnant: int = Field(220, ge=0, le=280)
    most_per_month: int = Field(5000, ge=1, le=5000)
    earliest: int = Field(1, ge=1, le=36)
    lot: int = Field(1, ge=1, le=500)
    runs: int = Field(1000, ge=100, le=1000, description="Twice as many verify the plan.")
    seed: int = Field(DEFAULT_SEED, ge=0, le=MAX_SEED)
    prices: str | None = Field(None, max_length=60, description="By name; else those of the farm's sheet.")
    save: str | None = Field(None, max_length=120, description="Keep it as a scenario of this name.")


class MovedLever(BaseModel):
    """A lever and its number: days to add, times as often as now, or a share to set."""

    model_config = ConfigDict(extra="forbid")
    name: Literal[tuple(MANAGER_LEVERS)]  # type: ignore[valid-type]
    number: float = Field(allow_inf_nan=False)


class MorePurchases(BaseModel):
    """Heifers in calf that are bought."""

    model_config = ConfigDict(extra="forbid")
    date_in: date
    count: int = Field(ge=1, le=5000)
    days_pregnant: int = Field(ge=0, le=280)


class OtherPlan(BaseModel):
    """What is otherwise in the other plan; the base is the herd as it goes on now."""

    model_config = ConfigDict(extra="forbid")
    levers: list[MovedLever] = Field(default_factory=list, max_length=len(MANAGER_LEVERS))
    purchases: list[MorePurchases] = Field(default_factory=list, max_length=500)
    horizon_months: int = Field(36, ge=1, le=120)
    runs: int = Field(400, ge=2, le=2000, description="Futures of each plan.")
    seed: int = Field(DEFAULT_SEED, ge=0, le=MAX_SEED)


@router.get(
    "/datasets/{dataset_id}/kpis",
    operation_id="datasets_kpis",
    summary="Key figures of a herd file",
    dependencies=[READ],
)
def kpis(bench: Bench, dataset_id: str) -> dict[str, Any]:
    """`herd-kpis/1`: what is not known is null, with the reason; a bracket has `low` and `high`."""
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    return bench.kpis(herd_file, bench.targets()).document()


@router.post(
    "/datasets/{dataset_id}:expectation",
    operation_id="datasets_expectation",
    summary="What to expect of a scenario, at once",
    dependencies=[READ],
)
def expectation(bench: Bench, dataset_id: str, wish: ExpectationWish) -> ExpectationAnswer:
    """Means without bands, summed up animal by animal; nothing is simulated and nothing is kept.

    Where only a simulation can tell, `available` is false and `reason` says so: submit a run.
    """
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    scenario = to_scenario(parse_scenario(wish.payload))
    found = bench.expectation(herd_file, scenario)
    if found is None:
        return ExpectationAnswer(available=False, reason="simulation_needed", dates=[], expected={})
    report_date = herd_file.herd.report_date
    return ExpectationAnswer(
        available=True,
        reason=None,
        dates=[report_date, *month_starts(report_date, scenario.horizon_months)],
        expected={
            metric.value: [None if isnan(each) else each for each in values.tolist()]
            for metric, values in found.values.items()
        },
    )


@router.get(
    "/datasets/{dataset_id}/detective",
    operation_id="datasets_detective",
    summary="What is not as the farm wants it",
    dependencies=[READ],
)
def detective(
    bench: Bench,
    dataset_id: str,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> dict[str, Any]:
    """`herd-detective/1`: rates of the rules, a page of the animals that they catch, what cannot be told."""
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    return bench.findings(herd_file, bench.targets()).document(offset=offset, limit=limit)


@router.get(
    "/datasets/{dataset_id}/sheet",
    operation_id="datasets_sheet",
    summary="The daily sheet",
    dependencies=[READ],
    responses=answered_with(CSV, HTML, description="The sheet."),
)
def sheet(
    bench: Bench,
    dataset_id: str,
    days: Annotated[int, Query(ge=0, le=60, description="How far ahead.")] = 7,
    lists: Annotated[list[WorkListName] | None, Query(alias="list")] = None,
    form: Annotated[Literal["json", "csv", "html"], Query(alias="format")] = "json",
    language: Annotated[str, Query(description="Of CSV and page.")] = ENGLISH,
) -> Any:
    """Which animals to breed, check, dry off, calve, look at and sell: `herd-sheet/1`, CSV, or a page."""
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    found = bench.daily_sheet(herd_file, bench.targets(), days=days).only(frozenset(lists or ()))
    words = wording(known_language(language))
    if form == "csv":
        return Response(sheet_csv(found, words), media_type="text/csv")
    if form == "html":
        return Response(sheet_page(found, herd_file.name, words), media_type="text/html")
    return found.document()


@router.get(
    "/datasets/{dataset_id}/sensitivity",
    operation_id="datasets_sensitivity",
    summary="What moves a number of the forecast most",
    dependencies=[RUN],
)
def sensitivity(
    bench: Bench,
    dataset_id: str,
    output: Annotated[str, Query(max_length=60, description="Metric and month.")] = "milking_count@24",
    morris: Annotated[
        bool, Query(description="Move levers also while others stand elsewhere: seven times the work.")
    ] = False,
    seed: Annotated[int, Query(ge=0, le=MAX_SEED)] = DEFAULT_SEED,
) -> dict[str, Any]:
    """`herd-sensitivity/1`: each lever one step of management down and up, the strongest first."""
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    number = WatchedNumber.parse(output)
    return bench.sensitivity(herd_file, number, by_morris=morris, seed=seed).document()


@router.post(
    "/datasets/{dataset_id}/whatif",
    operation_id="datasets_whatif",
    summary="What other levers and purchases change",
    dependencies=[RUN],
)
def whatif(bench: Bench, dataset_id: str, wished: OtherPlan) -> dict[str, Any]:
    """`herd-lab/1`: both plans and their difference by month, with the same luck in both. Some seconds."""
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    levers = [SaidLever(name=each.name, number=each.number) for each in wished.levers]
    bought = [Purchase(**each.model_dump()) for each in wished.purchases]
    base = Scenario(horizon_months=wished.horizon_months)
    return bench.what_if(
        herd_file, levers, base, purchases=bought, runs=wished.runs, seed=wished.seed
    ).document()


@router.post(
    "/datasets/{dataset_id}/optimize",
    operation_id="datasets_optimize",
    summary="The fewest heifers to buy that keep a goal",
    dependencies=[RUN],
)
def optimize(bench: Bench, dataset_id: str, wished: NewHerdPlan) -> dict[str, Any]:
    """`herd-plan/1`: a dated list, verified on fresh runs; `not_reachable` says what binds. Some seconds."""
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    prices = bench.prices.used() if wished.prices is None else bench.prices.find(wished.prices)
    goal = Goal(
        at_least=parse_keep(wished.keep),
        chance=wished.chance,
        first=wished.first,
        last=wished.last,
        jointly=wished.jointly,
    )
    terms = BuyingTerms(
        days_pregnant=wished.days_pregnant,
        most_per_month=wished.most_per_month,
        earliest=wished.earliest,
        lot=wished.lot,
        runs=wished.runs,
        fresh_runs=2 * wished.runs,
    )
    plan = bench.optimize(herd_file, goal, terms=terms, seed=wished.seed)
    if wished.save is not None:
        bench.scenarios.save(wished.save, plan_payload(plan, wished.seed))
    return plan.document(prices)
