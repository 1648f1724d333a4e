"""Asking for runs: one, or one for every combination of values."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from herd_engine import __version__
from herd_engine.datasets.herd_file import NO_MAP
from herd_engine.engine.kernel.random_numbers import RANDOM_SCHEME
from herd_engine.errors import (
    HerdError,
    ParameterError,
)
from herd_engine.forecasting.forecast import check_dates
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.model.visitor import RUN
from herd_engine.runs.rule_gate import require_kept_rules
from herd_engine.runs.runs_of_farm import RunsOfFarm
from herd_engine.runs.variants import VariantRun, Variants
from herd_engine.scenarios.differences import variants
from herd_engine.scenarios.identity import canonical_json, run_identity, sha256_of
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.run_rows import NewRunRow, Submitted

if TYPE_CHECKING:
    pass


class Submitting(RunsOfFarm):
    """What puts runs into the queue."""

    def add_dataset(
        self,
        data: bytes,
        name: str,
        *,
        column_map: Mapping[str, str] = NO_MAP,
        answers: Answers = NO_ANSWERS,
    ) -> DatasetRow:
        """Keep a herd file; as ``catalog.datasets.add``."""
        return self.catalog.datasets.add(data, name, column_map=column_map, answers=answers)

    def submit(  # noqa: PLR0913 - named wishes about one run
        self,
        dataset_id: str,
        payload: Mapping[str, Any] | None = None,
        *,
        scenario_id: str | None = None,
        priority: int = 0,
        timeout_seconds: float | None = None,
        force: bool = False,
        idempotency_key: str | None = None,
        name: str | None = None,
        note: str | None = None,
    ) -> Submitted:
        """Queue a run, or return the finished or active one of the same identity.

        A kept scenario only reuses runs that were made of it: what it gives is found under its name. That
        it was asked for is written down either way: see ``submissions``.

        Parameters
        ----------
        dataset_id : str
        payload : mapping, optional
            ``herd_m5_v2``: scenario, seed and number of replicates.
        scenario_id : str, optional
            A kept scenario in place of a payload; the run remembers its version.
        priority : int
            Greater is executed earlier.
        timeout_seconds : float, optional
            Limit of wall time.
        force : bool
            Simulate again, also where a result exists.
        idempotency_key : str, optional
            The same key again, by the same principal within a day, is the same request; with another
            content it is a conflict.
        name : str, optional
            What people call the forecast; one that is reused and has a name keeps that.
        note : str, optional
            What who asks says about this wish, at most 200 characters.

        Raises
        ------
        ScenarioError, ParameterError, NotFoundError
        ConflictError
            The key was used for something else, or the scenario is of an older schema.
        """
        self.access.require(RUN)
        new = self._new_run(dataset_id, payload, scenario_id)
        new = replace(new, priority=priority, timeout_seconds=timeout_seconds, name=name)
        wish: dict[str, Any] = {"force": force, "idempotency_key": idempotency_key, "note": note}
        return self.store.runs.submit(new, source=self._source, **wish)

    def submit_variants(  # noqa: PLR0913 - as `submit`
        self,
        dataset_id: str,
        base: Mapping[str, Any],
        values: Mapping[str, Sequence[Any]],
        *,
        priority: int = 0,
        timeout_seconds: float | None = None,
        force: bool = False,
        note: str | None = None,
    ) -> Variants:
        """Queue a run for every combination of values, all with the random numbers of one seed.

        Parameters
        ----------
        dataset_id : str
        base : mapping
            A valid payload; what the variants have in common, its seed first of all.
        values : mapping of path to values
            Such as ``{"model.gestation_sigma": [1, 2]}``; at most 100 combinations.
        priority, timeout_seconds, force, note
            As ``submit``.

        Returns
        -------
        Variants
            In the order of the combinations; a variant that is not valid never stops the others.

        Raises
        ------
        ParameterError
            There are no combinations or more than 100, or the seed is to vary.
        UnknownParameterError, ScenarioError, NotFoundError
        """
        self.access.require(RUN)
        if "seed" in values:
            raise ParameterError("seed", list(values["seed"]), "be the same for all variants")
        self.catalog.datasets.get(dataset_id)
        group_id = str(uuid.uuid4())
        items = []
        for payload, choice in zip(variants(base, values), product(*values.values()), strict=True):
            chosen = dict(zip(values, choice, strict=True))
            try:
                new = replace(self._new_run(dataset_id, payload), group_id=group_id)
                new = replace(new, priority=priority, timeout_seconds=timeout_seconds)
                submitted = self.store.runs.submit(new, force=force, source=self._source, note=note)
                items.append(VariantRun(values=chosen, submitted=submitted))
            except HerdError as error:
                items.append(VariantRun(values=chosen, error=error))
        return Variants(group_id, tuple(items))

    def _new_run(
        self, dataset_id: str, payload: Mapping[str, Any] | None, scenario_id: str | None = None
    ) -> NewRunRow:
        """Check what is to be run, and return it with its identity."""
        dataset = self.catalog.datasets.get(dataset_id)
        version = None
        if scenario_id is not None:
            if payload is not None:
                raise ParameterError("scenario_id", scenario_id, "stand alone, or a payload in its place")
            scenario = self.catalog.scenarios.runnable(scenario_id)
            payload, version = scenario.params, scenario.version
        checked = parse_scenario(payload or {})
        check_dates(to_scenario(checked), dataset.report_date)
        require_kept_rules(self.catalog, self.store, self.access.owner, dataset)
        identity = run_identity(payload or {}, dataset.sha256, __version__, RANDOM_SCHEME)
        return NewRunRow(
            farm_id=dataset.farm_id,
            owner=self.access.owner,
            dataset_id=dataset.id,
            scenario_id=scenario_id,
            scenario_version=version,
            run_hash=sha256_of(identity),
            config=canonical_json(identity).decode(),
            seed=identity["seed"],
            runs_total=checked.mc_runs,
            engine_version=__version__,
        )
