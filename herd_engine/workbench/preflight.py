"""Herd files asked by the rules of their farm's contract: what was found, over time, and what it blocks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from herd_engine.datasets.contract.model import Contract
from herd_engine.errors import ConflictError
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.model.gate import GateMode, WishedMode
from herd_engine.runs.gate_config import wished_mode
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.preflight import ARTIFACTS, Preflight, PreflightDesk
from herd_engine.runs.rule_gate import blocked
from herd_engine.storage.preflights import PreflightRow, RuleMoment, RuleRow
from herd_engine.storage.tables import now

__all__ = ["ARTIFACTS", "BrokenRule", "FarmPreflights", "Preflight", "PreflightRow", "RuleMoment", "RuleRow",
           "TrendPoint"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """A rule, and in how many preflights it failed or warned."""

    rule_id: str
    failed: int
    warned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """How many preflights of a day came out in one way."""

    day: date
    status: str
    n: int


class FarmPreflights:
    """Preflights of one farm."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept = kept
        self._desk = PreflightDesk(kept)

    def mode(self, told: GateMode | None = None) -> WishedMode:
        """Return how strict the farm is, and who says so; ParameterError."""
        return wished_mode(self._kept.store.settings.home, self._kept.catalog.farm.name, told)

    def examine(
        self,
        files: Mapping[str, bytes],
        answers: Answers = NO_ANSWERS,
        *,
        told: GateMode | None = None,
        contract: Contract | None = None,
    ) -> tuple[Preflight, ...]:
        """Examine files by name, all of them, and keep what was found; the farm's own contract by default."""
        wished, today = self.mode(told), now().astimezone().date()
        rules = contract or self._kept.catalog.contracts.contract()
        return tuple(
            self._desk.examine(data, name, rules, wished.mode, today, answers) for name, data in files.items()
        )

    def require(
        self, files: Mapping[str, bytes], answers: Answers = NO_ANSWERS, *, told: GateMode | None = None
    ) -> tuple[Preflight, ...]:
        """Examine files where the farm enforces its contract, all before the first is refused.

        Raises
        ------
        HerdDataError
            One cannot be read (``validation_fail``): of several, the first, after all were examined.
        ConflictError
            One breaks a rule (``semantic_fail``).
        """
        wished = self.mode(told)
        if wished.mode is not GateMode.ENFORCE:
            return ()
        found = self.examine(files, answers, told=GateMode.ENFORCE)
        for one in found:
            if one.error is not None:
                raise one.error
        failed = [one for one in found if one.row.block_reason]
        if failed:
            raise _refusal(failed, wished)
        return found

    def latest(self, limit: int = 20) -> tuple[PreflightRow, ...]:
        """Return the newest preflights, newest first."""
        return self._desk.registry.latest(self._kept.scope, limit)

    def get(self, preflight_id: str) -> PreflightRow:
        """Return a preflight, or raise NotFoundError."""
        return self._desk.registry.get(self._kept.scope, preflight_id)

    def rules(self, preflight_id: str) -> tuple[RuleRow, ...]:
        """Return what the rules of a preflight found; NotFoundError."""
        return self._desk.registry.rules(self._kept.scope, preflight_id)

    def artifact(self, preflight_id: str, name: str) -> bytes:
        """Return one of ``ARTIFACTS`` of a preflight; NotFoundError, ParameterError."""
        return self._desk.artifact(preflight_id, name)

    def artifacts(self, preflight_id: str) -> tuple[str, ...]:
        """Return which of ``ARTIFACTS`` a preflight has; NotFoundError."""
        made = json.loads(self._desk.artifact(preflight_id, "manifest.json"))["artifacts"]
        return tuple(name for name in ARTIFACTS if name in made or name == "manifest.json")

    def counts(self) -> dict[str, int]:
        """Return how many preflights have each status."""
        return self._desk.registry.by_status(self._kept.scope)

    def top_rules(self) -> tuple[BrokenRule, ...]:
        """Return the rules that were broken, most often first."""
        rows = self._desk.registry.top_rules(self._kept.scope)
        return tuple(BrokenRule(rule_id=rule, failed=n, warned=m) for rule, n, m in rows)

    def trend(self) -> tuple[TrendPoint, ...]:
        """Return how preflights came out by day of the farm, oldest first."""
        zone = self._kept.catalog.farms.time_zone(self._kept.catalog.farm.id)
        rows = self._desk.registry.trend(self._kept.scope, ZoneInfo(zone))
        return tuple(TrendPoint(day=day, status=status, n=n) for day, status, n in rows)

    def rule_history(self, rule_id: str, limit: int = 50) -> tuple[RuleMoment, ...]:
        """Return what a rule found in the farm's preflights, newest first."""
        return self._desk.registry.rule_history(self._kept.scope, rule_id, limit)


def _refusal(failed: list[Preflight], wished: WishedMode) -> ConflictError:
    first = failed[0]
    refusal = blocked(first.row.file_name, first.rules, wished)
    others = ", ".join(one.row.file_name for one in failed[1:])
    if not others:
        return refusal
    return ConflictError(f"{refusal.message} So do: {others}.", refusal.case, refusal.name)
