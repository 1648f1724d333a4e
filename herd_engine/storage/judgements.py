"""What was forecast and what happened, as later exports of a farm tell: a row a run, metric and day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import sqlalchemy as sa

from herd_engine.model.forecast import Metric
from herd_engine.model.verdicts import VERDICT_NUMBERS, JudgedForecast, RecordOfForecasts, Verdict
from herd_engine.storage.database import Database
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.scope import Scope
from herd_engine.storage.tables import judgement, now


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJudgement:
    """Verdicts of one herd file on one run.

    Attributes
    ----------
    run_id, dataset_id : str
        The run, and the herd file that judges it.
    made, judged_by : date
        Report dates of the two herds.
    band : float
        Width of the run's band.
    verdicts : sequence of Verdict
    """

    run_id: str
    dataset_id: str
    made: date
    judged_by: date
    band: float
    verdicts: Sequence[Verdict]


class Judgements:
    """Keep and list verdicts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, scope: Scope, new: NewJudgement) -> int:
        """Keep verdicts, and return how many are new.

        The first export that tells a month judges it; only a file of the same report date, a correction,
        takes the place of one that did.
        """
        of_run = sa.and_(judgement.c.farm_id == scope.farm_id, judgement.c.run_id == new.run_id)
        with self._database.transaction() as connection:
            lock_farm(connection, scope.farm_id)
            same_day = sa.and_(of_run, judgement.c.judged_by == new.judged_by)
            connection.execute(sa.delete(judgement).where(same_day))
            query = sa.select(judgement.c.metric, judgement.c.day).where(of_run)
            known = {(row.metric, row.day) for row in connection.execute(query)}
            rows = [
                _row(scope, new, verdict)
                for verdict in new.verdicts
                if (verdict.metric.value, verdict.day) not in known
            ]
            if rows:
                connection.execute(sa.insert(judgement), rows)
            return len(rows)

    def judged_runs(self, scope: Scope) -> frozenset[str]:
        """Return the runs of a farm that were judged before."""
        query = sa.select(judgement.c.run_id).where(judgement.c.farm_id == scope.farm_id).distinct()
        with self._database.reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def record(self, scope: Scope) -> RecordOfForecasts:
        """Return all verdicts of a farm by forecast, the one judged last first."""
        order = (judgement.c.made.desc(), judgement.c.run_id, judgement.c.day)
        query = sa.select(judgement).where(judgement.c.farm_id == scope.farm_id).order_by(*order)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        forecasts = [_forecast(list(found)) for _, found in groupby(rows, key=lambda row: row.run_id)]
        forecasts.sort(key=lambda forecast: forecast.judged_by, reverse=True)
        return RecordOfForecasts(forecasts=tuple(forecasts))


def _row(scope: Scope, new: NewJudgement, verdict: Verdict) -> dict[str, object]:
    about = {name: getattr(new, name) for name in ("run_id", "dataset_id", "made", "judged_by", "band")}
    said = {name: getattr(verdict, name) for name in ("day", *VERDICT_NUMBERS)}
    return {"farm_id": scope.farm_id, **about, **said, "metric": verdict.metric.value, "created_at": now()}


def _forecast(rows: Sequence[sa.Row[tuple[object, ...]]]) -> JudgedForecast:
    places = {metric: place for place, metric in enumerate(Metric)}
    verdicts = [
        Verdict(
            metric=Metric(row.metric),
            **{name: getattr(row, name) for name in ("day", *VERDICT_NUMBERS)},
        )
        for row in rows
    ]
    first = rows[0]
    return JudgedForecast(
        run_id=first.run_id,
        made=first.made,
        judged_by=max(row.judged_by for row in rows),
        band=first.band,
        verdicts=tuple(sorted(verdicts, key=lambda verdict: (verdict.day, places[verdict.metric]))),
    )
