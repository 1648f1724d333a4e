"""Forecast then, file now: kept forecasts are judged by later exports, and the farm's plan is made anew."""

import json
import logging
from typing import TYPE_CHECKING

from herd_engine.errors import ConflictError, HerdError
from herd_engine.forecasting.judgement import judge_forecast
from herd_engine.model.arrival import NOTHING_CAME_OF_IT, Arrival
from herd_engine.model.draws import Draws
from herd_engine.model.run_status import RunStatus
from herd_engine.model.source import STAR, Source
from herd_engine.model.verdicts import RecordOfForecasts
from herd_engine.model.visitor import Visitor
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.judgements import Judgements, NewJudgement
from herd_engine.storage.paging import MAX_LIMIT
from herd_engine.storage.run_rows import RunFilters, RunRow

if TYPE_CHECKING:
    from herd_engine.runs.kept import KeptRuns

logger = logging.getLogger(__name__)

MOST_JUDGED = 12
"""So many forecasts are judged on by each new herd file: those of the youngest herds."""


class Judging:
    """Judgements of the forecasts of one farm."""

    def __init__(self, kept: "KeptRuns") -> None:
        self._kept = kept
        self._rows = Judgements(kept.store.database)

    def record(self) -> RecordOfForecasts:
        """Return all forecasts that were judged."""
        return self._rows.record(self._kept.scope)

    def judge(self, run_id: str) -> int:
        """Judge a forecast by the farm's newest herd file, and return how many verdicts are new.

        Raises
        ------
        ConflictError
            It has not succeeded, there is no newer file, or that one does not tell what happened.
        NotFoundError, HerdDataError
        """
        run = self._kept.get(run_id)
        if run.status is not RunStatus.SUCCEEDED:
            message = f"Run {run.id} is {run.status}; only a run that succeeded can be judged."
            raise ConflictError(message, "judge_unfinished")
        newest = self._kept.catalog.datasets.latest()
        if newest is None or newest.report_date <= self._dataset(run).report_date:
            message = f"No herd file is newer than the one of run {run.id}; add the next export first."
            raise ConflictError(message, "nothing_newer")
        return self._judge(run, newest)

    def arrived(self, row: DatasetRow) -> Arrival:
        """Judge the farm's plans by a new herd file, and ask for the plan's forecast of it.

        A file that is older than another one of the farm leads to nothing. Nothing is raised for what
        cannot be judged or forecast: the file is kept, and the reasons are told.
        """
        latest = self._kept.catalog.datasets.latest()
        if latest is None or latest.report_date > row.report_date:
            return NOTHING_CAME_OF_IT
        verdicts, run_id = 0, None
        troubles: list[HerdError] = []
        for run in self._plans(row):
            try:
                verdicts += self._judge(run, row)
            except HerdError as error:
                logger.warning("Run %s is not judged by herd file %s: %s", run.id, row.id, error)
                troubles.append(error)
        try:
            run_id = self._ask(row)
        except HerdError as error:
            logger.warning("The plan of farm %s is not forecast of %s: %s", row.farm_id, row.id, error)
            troubles.append(error)
        return Arrival(verdicts=verdicts, run_id=run_id, troubles=tuple(troubles))

    def _plans(self, row: DatasetRow) -> list[RunRow]:
        """Return forecasts of older herds: the plan's, and those that were judged before.

        The plan's are those of its scenario: the star goes on to the forecast of each new herd.
        """
        succeeded = (RunStatus.SUCCEEDED,)
        plan = self._kept.starred()
        scenario = None if plan is None else _scenario(plan)
        ended = self._kept.list_runs(RunFilters(statuses=succeeded), limit=MAX_LIMIT).items
        asked = self._kept.list_runs(RunFilters(statuses=succeeded, owner=STAR), limit=MAX_LIMIT).items
        judged = self._kept.store.runs.existing(self._kept.scope, self._rows.judged_runs(self._kept.scope))
        alike = (run for run in ended if _scenario(run) == scenario)
        found = {run.id: run for run in (*alike, *asked, *judged)}
        made = {run_id: self._dataset(run).report_date for run_id, run in found.items()}
        older = [run_id for run_id in found if made[run_id] < row.report_date]
        older.sort(key=lambda run_id: made[run_id], reverse=True)
        return [found[run_id] for run_id in older[:MOST_JUDGED]]

    def _judge(self, run: RunRow, newer: DatasetRow) -> int:
        forecast = self._kept.forecast(run.id)
        load = self._kept.catalog.datasets.load
        made_of = self._dataset(run)
        verdicts = judge_forecast(forecast, load(made_of), load(newer), self._draws(run))
        new = NewJudgement(
            run_id=run.id,
            dataset_id=newer.id,
            made=made_of.report_date,
            judged_by=newer.report_date,
            band=forecast.meta.scenario.confidence_central,
            verdicts=verdicts,
        )
        return self._rows.add(self._kept.scope, new)

    def _draws(self, run: RunRow) -> Draws | None:
        """Return the replicates of a run; None of one that an older version published without."""
        try:
            return self._kept.draws(run.id)
        except ConflictError as error:
            logger.info("Without replicates: %s", error)
            return None

    def _ask(self, row: DatasetRow) -> str | None:
        """Queue the farm's plan on a herd file; None where it has none, or this very forecast is it.

        The star goes on to the new forecast when that has a result: until then, and where it fails, the old
        one stays the plan.
        """
        starred = self._kept.starred()
        if starred is None or starred.dataset_id == row.id:
            return None
        config = json.loads(starred.config)
        payload = {**config["scenario"], "seed": config["seed"]}
        asker = self._kept.of(Visitor.at_the_machine(STAR), Source.PLAN)
        run = asker.submit(row.id, payload, name=starred.name).run
        if run.status is RunStatus.SUCCEEDED:  # somebody had asked for the very same
            self._kept.star(run.id)
        return run.id

    def _dataset(self, run: RunRow) -> DatasetRow:
        return self._kept.catalog.datasets.get(run.dataset_id)


def _scenario(run: RunRow) -> dict[str, object]:
    scenario: dict[str, object] = json.loads(run.config)["scenario"]
    return scenario
