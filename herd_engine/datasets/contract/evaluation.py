"""Rules asked about a canonical table: what each found, which rows break it, whether the file fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.contract import rules as kinds
from herd_engine.datasets.contract.canonical_table import CanonicalTable
from herd_engine.datasets.contract.model import Contract
from herd_engine.model.message import Message, Severity

Mask = NDArray[np.bool_]
_SAMPLE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What rules need besides the file; a rule whose need is missing is skipped.

    Attributes
    ----------
    today : date, optional
    counts_before : mapping of str to int
        Of the farm's file before.
    known : mapping of str to frozenset of str
        Values that ``reference`` looks among, by what they are.
    """

    today: date | None = None
    counts_before: Mapping[str, int] = field(default_factory=dict)
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What a rule found.

    Attributes
    ----------
    rule_id, rule_type, severity : str
    target : tuple of str
        Columns.
    status : str
        ``PASS``, ``WARN``, ``FAIL``, or ``SKIPPED`` where it could not be asked.
    observed : dict
        Facts.
    sample : tuple of str
        Numbers of the first animals that break it.
    message : Message
    """

    rule_id: str
    rule_type: str
    severity: str
    target: tuple[str, ...]
    status: str
    observed: dict[str, Any]
    sample: tuple[str, ...]
    message: Message


@dataclass(slots=True, kw_only=True)
class _Found:
    """Which rows break a rule, or whether the file does; None of both: it could not be asked."""

    rows: Mask | None = None
    is_broken: bool | None = None
    observed: dict[str, Any] = field(default_factory=dict)


def evaluate(contract: Contract, table: CanonicalTable, context: Context | None = None) -> list[RuleResult]:
    """Return the result of every rule of a contract, in its order."""
    return [_result(rule, table, context or Context()) for rule in contract.rules]


def overall(results: list[RuleResult]) -> str:
    """Return the status of a file: the worst of its rules; ``SKIPPED`` where none was asked."""
    found = {result.status for result in results}
    return next((status for status in ("FAIL", "WARN", "PASS") if status in found), "SKIPPED")


def _result(rule: Any, table: CanonicalTable, context: Context) -> RuleResult:
    missing = [name for name in rule.names if name not in table.columns and name != kinds.REPORT_DATE]
    found = _Found() if missing else _ASKED[type(rule)](rule, table, context)
    observed = {"row_count": table.n_rows, **found.observed}
    if missing:
        observed["missing_columns"] = missing
    if found.rows is not None:
        observed["violation_count"] = int(found.rows.sum())
        found.is_broken = bool(found.rows.any())
    status = "SKIPPED" if found.is_broken is None else rule.severity if found.is_broken else "PASS"
    said = {"PASS": Severity.INFO, "SKIPPED": Severity.INFO, "WARN": Severity.WARNING}
    params = {"rule": rule.id, "columns": list(rule.names), "count": observed.get("violation_count", 0)}
    code = rule.message or f"rule_{rule.type}"
    return RuleResult(
        rule_id=rule.id,
        rule_type=rule.type,
        severity=rule.severity,
        target=rule.names,
        status=status,
        observed=observed,
        sample=_sample(found.rows, table),
        message=Message(code, params, said.get(status, Severity.ERROR)),
    )


def _sample(rows: Mask | None, table: CanonicalTable) -> tuple[str, ...]:
    ids = table.columns.get("animal_id")
    if rows is None or ids is None:
        return ()
    return tuple(map(str, ids[rows][:_SAMPLE]))


def _column(table: CanonicalTable, name: str) -> NDArray[Any]:
    if name == kinds.REPORT_DATE:
        return np.full(table.n_rows, float(table.report_day))
    return table.columns[name]


def _unknown(values: NDArray[Any]) -> Mask:
    if values.dtype == object:
        return np.array([value in ("", None) for value in values], bool)
    unknown: Mask = np.isnan(values)
    return unknown


def _broken(rule: Any, is_unknown: Mask, is_wrong: Mask, *, is_told_apart: bool = False) -> Mask:
    """Return the rows that break a rule: wrong ones, and unknown ones where these do.

    ``is_told_apart``: what is wrong is known to be, also where something else is unknown.
    """
    if rule.on_null == "violate":
        return is_unknown | is_wrong
    return is_wrong if is_told_apart else is_wrong & ~is_unknown


def _outside(rule: Any, values: NDArray[np.float64]) -> Mask:
    below = values < (-np.inf if rule.min is None else rule.min)
    outside: Mask = below | (values > (np.inf if rule.max is None else rule.max))
    return outside


def _between(rule: kinds.Between, table: CanonicalTable, _: Context) -> _Found:
    values = _column(table, rule.column).astype(float)
    if rule.since is not None:
        values = values - _column(table, rule.since)
    seen = values[np.isfinite(values)]
    return _Found(
        rows=_broken(rule, np.isnan(values), _outside(rule, values)),
        observed={
            "min_allowed": rule.min,
            "max_allowed": rule.max,
            "min_observed": float(seen.min()) if len(seen) else None,
            "max_observed": float(seen.max()) if len(seen) else None,
            "null_count": int(np.isnan(values).sum()),
        },
    )


def _accepted_values(rule: kinds.AcceptedValues, table: CanonicalTable, _: Context) -> _Found:
    values = _column(table, rule.column)
    wrong = ~np.isin(values, np.array(rule.values, values.dtype))
    unknown = _unknown(values)
    sample = sorted({str(value) for value in values[wrong & ~unknown]})[:5]
    return _Found(rows=_broken(rule, unknown, wrong), observed={"invalid_values_sample": sample})


def _max_null_ratio(rule: kinds.MaxNullRatio, table: CanonicalTable, _: Context) -> _Found:
    unknown = _unknown(_column(table, rule.column))
    ratio = float(unknown.mean()) if len(unknown) else 1.0
    observed = {"null_count": int(unknown.sum()), "null_ratio": ratio, "max_null_ratio": rule.max}
    return _Found(is_broken=ratio > rule.max, observed=observed)


def _composite_unique(rule: kinds.CompositeUnique, table: CanonicalTable, _: Context) -> _Found:
    columns = [_column(table, name) for name in rule.columns]
    codes = [np.unique(column.astype(str), return_inverse=True)[1] for column in columns]
    keys = np.stack(codes, axis=1)
    place, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)[1:]
    unknown = np.any([_unknown(column) for column in columns], axis=0)
    return _Found(rows=_broken(rule, unknown, (count > 1)[place.ravel()]))


def _row_count_between(rule: kinds.RowCountBetween, table: CanonicalTable, _: Context) -> _Found:
    outside = bool(_outside(rule, np.array([float(table.n_rows)]))[0])
    return _Found(is_broken=outside, observed={"min_allowed": rule.min, "max_allowed": rule.max})


def _date_order(rule: kinds.DatesInOrder, table: CanonicalTable, _: Context) -> _Found:
    days = np.stack([_column(table, name).astype(float) for name in rule.columns])
    unknown = np.isnan(days).any(axis=0)
    latest = np.fmax.accumulate(days, axis=0)  # an unknown day between two hides nothing
    goes_back: Mask = np.any(days < latest, axis=0)
    return _Found(rows=_broken(rule, unknown, goes_back, is_told_apart=True))


def _holds(condition: kinds.Condition, table: CanonicalTable) -> Mask:
    values = _column(table, condition.column)
    holds = np.ones(len(values), bool)
    if condition.known is not None:
        holds &= ~_unknown(values) == condition.known
    if condition.values:
        holds &= np.isin(values, np.array(condition.values, values.dtype))
    if condition.min is not None or condition.max is not None:
        numbers = values.astype(float)
        holds &= np.isfinite(numbers) & ~_outside(condition, numbers)
    return holds


def _implies(rule: kinds.Implies, table: CanonicalTable, _: Context) -> _Found:
    when = _holds(rule.when, table)
    return _Found(rows=when & ~_holds(rule.then, table), observed={"when_count": int(when.sum())})


def _derived_equals(rule: kinds.DerivedEquals, table: CanonicalTable, _: Context) -> _Found:
    values, start, end = (_column(table, name).astype(float) for name in rule.names)
    difference = np.abs(values - (end - start))
    return _Found(rows=_broken(rule, np.isnan(difference), difference > rule.tolerance))


def _min_event_count(rule: kinds.MinEventCount, table: CanonicalTable, _: Context) -> _Found:
    days = _column(table, rule.column).astype(float)
    since = -np.inf if rule.days is None else table.report_day - rule.days
    count = int(((days > since) & (days <= table.report_day)).sum())
    return _Found(is_broken=count < rule.min, observed={"event_count": count, "min_allowed": rule.min})


def _freshness_days(rule: kinds.FreshnessDays, table: CanonicalTable, context: Context) -> _Found:
    if context.today is None:
        return _Found()
    age = context.today.toordinal() - table.report_day
    return _Found(is_broken=age > rule.max, observed={"age_days": age, "max_allowed": rule.max})


def _ratio_between(rule: kinds.RatioBetween, table: CanonicalTable, context: Context) -> _Found:
    before, now = context.counts_before.get(rule.count), table.counts.get(rule.count)
    if not before or now is None:
        return _Found()
    ratio = now / before
    return _Found(is_broken=bool(_outside(rule, np.array([ratio]))[0]), observed={"ratio": ratio})


def _reference(rule: kinds.Reference, table: CanonicalTable, context: Context) -> _Found:
    known = context.known.get(rule.among)
    if known is None:
        return _Found()
    values = _column(table, rule.column)
    wrong = np.array([str(value) not in known for value in values], bool)
    return _Found(rows=_broken(rule, _unknown(values), wrong))


_ASKED: dict[type, Callable[[Any, CanonicalTable, Context], _Found]] = {
    kinds.Between: _between,
    kinds.AcceptedValues: _accepted_values,
    kinds.MaxNullRatio: _max_null_ratio,
    kinds.CompositeUnique: _composite_unique,
    kinds.RowCountBetween: _row_count_between,
    kinds.DatesInOrder: _date_order,
    kinds.Implies: _implies,
    kinds.DerivedEquals: _derived_equals,
    kinds.MinEventCount: _min_event_count,
    kinds.FreshnessDays: _freshness_days,
    kinds.RatioBetween: _ratio_between,
    kinds.Reference: _reference,
}
