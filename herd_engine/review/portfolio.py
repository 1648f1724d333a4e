"""Many farms as one: what they have together is added up inside each replicate."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from herd_engine.engine.summary import summarize
from herd_engine.errors import ConflictError, ParameterError
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import EVENTS, Forecast, ForecastMeta, Series, Simulation
from herd_engine.storage.names import name_key


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioFarm:
    """A farm of a portfolio: the forecast of its run, and the run's replicates."""

    forecast: Forecast
    draws: Draws


def farm_seed(seed: int, farm: str) -> int:
    """Return the seed of one farm among many.

    Random numbers are named by animal: with one seed for all, animals of two farms that have the same
    number would share their luck, and the bands of the sum would be too wide.

    Parameters
    ----------
    seed : int
        Of all farms together.
    farm : str
        Its name, whatever the case: the same farms have the same seeds on every machine.

    Returns
    -------
    int
        0 … 2**48 - 1.
    """
    digest = hashlib.sha256(f"{seed}:{name_key(farm)}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


def total(members: Mapping[str, PortfolioFarm], name: str, seed: int) -> Forecast:
    """Return the forecast of all farms together.

    Parameters
    ----------
    members : mapping of str to PortfolioFarm
        By the farm's name.
    name : str
        Of the whole.
    seed : int
        Of all farms together; it is only told.

    Returns
    -------
    Forecast
        Its first date is the latest report date, where every farm counts as it stood on its own report
        date; then the month starts that all farms have. Replicate i of the sum is replicate i of every
        farm; quantiles are taken of the sums. Where report dates differ, the events of the first period
        are not known, for the farms count them over unlike days.

    Raises
    ------
    ParameterError
        No farm.
    ConflictError
        The farms have different bands, or no month in common.
    """
    if not members:
        raise ParameterError("farms", [], "name one farm or more")
    parts = list(members.values())
    _require_one_band(parts)
    dates = _common_dates(parts)
    simulation = _added_up(parts, dates)
    forecast = Forecast(
        meta=_meta(members, name, seed, len(simulation.counts), dates), dates=dates, series={}
    )
    in_pairs = any(part.forecast.meta.scenario.draws_parameters for part in parts)
    series = summarize(simulation, forecast.levels, in_pairs=in_pairs)
    if len({part.forecast.meta.report_date for part in parts}) > 1:
        series |= {metric: _without_first_period(series[metric]) for metric in EVENTS}
    return replace(forecast, series=series)


def _require_one_band(parts: Sequence[PortfolioFarm]) -> None:
    if len({part.forecast.meta.scenario.confidence_central for part in parts}) > 1:
        message = "The farms' forecasts have bands of different widths; give them one scenario."
        raise ConflictError(message, "portfolio_bands")


def _common_dates(parts: Sequence[PortfolioFarm]) -> tuple[date, ...]:
    latest = max(part.forecast.meta.report_date for part in parts)
    common = set.intersection(*({*part.draws.dates[1:]} for part in parts))
    starts = sorted(day for day in common if day > latest)
    if not starts:
        message = "The farms have no month in common: their forecasts cover different years."
        raise ConflictError(message, "portfolio_months")
    return (latest, *starts)


def _added_up(parts: Sequence[PortfolioFarm], dates: tuple[date, ...]) -> Simulation:
    n = min(part.draws.n_replicates for part in parts)
    rows = [[0, *(part.draws.dates.index(day) for day in dates[1:])] for part in parts]
    pairs = list(zip(parts, rows, strict=True))
    return Simulation(
        counts=np.sum([part.draws.counts[:n, at] for part, at in pairs], axis=0, dtype=np.int32),
        days_in_milk_sum=np.sum([part.draws.days_in_milk_sum[:n, at] for part, at in pairs], axis=0),
        capped_out=0,
        capped_dry=0,
    )


def _without_first_period(series: Series) -> Series:
    blank = {name: getattr(series, name).copy() for name in Series.__slots__}
    for values in blank.values():
        values[1] = np.nan
    return Series(**blank)


def _meta(
    members: Mapping[str, PortfolioFarm], name: str, seed: int, runs: int, dates: Sequence[date]
) -> ForecastMeta:
    metas = [member.forecast.meta for member in members.values()]
    files = ",".join(meta.dataset_sha256 for meta in metas)
    first = metas[0]
    return replace(
        first,
        seed=seed,
        runs=runs,
        dataset_name=name,
        dataset_sha256=hashlib.sha256(files.encode()).hexdigest(),
        report_date=dates[0],
        herd_counts={key: sum(meta.herd_counts[key] for meta in metas) for key in first.herd_counts},
        excluded=dict(sum((Counter(meta.excluded) for meta in metas), Counter())),
        capped_out=sum(meta.capped_out for meta in metas),
        capped_dry=sum(meta.capped_dry for meta in metas),
        assumptions=tuple({said.kind: said for meta in metas for said in meta.assumptions}.values()),
        warnings=(),
        quality=(),
    )
