"""A herd file before it is used: read, asked by its contract's rules, written down, blocked if wished."""

import hashlib
import io
import json
import math
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from herd_engine.datasets.contract.canonical_table import CanonicalTable, canonical_table
from herd_engine.datasets.contract.comparison import content_sha256
from herd_engine.datasets.contract.evaluation import Context, RuleResult, evaluate, overall
from herd_engine.datasets.contract.model import Contract
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.datasets.identity import file_sha256
from herd_engine.errors import HerdDataError, ParameterError
from herd_engine.exports.left_out import left_out_csv
from herd_engine.model.answers import Answers
from herd_engine.model.gate import GateMode
from herd_engine.model.quality import Severity
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.rule_gate import SEMANTIC_FAIL, rule_row
from herd_engine.storage.preflights import NewPreflight, PreflightRow, PreflightTable

ARTIFACTS = ("validation.json", "semantic.json", "manifest.json", "quarantine.csv", "unified.csv",
             "unified.parquet")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What came of one file.

    Attributes
    ----------
    row : PreflightRow
    rules : tuple of RuleResult
        None where the file cannot be read, or was not asked.
    error : HerdDataError or None
        Why it cannot be read.
    """

    row: PreflightRow
    rules: tuple[RuleResult, ...] = ()
    error: HerdDataError | None = None


class PreflightDesk:
    """Preflights of one farm."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept = kept
        self.registry = PreflightTable(kept.store.database)

    def examine(
        self, data: bytes, name: str, contract: Contract, mode: GateMode, today: date, answers: Answers
    ) -> Preflight:
        """Read a file, ask the rules of a contract, keep what was found; nothing is raised for a bad file.

        Parameters
        ----------
        data : bytes
        name : str
        contract : Contract
        mode : GateMode
            ``off``: that it was not asked is kept, and nothing else.
        today : date
            From which the age of the file is counted.
        answers : Answers
        """
        herd_file, error, results = None, None, []
        if mode is not GateMode.OFF:
            try:
                herd_file = self._kept.catalog.datasets.read(data, name, answers)
                results = evaluate(contract, canonical_table(herd_file), self._context(herd_file, today))
            except HerdDataError as refused:
                error = refused
        new = self._found(data, name, contract, mode, herd_file, results, error)
        if mode is not GateMode.OFF:
            self._keep_artifacts(new, herd_file, results, error)
        row = self.registry.add(new, [rule_row(result) for result in results])
        return Preflight(row=row, rules=tuple(results), error=error)

    def artifact(self, run_id: str, name: str) -> bytes:
        """Return one of ``ARTIFACTS`` of a preflight of this farm; NotFoundError."""
        if name not in ARTIFACTS:
            raise ParameterError("artifact", name, f"be one of {', '.join(ARTIFACTS)}")
        row = self.registry.get(self._kept.scope, run_id)
        return self._kept.store.files.get(f"preflight/{row.id}/{name}")

    def _context(self, herd_file: HerdFile, today: date) -> Context:
        """Return what rules need beside the file: the newest of the farm's older files."""
        older = self._kept.catalog.datasets.latest()
        is_older = older is not None and older.report_date < herd_file.herd.report_date
        counts = {} if older is None or not is_older else older.counts
        return Context(
            today=today, counts_before=counts | {"animals": sum(counts.values())} if counts else {}
        )

    def _found(  # noqa: PLR0913, PLR0917 - one argument a fact
        self,
        data: bytes,
        name: str,
        contract: Contract,
        mode: GateMode,
        herd_file: HerdFile | None,
        results: list[RuleResult],
        error: HerdDataError | None,
    ) -> NewPreflight:
        validation = "FAIL" if error else _validation(herd_file)
        semantic = overall(results)
        status = next((s for s in ("FAIL", "WARN", "PASS") if s in (validation, semantic)), "SKIPPED")
        reason = "validation_fail" if validation == "FAIL" else SEMANTIC_FAIL
        return NewPreflight(
            id=str(uuid.uuid4()),
            farm_id=self._kept.scope.farm_id,
            owner=self._kept.access.owner,
            file_name=name,
            file_sha256=file_sha256(data),
            report_date=None if herd_file is None else herd_file.herd.report_date,
            mode=mode.value,
            contract=contract.id,
            contract_sha256=content_sha256(contract),
            validation=validation,
            semantic=semantic,
            status=status,
            block_reason=reason if mode is GateMode.ENFORCE and status == "FAIL" else "",
        )

    def _keep_artifacts(
        self,
        new: NewPreflight,
        herd_file: HerdFile | None,
        results: Sequence[RuleResult],
        error: HerdDataError | None,
    ) -> None:
        issues = error.issues if error else herd_file.issues if herd_file else ()
        validation = {"status": new.validation, "issues": [asdict(issue) for issue in issues]}
        files = {"validation.json": _json(validation)}
        if herd_file is not None:
            table = _unified(canonical_table(herd_file))
            files |= {
                "semantic.json": _json({"status": new.semantic, "rules": [asdict(r) for r in results]}),
                "quarantine.csv": left_out_csv(herd_file),
                "unified.csv": _csv(table),
                "unified.parquet": _parquet(table),
            }
        manifest = asdict(new) | {
            "report_date": new.report_date and new.report_date.isoformat(),
            "artifacts": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        }
        for name, data in {**files, "manifest.json": _json(manifest)}.items():
            self._kept.store.files.put(f"preflight/{new.id}/{name}", data)


def _validation(herd_file: HerdFile | None) -> str:
    """Return how the reading went: WARN where rows or cells were lost."""
    if herd_file is None:
        return "SKIPPED"
    return "WARN" if any(issue.severity is Severity.ERROR for issue in herd_file.issues) else "PASS"


def _unified(table: CanonicalTable) -> pa.Table:
    """Return the canonical table as people and programs read it: days as dates."""
    columns: dict[str, Any] = {}
    for name, values in table.columns.items():
        if name.endswith("_date"):
            columns[name] = [
                None if math.isnan(day) else date.fromordinal(int(day)) for day in values.tolist()
            ]
        else:
            columns[name] = pa.array(values, from_pandas=True)  # NaN is none
    return pa.table(columns)


def _csv(table: pa.Table) -> bytes:
    out = io.BytesIO()
    arrow_csv.write_csv(table, out)
    return out.getvalue()


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2).encode()
