"""Where the nouns are found: each is made, and what it needs imported, when it is asked for first."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from herd_engine.model.source import Source
from herd_engine.model.visitor import LOCAL, Visitor

if TYPE_CHECKING:
    from herd_engine.runs.catalog import Catalog
    from herd_engine.runs.kept import KeptRuns
    from herd_engine.workbench.alerts import Alerts
    from herd_engine.workbench.api_keys import ApiKeys
    from herd_engine.workbench.backtests import BacktestJobs
    from herd_engine.workbench.contracts import Contracts
    from herd_engine.workbench.datasets import Datasets
    from herd_engine.workbench.deliveries import Deliveries
    from herd_engine.workbench.farms import Farms
    from herd_engine.workbench.herd_facts import HerdFacts
    from herd_engine.workbench.keyed import Keyed
    from herd_engine.workbench.outputs import Outputs
    from herd_engine.workbench.preflight import FarmPreflights
    from herd_engine.workbench.presets import Presets
    from herd_engine.workbench.prices import Prices
    from herd_engine.workbench.runs import Runs
    from herd_engine.workbench.scenarios import Scenarios
    from herd_engine.workbench.submissions import Submissions
    from herd_engine.workbench.switches import Switches
    from herd_engine.workbench.system import System


SERVICE_BUSY_SECONDS = 5.0
"""How long the service waits to write to a SQLite file: who asks is better told to come again."""


class Nouns:
    """The nouns of one farm, over one open store."""

    def __init__(
        self,
        home: Path | None = None,
        owner: str | Visitor = LOCAL,
        farm: str | None = None,
        source: Source = Source.CLI,
    ) -> None:
        self._home, self._owner, self._farm, self._source = home, owner, farm, source
        self._root: Nouns | None = None

    @cached_property
    def kept(self) -> "KeptRuns":
        """Runs that are kept: opened, and brought up to date, when first needed."""
        # Database and migration libraries take longer to import than a forecast takes.
        from herd_engine.runs.kept import KeptRuns  # noqa: PLC0415
        from herd_engine.runs.store import Store, StoreSettings  # noqa: PLC0415
        from herd_engine.storage.database import BUSY_SECONDS  # noqa: PLC0415

        busy = SERVICE_BUSY_SECONDS if self._source is Source.API else BUSY_SECONDS
        store = Store(StoreSettings.from_environment(self._home), busy)
        return KeptRuns(store, self._owner, self._farm, self._source)

    @property
    def home(self) -> Path:
        """The folder of what is kept on this machine; asked without opening it."""
        from herd_engine.runs.store import StoreSettings  # noqa: PLC0415

        return StoreSettings.from_environment(self._home).home

    @cached_property
    def farms(self) -> "Farms":
        """Farms, by name."""
        from herd_engine.workbench.farms import Farms  # noqa: PLC0415

        return Farms(self.kept)

    @cached_property
    def api_keys(self) -> "ApiKeys":
        """Keys for programs."""
        from herd_engine.workbench.api_keys import ApiKeys  # noqa: PLC0415

        return ApiKeys(self.kept)

    @cached_property
    def switches(self) -> "Switches":
        """What of the service is switched off, and who may ask for more or less of it."""
        from herd_engine.workbench.switches import Switches  # noqa: PLC0415

        return Switches(self.kept)

    @cached_property
    def alerts(self) -> "Alerts":
        """What holds on the farm that somebody asked to be told of."""
        from herd_engine.workbench.alerts import Alerts  # noqa: PLC0415

        return Alerts(self.kept)

    @cached_property
    def deliveries(self) -> "Deliveries":
        """Messages to others, attempts at them, channels."""
        from herd_engine.workbench.deliveries import Deliveries  # noqa: PLC0415

        return Deliveries(self.kept)

    @cached_property
    def datasets(self) -> "Datasets":
        """Herd files that are kept."""
        from herd_engine.workbench.datasets import Datasets  # noqa: PLC0415

        return Datasets(self.kept)

    @cached_property
    def contracts(self) -> "Contracts":
        """Versions of the contract of the farm's files."""
        from herd_engine.workbench.contracts import Contracts  # noqa: PLC0415

        return Contracts(self.kept)

    @cached_property
    def herd_facts(self) -> "HerdFacts":
        """Facts of the farm's kept herd files as tables."""
        from herd_engine.workbench.herd_facts import HerdFacts  # noqa: PLC0415

        return HerdFacts(self.kept)

    @cached_property
    def preflights(self) -> "FarmPreflights":
        """Herd files asked by the rules of the farm's contract."""
        from herd_engine.workbench.preflight import FarmPreflights  # noqa: PLC0415

        return FarmPreflights(self.kept)

    @cached_property
    def runs(self) -> "Runs":
        """Forecast jobs that are kept."""
        from herd_engine.workbench.runs import Runs  # noqa: PLC0415

        return Runs(self.kept)

    @cached_property
    def backtests(self) -> "BacktestJobs":
        """Backtests that somebody asked for."""
        from herd_engine.workbench.backtests import BacktestJobs  # noqa: PLC0415

        return BacktestJobs(self.kept)

    @cached_property
    def submissions(self) -> "Submissions":
        """What its owner asked for."""
        from herd_engine.workbench.submissions import Submissions  # noqa: PLC0415

        return Submissions(self.kept)

    def keyed(self, method: str, route: str, key: str, fingerprint: str) -> "Keyed":
        """Return a request that carries a key; ParameterError where that cannot be one."""
        from herd_engine.workbench.keyed import Keyed  # noqa: PLC0415

        return Keyed(self.kept, method, route, key, fingerprint)

    @cached_property
    def outputs(self) -> "Outputs":
        """What the runs say, row by row; the table is opened once for all farms."""
        from herd_engine.workbench.outputs import Outputs  # noqa: PLC0415

        return Outputs(self.kept, (self._root or self).kept.outputs)

    @cached_property
    def scenarios(self) -> "Scenarios":
        """Named scenarios."""
        from herd_engine.workbench.scenarios import Scenarios  # noqa: PLC0415

        return Scenarios(self.kept)

    @cached_property
    def presets(self) -> "Presets":
        """Settings to begin with."""
        from herd_engine.workbench.presets import Presets  # noqa: PLC0415

        return Presets(self.kept)

    @cached_property
    def prices(self) -> "Prices":
        """Sets of prices of the farm."""
        from herd_engine.workbench.prices import Prices  # noqa: PLC0415

        return Prices(self.kept)

    @property
    def catalog(self) -> "Catalog":
        """Farms, datasets, scenarios and presets that are kept."""
        return self.kept.catalog

    def close(self) -> None:
        """Let go of what is kept; it is opened again when needed."""
        self.kept.close()

    @cached_property
    def system(self) -> "System":
        """The machine behind the herds."""
        from herd_engine.workbench.system import System  # noqa: PLC0415

        return System(self.kept)
