"""Key figures in words: number, what was counted, own history, target, and what it does not tell."""

from dataclasses import dataclass
from typing import Any

from herd_engine.charts.table import Table
from herd_engine.i18n.wording import UNKNOWN, Wording
from herd_engine.model.kpi import KeyFigures, Kpi, KpiLine, KpiUnit

DIGITS = {KpiUnit.MONTHS: 1, KpiUnit.PER_COW_YEAR: 2, KpiUnit.RATIO: 2}
_FEW = 12
"""So many cycles or months are told; earlier ones are in the JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiWords:
    """One key figure as people read it; a text is empty where there is nothing to say."""

    key: str
    name: str
    value: str
    counted: str
    history: str
    target: str
    definition: str
    notes: str


def kpi_words(figures: KeyFigures, words: Wording) -> tuple[KpiWords, ...]:
    """Return all key figures in words, in their order."""
    return tuple(
        KpiWords(
            key=each.key,
            name=words.text(f"kpi.{each.key}"),
            value=value_text(each, words),
            counted=counted_text(each, words),
            history=_history(each, words),
            target=_line(each, words),
            definition=words.text(f"kpi.{each.key}.definition"),
            notes=" ".join(words.text(f"kpi_limit.{code}") for code in each.limits),
        )
        for each in figures.kpis
    )


def kpi_table(figures: KeyFigures, words: Wording) -> Table:
    """Return all key figures as a table for people."""
    heads = ("name", "value", "counted", "target")
    return Table(
        columns=tuple(words.text(f"kpi_head.{head}") for head in heads),
        rows=tuple(tuple(str(getattr(each, head)) for head in heads) for each in kpi_words(figures, words)),
    )


def value_text(kpi: Kpi, words: Wording) -> str:
    """Return the number, or between which two the truth lies, or why it is not known."""
    if kpi.value is not None:
        return amount(kpi.value, kpi.unit, words)
    if kpi.low is not None and kpi.high is not None:
        low, high = (amount(each, kpi.unit, words) for each in (kpi.low, kpi.high))
        own = f"kpi_bracket.{kpi.key}"
        said = own if own in words.texts else "kpi_bracket"
        return high if low == high else words.text(said, low=low, high=high)
    if kpi.low is not None:
        return words.text("kpi_from", low=amount(kpi.low, kpi.unit, words))
    return f"{UNKNOWN} ({words.text(f'why_unknown.{kpi.reason}')})"


def amount(value: float, unit: KpiUnit, words: Wording) -> str:
    """Return a number with its unit."""
    if unit is KpiUnit.SHARE:
        digits = 0 if abs(value) >= 0.095 or not value else 1
        return words.text("kpi_unit.share", value=words.number(100 * value, digits))
    return words.text(f"kpi_unit.{unit}", value=words.number(value, DIGITS.get(unit, 0)))


def counted_text(kpi: Kpi, words: Wording) -> str:
    """Return *a of b*, with the interval of a share."""
    if kpi.n is None:
        return ""
    if not kpi.of:
        return "" if kpi.value == kpi.n else words.number(kpi.n)
    whole = "…".join(words.number(each) for each in sorted(set(kpi.of)))
    told = words.text("kpi_of", n=words.number(kpi.n), of=whole)
    if kpi.ci is None or kpi.unit is not KpiUnit.SHARE:
        return told
    low, high = (words.number(100 * each, 1 if kpi.ci[1] < 0.1 else 0) for each in kpi.ci)
    return f"{told}; {words.text('kpi_ci', low=low, high=high)}"


def _history(kpi: Kpi, words: Wording) -> str:
    """Return the farm's own past: by cycle, month or year."""
    if cycles := kpi.by.get("cycle"):
        return " · ".join(_percent(each["high"], words) for each in cycles[-_FEW:])
    if months := kpi.by.get("month"):
        return " · ".join(words.number(each["n"]) for each in months)
    if years := kpi.by.get("year"):
        before, last = (words.number(each["exits"]) for each in years)
        return words.text("kpi_years", before=before, last=last)
    if "stayed" in kpi.by:
        return _stayed(kpi.by, words)
    if seen := kpi.by.get("as_seen"):
        is_share = "share" in seen
        value = amount(seen["share" if is_share else "mean"], kpi.unit, words)
        return words.text("kpi_as_seen", value=value)
    return ""


def _stayed(by: Any, words: Wording) -> str:
    stayed, left = by["stayed"], by["left_first"]
    if not stayed["of"] or not left["of"]:
        return ""
    return words.text(
        "kpi_stayed",
        stayed=_percent(stayed["n"] / stayed["of"], words),
        left=_percent(left["n"] / left["of"], words),
    )


def _percent(share: float | None, words: Wording) -> str:
    return UNKNOWN if share is None else words.number(100 * share)


def _line(kpi: Kpi, words: Wording) -> str:
    """Return the farm's target, else what is usual, with its source."""
    line: KpiLine | None = kpi.target or kpi.usual
    if line is None:
        return ""
    value = amount(line.value, kpi.unit, words)
    return f"{value} ({line.source})" if line.source else value
