"""What the rules found: how often, which animals, and which rules no file of this kind can tell."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import Any

import numpy as np

from herd_engine.model.animals import AnimalRecords
from herd_engine.model.kpi import Basis, Kpi, KpiUnit, WhyUnknown
from herd_engine.model.message import Severity
from herd_engine.model.targets import FarmTargets
from herd_engine.review.detective.clusters import CalvingCluster, calving_clusters
from herd_engine.review.detective.rules import NEED_HISTORY, PRECEDENCE, rulings
from herd_engine.review.detective.ruling import Ruling
from herd_engine.review.kpis.filed_lives import FiledLives, filed_lives
from herd_engine.review.kpis.key_figures import resolved_targets
from herd_engine.review.kpis.shares import FEWEST, share

MOST_ROWS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """One animal that a rule catches.

    Attributes
    ----------
    rule, family : str
    severity : Severity
    animal : str
    lactation : int
    name : str
        What was measured, in days: ``measured``.
    measured : int
    thresholds : mapping of str to int
    excess : int
        Days beyond the limit.
    """

    rule: str
    family: str
    severity: Severity
    animal: str
    lactation: int
    name: str
    measured: int
    thresholds: Mapping[str, int]
    excess: int

    def document(self) -> dict[str, Any]:
        """Return it as plain values, fit for JSON."""
        return {
            "rule": self.rule,
            "family": self.family,
            "severity": str(self.severity),
            "animal": self.animal,
            "lactation": self.lactation,
            "inputs": {self.name: self.measured},
            "thresholds": dict(self.thresholds),
            "excess": self.excess,
            "unit": "d",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the rules found in a herd file.

    Attributes
    ----------
    as_of : date
    targets, stated : FarmTargets
        With the farm's habits filled in, and as it has set them.
    rates : tuple of Kpi
        A rule each; those that need history are null.
    any_deviation : Kpi
        Animals on the farm that one rule or more catches.
    families : mapping of str to int
        Animals caught, by family; an animal counts once.
    hits : tuple of RuleHit
        The farthest beyond its limit first, then by animal.
    clusters : tuple of CalvingCluster
    """

    as_of: date
    targets: FarmTargets
    stated: FarmTargets
    rates: tuple[Kpi, ...]
    any_deviation: Kpi
    families: Mapping[str, int]
    hits: tuple[RuleHit, ...]
    clusters: tuple[CalvingCluster, ...]

    def of(self, *rules: str) -> tuple[RuleHit, ...]:
        """Return the hits of some rules."""
        return tuple(hit for hit in self.hits if hit.rule in rules)

    def document(self, *, offset: int = 0, limit: int = MOST_ROWS) -> dict[str, Any]:
        """Return them as plain values: ``herd-detective/1``; hits are a page of at most 2,000 rows."""
        page = self.hits[offset : offset + min(limit, MOST_ROWS)]
        return {
            "schema": "herd-detective/1",
            "as_of": self.as_of.isoformat(),
            "targets": self.targets.document(self.stated),
            "rates": {each.key: each.document(self.as_of) for each in self.rates},
            "any_deviation": self.any_deviation.document(self.as_of),
            "families": dict(self.families),
            "not_evaluated": [
                {"rule": each.key, "reason": str(each.reason)}
                for each in self.rates
                if each.reason not in {None, WhyUnknown.TOO_FEW}
            ],
            "clusters": [each.document() for each in self.clusters],
            "hits": {
                "total_rows": len(self.hits), "offset": offset, "limit": min(limit, MOST_ROWS),
                "rows": [hit.document() for hit in page],
            },
        }  # fmt: skip


def findings(records: AnimalRecords, stated: FarmTargets) -> Findings:
    """Hold every rule against a herd file; the order of its rows changes nothing.

    Parameters
    ----------
    records : AnimalRecords
    stated : FarmTargets
        As the farm has set them.
    """
    lives = filed_lives(records)
    targets = resolved_targets(lives, stated)
    found = tuple(rulings(lives, targets))
    hits = _hits(lives, found)
    caught = {(hit.family, hit.animal) for hit in hits}
    n_here = int(np.count_nonzero(lives.on_farm))
    history = (Kpi(key=rule, unit=KpiUnit.SHARE, reason=WhyUnknown.NEEDS_HISTORY) for rule in NEED_HISTORY)
    return Findings(
        as_of=records.report_date,
        targets=targets,
        stated=stated,
        rates=(*map(rate, found), *history),
        any_deviation=share("any_deviation", len({animal for _, animal in caught}), n_here),
        families=dict(sorted(Counter(family for family, _ in caught).items())),
        hits=hits,
        clusters=calving_clusters(lives, records.report_date),
    )


def rate(ruling: Ruling) -> Kpi:
    """Return how many of the eligible animals a rule catches; weighted where long periods are seen more."""
    n, of = int(np.count_nonzero(ruling.hit)), int(np.count_nonzero(ruling.eligible))
    if ruling.weights is None or of < FEWEST:
        return share(ruling.rule, n, of, limits=ruling.limits, by={"thresholds": dict(ruling.thresholds)})
    # fsum: the order of rows changes no digit.
    value = fsum(ruling.weights[ruling.hit]) / fsum(ruling.weights[ruling.eligible])
    return Kpi(
        key=ruling.rule, unit=KpiUnit.SHARE, value=value, n=n, of=(of,), basis=Basis.ESTIMATED,
        limits=ruling.limits, by={"as_seen": {"share": n / of}, "thresholds": dict(ruling.thresholds)},
    )  # fmt: skip


def _hits(lives: FiledLives, found: Sequence[Ruling]) -> tuple[RuleHit, ...]:
    """Return the animals that rules catch; of the rules of ``PRECEDENCE`` an animal has the first alone."""
    taken = np.zeros(len(lives.ids), bool)
    hits: list[RuleHit] = []
    first = sorted(found, key=lambda each: PRECEDENCE.index(each.rule) if each.rule in PRECEDENCE else -1)
    for ruling in first:
        rows = ruling.hit & ruling.listed & lives.on_farm
        if ruling.rule in PRECEDENCE:
            rows &= ~taken
            taken |= rows
        hits += [_hit(lives, ruling, row) for row in np.flatnonzero(rows).tolist()]
    return tuple(sorted(hits, key=lambda hit: (-hit.excess, hit.animal, hit.rule)))


def _hit(lives: FiledLives, ruling: Ruling, row: int) -> RuleHit:
    return RuleHit(
        rule=ruling.rule,
        family=ruling.family,
        severity=ruling.severity,
        animal=str(lives.ids[row]),
        lactation=int(lives.lactation[row]),
        name=ruling.name,
        measured=int(ruling.measured[row]),
        thresholds=ruling.thresholds,
        excess=int(ruling.excess[row]),
    )
