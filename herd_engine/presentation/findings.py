"""What the rules found, in words."""

from herd_engine.charts.table import Table
from herd_engine.i18n.wording import Wording
from herd_engine.model.kpi import WhyUnknown
from herd_engine.presentation.key_figures import counted_text, value_text
from herd_engine.review.detective.findings import Findings, RuleHit


def rates_table(found: Findings, words: Wording) -> Table:
    """Return how often each rule catches an animal, and against which limit."""
    rows = []
    for each in found.rates:
        if each.reason not in {None, WhyUnknown.TOO_FEW}:
            continue
        limit = ", ".join(map(str, each.by["thresholds"].values()))
        rows.append(
            (words.text(f"rule.{each.key}"), value_text(each, words), counted_text(each, words), limit)
        )
    heads = ("rule", "rate", "counted", "limit")
    return Table(columns=tuple(words.text(f"rule_head.{head}") for head in heads), rows=tuple(rows))


def not_evaluated(found: Findings, words: Wording) -> tuple[str, ...]:
    """Return the rules that this file cannot tell, and why."""
    return tuple(
        f"{words.text(f'rule.{each.key}')} ({words.text(f'why_unknown.{each.reason}')})"
        for each in found.rates
        if each.reason not in {None, WhyUnknown.TOO_FEW}
    )


def hit_text(hit: RuleHit, words: Wording) -> str:
    """Return why a rule catches an animal: what was measured, and by how much it is beyond the limit."""
    return words.text(f"rule_hit.{hit.name}", measured=hit.measured, excess=hit.excess)


def hits_table(hits: tuple[RuleHit, ...], words: Wording) -> Table:
    """Return animals that rules catch."""
    heads = ("animal", "lactation", "rule", "why")
    return Table(
        columns=tuple(words.text(f"rule_head.{head}") for head in heads),
        rows=tuple(
            (hit.animal, words.number(hit.lactation), words.text(f"rule.{hit.rule}"), hit_text(hit, words))
            for hit in hits
        ),
    )


def cluster_texts(found: Findings, words: Wording) -> tuple[str, ...]:
    """Return the months in which far more calvings are due than usual."""
    return tuple(
        words.text("rule_cluster", month=words.month(each.month), due=each.due, usual=each.usual)
        for each in found.clusters
    )
