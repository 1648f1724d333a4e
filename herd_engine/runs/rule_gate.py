"""How strict a farm is with files that break their contract: as was told, by the environment, or a file."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from herd_engine.datasets.contract.canonical_table import canonical_table
from herd_engine.datasets.contract.comparison import content_sha256
from herd_engine.datasets.contract.evaluation import RuleResult, evaluate, overall
from herd_engine.datasets.contract.loading import BASE
from herd_engine.errors import ConflictError, ParameterError
from herd_engine.model.gate import GateMode, WishedMode
from herd_engine.runs.gate_config import FILE_NAME, GateConfig
from herd_engine.settings import Settings, is_given
from herd_engine.storage.preflights import NewPreflight, PreflightTable, RuleRow

if TYPE_CHECKING:
    from herd_engine.runs.catalog import Catalog
    from herd_engine.runs.store import Store
    from herd_engine.storage.datasets import DatasetRow

MODE = "HERD_PREFLIGHT_MODE"
SEMANTIC_FAIL = "semantic_fail"


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


def require_kept_rules(catalog: "Catalog", store: "Store", owner: str, dataset: "DatasetRow") -> None:
    """Refuse a kept file that fails its farm's contract, where that is enforced: ConflictError.

    That it was is on record.
    """
    wished = wished_mode(store.settings.home, catalog.farm.name)
    if wished.mode is not GateMode.ENFORCE:
        return
    herd_file = catalog.datasets.load(dataset)
    contract = catalog.contracts.contract()
    results = evaluate(contract, canonical_table(herd_file))
    if overall(results) != "FAIL":
        return
    new = NewPreflight(
        id=str(uuid.uuid4()),
        farm_id=dataset.farm_id,
        owner=owner,
        file_name=dataset.name,
        file_sha256=herd_file.file_sha256,
        report_date=dataset.report_date,
        mode=wished.mode.value,
        contract=contract.id,
        contract_sha256=content_sha256(contract),
        validation="SKIPPED",  # it was read when it was kept
        semantic="FAIL",
        status="FAIL",
        block_reason=SEMANTIC_FAIL,
    )
    PreflightTable(store.database).add(new, [rule_row(result) for result in results])
    raise blocked(herd_file.name, results, wished)


def rule_row(result: RuleResult) -> RuleRow:
    """Return what a rule found, as the registry keeps it."""
    return RuleRow(
        rule_id=result.rule_id,
        rule_type=result.rule_type,
        severity=result.severity,
        status=result.status,
        violations=int(result.observed.get("violation_count", 0)),
    )


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
