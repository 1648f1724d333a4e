"""Files that break their contract are refused where that is enforced, and that they were is on record."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from herd_engine.datasets.contract.canonical_table import canonical_table
from herd_engine.datasets.contract.comparison import content_sha256
from herd_engine.datasets.contract.evaluation import RuleResult, evaluate, overall
from herd_engine.errors import ConflictError
from herd_engine.model.gate import GateMode, WishedMode
from herd_engine.runs.gate_config import wished_mode
from herd_engine.storage.preflights import NewPreflight, PreflightTable, RuleRow

if TYPE_CHECKING:
    from herd_engine.runs.catalog import Catalog
    from herd_engine.runs.store import Store
    from herd_engine.storage.datasets import DatasetRow

SEMANTIC_FAIL = "semantic_fail"


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
