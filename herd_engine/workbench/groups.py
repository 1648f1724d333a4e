"""Runs that belong together: variants of one scenario, and one scenario on many farms."""

import base64
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from herd_engine.errors import HerdError, NotFoundError, ParameterError
from herd_engine.exports.document import forecast_document
from herd_engine.forecasting.comparison import MOST_RUNS
from herd_engine.review.portfolio import PortfolioFarm, farm_seed, total
from herd_engine.runs.variants import Variants
from herd_engine.scenarios.schema import parse_scenario
from herd_engine.workbench.answers import Farm, Run, SubmissionAnswer, SubmittedRun, answer, run_answer

if TYPE_CHECKING:
    from herd_engine.workbench.workbench import Workbench

__all__ = [
    "MOST_COMPARED",
    "FarmRun",
    "Portfolio",
    "Sweep",
    "Variant",
    "farm_seed",
    "find_portfolio",
    "submit_portfolio",
    "submit_sweep",
    "sweep_of",
    "told",
]
FEWEST_FARMS, MOST_FARMS = 2, 50
MOST_COMPARED = MOST_RUNS
"""So many runs can be compared with each other."""
PREFIX = "p_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What became of one combination of values: a run, or why there is none."""

    values: dict[str, Any]
    run: Run | None
    submission: SubmissionAnswer | None
    reused: bool
    error: dict[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Variants of one scenario with the random numbers of one seed."""

    group_id: str
    items: tuple[Variant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmRun:
    """The run of one farm among many."""

    farm: Farm
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """Many farms as one; ``total`` is their common forecast once every run has succeeded."""

    group_id: str
    items: tuple[FarmRun, ...]
    available: bool
    total: dict[str, Any] | None


def submit_sweep(
    bench: "Workbench",
    dataset_id: str,
    base: Mapping[str, Any],
    values: Mapping[str, Sequence[Any]],
    **wishes: Any,
) -> Sweep:
    """Queue a run for every combination of values; one that is not valid never stops the others."""
    return bench.runs.sweep(dataset_id, base, values, **wishes)


def sweep_of(variants: Variants) -> Sweep:
    """Return what became of variants as it is answered."""
    items = []
    for each in variants.items:
        run = None if each.submitted is None else run_answer(each.submitted.run)
        wish = None if each.submitted is None else answer(SubmissionAnswer, each.submitted.submission)
        reused = each.submitted is not None and each.submitted.reused
        items.append(
            Variant(values=each.values, run=run, submission=wish, reused=reused, error=told(each.error))
        )
    return Sweep(group_id=variants.group_id, items=tuple(items))


def told(error: HerdError | None) -> dict[str, str] | None:
    """Return an error as part of an answer."""
    return None if error is None else {"code": error.code, "message": str(error)}


def submit_portfolio(
    bench: "Workbench", items: Sequence[tuple[str, str]], payload: Mapping[str, Any]
) -> tuple[Portfolio, tuple[SubmittedRun, ...]]:
    """Queue one scenario on several farms, each with a seed of its own.

    Parameters
    ----------
    bench : Workbench
        Of who asks; each farm is looked up for them.
    items : sequence of (str, str)
        Name or id of a farm, and the id of a herd file of it.
    payload : mapping

    Raises
    ------
    ParameterError
        Not 2 … 50 farms, or one of them twice.
    NotFoundError, ScenarioError, ForbiddenError
        Nothing is queued then.
    """
    farms = [bench.of_farm(name) for name, _ in items]
    ids = [farm.farms.find(name).id for farm, (name, _) in zip(farms, items, strict=True)]
    if not FEWEST_FARMS <= len(set(ids)) == len(ids) <= MOST_FARMS:
        raise ParameterError("items", len(ids), f"name {FEWEST_FARMS} … {MOST_FARMS} farms, each once")
    seed = parse_scenario(payload).seed
    for farm, (_, dataset_id) in zip(farms, items, strict=True):
        farm.require("herd:run")
        farm.datasets.get(dataset_id)
    submitted = []
    for farm, (name, dataset_id) in zip(farms, items, strict=True):
        own = {**payload, "seed": farm_seed(seed, farm.farms.find(name).name)}
        submitted.append(farm.runs.submit(dataset_id, own))
    group = _group([(run.run.farm_id, run.run.id) for run in submitted])
    return find_portfolio(bench, group), tuple(submitted)


def find_portfolio(bench: "Workbench", group_id: str) -> Portfolio:
    """Return how the runs of a portfolio stand and, once all succeeded, their forecast together.

    Sums are taken replicate by replicate: bands of sums are no sums of bands.

    Raises
    ------
    NotFoundError
        There is no such group, or one of its farms or runs is not there for who asks.
    ConflictError
        The farms have no month in common.
    """
    members = [(bench.of_farm(farm_id), run_id) for farm_id, run_id in _members(group_id)]
    items = tuple(
        FarmRun(farm=each.farms.find(farm_id), run=each.runs.get(run_id))
        for (each, run_id), (farm_id, _) in zip(members, _members(group_id), strict=True)
    )
    available = all(each.run.status == "succeeded" for each in items)
    found = None
    if available:
        parts = {
            item.farm.name: PortfolioFarm(
                forecast=each.kept.forecast(item.run.id), draws=each.kept.draws(item.run.id)
            )
            for item, (each, _) in zip(items, members, strict=True)
        }
        found = forecast_document(total(parts, ", ".join(parts), items[0].run.seed))
    return Portfolio(group_id=group_id, items=items, available=available, total=found)


def _group(pairs: Sequence[tuple[str, str]]) -> str:
    """Return an id that says itself what it holds: a run that is reused may be of several portfolios."""
    data = b"".join(uuid.UUID(each).bytes for pair in pairs for each in pair)
    return PREFIX + base64.urlsafe_b64encode(data).decode().rstrip("=")


def _members(group_id: str) -> list[tuple[str, str]]:
    text = group_id.removeprefix(PREFIX)
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        ids = [str(uuid.UUID(bytes=data[at : at + 16])) for at in range(0, len(data), 16)]
    except ValueError:
        ids = []
    if not group_id.startswith(PREFIX) or not ids or len(ids) % 2:
        raise NotFoundError("portfolio", group_id)
    return list(zip(ids[::2], ids[1::2], strict=True))
