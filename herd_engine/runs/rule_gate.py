"""How strict a farm is with files that break their contract: as was told, by the environment, or a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from herd_engine.datasets.contract.canonical_table import canonical_table
from herd_engine.datasets.contract.evaluation import RuleResult, evaluate, overall
from herd_engine.datasets.contract.loading import BASE
from herd_engine.errors import ConflictError, ParameterError
from herd_engine.model.gate import GateMode, WishedMode
from herd_engine.runs.gate_config import FILE_NAME, GateConfig
from herd_engine.settings import Settings, is_given

if TYPE_CHECKING:
    from herd_engine.runs.catalog import Catalog
    from herd_engine.storage.datasets import DatasetRow

MODE = "HERD_PREFLIGHT_MODE"


def wished_mode(home: Path, farm: str, told: GateMode | None = None, profile: str = BASE) -> WishedMode:
    """Return the mode of a farm's files of a profile, and who says so.

    What was told (on the command line) stands above ``HERD_PREFLIGHT_MODE``, that above ``preflight.yaml`` of
    the home, where the farm's profile stands above the farm, and that above all farms; else ``report_only``.

    Raises
    ------
    ParameterError
        The environment or the file says what is no mode.
    """
    if told is not None:
        return WishedMode(mode=told, source="--mode")
    if is_given("preflight_mode") and (text := Settings.read().preflight_mode):
        return WishedMode(mode=_mode(text), source=MODE)
    found = GateConfig.read(home / FILE_NAME).mode_of(farm, profile)
    if found is not None:
        return WishedMode(mode=found[0], source=f"{FILE_NAME}: {found[1]}")
    return WishedMode(mode=GateMode.REPORT_ONLY, source="default")


def require_kept_rules(catalog: "Catalog", home: Path, dataset: "DatasetRow") -> None:
    """Refuse a kept file that fails its farm's contract, where that is enforced: ConflictError."""
    wished = wished_mode(home, catalog.farm.name)
    if wished.mode is not GateMode.ENFORCE:
        return
    herd_file = catalog.datasets.load(dataset)
    results = evaluate(catalog.contracts.contract(), canonical_table(herd_file))
    if overall(results) == "FAIL":
        raise blocked(herd_file.name, results, wished)


def blocked(name: str, results: Sequence[RuleResult], wished: WishedMode) -> ConflictError:
    """Return what refuses a forecast of a file that fails its contract."""
    broken = ", ".join(result.rule_id for result in results if result.status == "FAIL")
    message = (
        f"{name} fails its contract ({broken}); no forecast is made of it (semantic_fail; enforce by "
        f"{wished.source})."
    )
    return ConflictError(message, "preflight_failed", name)


def _mode(text: str) -> GateMode:
    try:
        return GateMode(text)
    except ValueError:
        raise ParameterError(MODE, text, f"be one of {', '.join(GateMode)}") from None
