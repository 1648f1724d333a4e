"""What the runs of a list are made of, in words: their scenario and their herd file."""

import json
from typing import Any

from herd_engine.errors import NotFoundError
from herd_engine.scenarios.schema import complete
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.run_rows import RunRow
from herd_engine.workbench import Workbench


class RunNames:
    """Looks up what runs refer to, each scenario and each dataset once."""

    def __init__(self, workbench: Workbench) -> None:
        self._catalog = workbench.catalog
        self._datasets: dict[str, DatasetRow] = {}
        self._scenarios: dict[str, str | None] = {}

    def dataset(self, run: RunRow) -> DatasetRow:
        """Return the herd file of a run."""
        if run.dataset_id not in self._datasets:
            self._datasets[run.dataset_id] = self._catalog.datasets.get(run.dataset_id)
        return self._datasets[run.dataset_id]

    def scenario(self, run: RunRow) -> str | None:
        """Return the name of a run's scenario; None where it has none, or had one that is gone."""
        if run.scenario_id is None:
            return None
        if run.scenario_id not in self._scenarios:
            try:
                self._scenarios[run.scenario_id] = self._catalog.scenarios.get(run.scenario_id).name
            except NotFoundError:
                self._scenarios[run.scenario_id] = None
        return self._scenarios[run.scenario_id]


def payload_of(run: RunRow) -> dict[str, Any]:
    """Return the complete payload that a run was submitted with."""
    config = json.loads(run.config)
    return complete({**config["scenario"], "seed": config["seed"]})
