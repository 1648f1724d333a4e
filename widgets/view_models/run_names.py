"""What the runs of a list are made of, in words: their scenario and their herd file."""

from typing import Any

from herd_engine.errors import NotFoundError
from herd_engine.workbench import Workbench, payloads
from herd_engine.workbench.answers import Dataset, Run


class RunNames:
    """Looks up what runs refer to, each scenario and each dataset once."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._datasets: dict[str, Dataset] = {}
        self._scenarios: dict[str, str | None] = {}

    def dataset(self, run: Run) -> Dataset:
        """Return the herd file of a run."""
        if run.dataset_id not in self._datasets:
            self._datasets[run.dataset_id] = self._workbench.datasets.get(run.dataset_id)
        return self._datasets[run.dataset_id]

    def given(self, run: Run) -> str | None:
        """Return the name that somebody gave a run, or its scenario; None where nobody did."""
        return run.name or self._scenario(run)

    def _scenario(self, run: Run) -> str | None:
        """Return the name of a run's scenario; None where it has none, or had one that is gone."""
        if run.scenario_id is None:
            return None
        if run.scenario_id not in self._scenarios:
            try:
                self._scenarios[run.scenario_id] = self._workbench.scenarios.get(run.scenario_id).name
            except NotFoundError:
                self._scenarios[run.scenario_id] = None
        return self._scenarios[run.scenario_id]


def payload_of(run: Run) -> dict[str, Any]:
    """Return the complete payload that a run was submitted with."""
    return payloads.payload_of(run.config)
