"""A look at all policies: what is measured, how each alert then stands, who is to be told.

What a policy changes is one transaction: state, change, audit and messages are there together or not at all.
A policy that fails does not stop the others.
"""

import hashlib
import json
import logging
import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from herd_engine.errors import HerdError
from herd_engine.model.message import Message, Severity
from herd_engine.monitoring.alerts.all_measures import MEASURES
from herd_engine.monitoring.alerts.life_cycle import AlertStanding, AlertState, AlertVerdict, Rhythm, step
from herd_engine.monitoring.alerts.measures import Measurement
from herd_engine.monitoring.alerts.policy import Policy
from herd_engine.monitoring.alerts.policy_files import PolicyBook
from herd_engine.monitoring.alerts.silencing import silence_of
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store
from herd_engine.storage.alerts import AlertRow, AlertTable, SilenceRow, TransitionRow, new_id
from herd_engine.storage.audit_rows import note_audit
from herd_engine.storage.database import Connection
from herd_engine.storage.database_clock import Clock, database_now
from herd_engine.storage.leases import Proof, no_task
from herd_engine.storage.outbox import NewMessage, Outbox
from herd_engine.storage.tally import add_to_tally

logger = logging.getLogger(__name__)
SYSTEM = "system:watch"
REMOVED = "policy_removed"
OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
LIVE = (AlertState.PENDING, AlertState.FIRING, AlertState.NO_DATA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a policy looks at: a farm, or the home as a whole (without one)."""

    farm_id: str | None = None
    farm_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that others may be told.

    Attributes
    ----------
    type : str
        ``alert.firing``, ``alert.resolved`` or ``alert.no_data``.
    channels : tuple of str
        Who is told.
    title : str or dict of str to str
        What the alert is called, in one language or by language.
    alert : AlertRow
    subject : Subject
    at : datetime
    reason : str
    muted_by : str or None
    """

    type: str
    channels: tuple[str, ...]
    title: str | Mapping[str, str]
    alert: AlertRow
    subject: Subject
    at: datetime
    reason: str = ""
    muted_by: str | None = None


@dataclass(slots=True, kw_only=True)
class Looked:
    """What one look came to."""

    n_policies: int = 0
    changes: list[TransitionRow] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)


Tell = Callable[[Notice], Sequence[NewMessage]]


def alert_id(policy_id: str, farm_id: str | None, labels: Mapping[str, str]) -> str:
    """Return the id of an alert: one policy, one farm, one set of labels that the policy says."""
    whole = json.dumps([policy_id, farm_id, sorted(labels.items())], ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


class Evaluation:
    """Looks at policies.

    Parameters
    ----------
    store : Store
    book : PolicyBook
    tell : callable
        Makes the messages of a notice.
    clock : callable
        The time of the database, within a transaction.
    """

    def __init__(self, store: Store, book: PolicyBook, tell: Tell, clock: Clock = database_now) -> None:
        self._store, self._book, self._tell, self._clock = store, book, tell, clock
        self._table, self._outbox = AlertTable(store.database), Outbox(store.database)

    def look(self, proof: Proof = no_task) -> Looked:
        """Look at every policy once.

        Parameters
        ----------
        proof : callable
            Raises, within each transaction, where somebody else has this task by now.
        """
        looked = Looked()
        held = {item.policy.id: item.policy for item in self._book.held() if item.policy.enabled}
        with self._store.database.reading() as connection:
            now = self._clock(connection)
        subjects = [Subject(farm_id=farm.id, farm_name=farm.name) for farm in self._store.farms.list_farms()]
        # Where a file cannot be used, what it said may hold still: nobody is told that it is over.
        gone = frozenset[str]() if self._book.faults else self._table.known_policies()
        for name in sorted({*held, *gone}):
            looked.n_policies += 1
            try:
                self._look_at(name, held.get(name), subjects, now, proof, looked)
            except HerdError as error:
                logger.warning("Policy %s could not be looked at: %s", name, error)
                looked.failures[name] = error
            except Exception as error:  # whatever it is, it must not stop the others
                logger.exception("policy_failed", extra={"policy": name})
                looked.failures[name] = error
        if looked.failures:
            with self._store.database.transaction() as connection:
                add_to_tally(connection, Counter({("alert_evaluation_errors", ()): len(looked.failures)}))
        return looked

    def _look_at(
        self,
        name: str,
        policy: Policy | None,
        farms: Sequence[Subject],
        now: datetime,
        proof: Proof,
        looked: Looked,
    ) -> None:
        wanted = [] if policy is None else _subjects(policy, farms)
        measured = {} if policy is None else {item: self._measure(policy, item, now) for item in wanted}
        with self._table.database.transaction() as connection:
            epoch = proof(connection)
            at = self._clock(connection)
            old = self._table.of_policy(connection, name)
            silences = self._table.silences(connection)
            desk = _Desk(self._table, self._outbox, self._tell, connection, at, silences, looked, epoch)
            seen = set()
            for subject, found in measured.items():
                row_id = alert_id(name, subject.farm_id, policy.labels)  # type: ignore[union-attr]
                seen.add(row_id)
                desk.judge(policy, subject, old.get(row_id), found)  # type: ignore[arg-type]
            names = {subject.farm_id: subject.farm_name for subject in farms}
            for row in old.values():
                if row.id not in seen and row.state in LIVE:
                    name_of_farm = names.get(row.farm_id, "")
                    desk.retire(policy, Subject(farm_id=row.farm_id, farm_name=name_of_farm), row)

    def _measure(self, policy: Policy, subject: Subject, now: datetime) -> Measurement:
        kept = KeptRuns(self._store, SYSTEM, subject.farm_id)
        found = MEASURES[policy.metric](kept, policy.with_, now)
        return found if found.samples >= policy.min_samples else replace(found, value=None)


def _subjects(policy: Policy, farms: Sequence[Subject]) -> list[Subject]:
    if policy.metric.is_of_home:
        return [Subject()]
    return [farm for farm in farms if policy.is_of(farm.farm_name, str(farm.farm_id))]


def verdict_of(policy: Policy, found: Measurement) -> AlertVerdict:
    """Return what was found, as a policy sees it."""
    if found.value is None:
        return AlertVerdict.NO_DATA
    holds = found.holds
    if holds is None:
        holds = OPERATORS[policy.operator](found.value, float(policy.threshold or 0))
    return AlertVerdict.BREACH if holds else AlertVerdict.CLEAR


@dataclass(frozen=True, slots=True)
class _Desk:
    """Writes what one transaction changes."""

    table: AlertTable
    outbox: Outbox
    tell: Tell
    connection: Connection
    at: datetime
    silences: Sequence[SilenceRow]
    looked: Looked
    epoch: int | None

    def judge(self, policy: Policy, subject: Subject, old: AlertRow | None, found: Measurement) -> None:
        """Bring an alert from how it stood to how it stands."""
        before = _standing(old, self.at)
        rhythm = Rhythm(pending=policy.for_, keep_firing=policy.keep_firing_for, no_data=policy.no_data)
        after = step(before, verdict_of(policy, found), rhythm, self.at)
        row = _row(policy, subject, old, after, found, self.at)
        reason = found.why if found.value is None else ""
        self._write(policy, subject, before, row, reason)

    def retire(self, policy: Policy | None, subject: Subject, old: AlertRow) -> None:
        """End an alert whose policy, or whose farm, is not watched any more."""
        before = _standing(old, self.at)
        row = replace(
            old, state=AlertState.RESOLVED, since=self.at, pending_since=None, clear_since=None,
            has_no_data=False, last_evaluated_at=self.at,
        )  # fmt: skip
        self._write(policy, subject, before, row, REMOVED)

    def _write(
        self, policy: Policy | None, subject: Subject, before: AlertStanding, row: AlertRow, reason: str
    ) -> None:
        is_new = row.state != before.state
        if is_new and row.state == AlertState.FIRING:
            row = replace(row, firing=row.firing + 1)
        if before.state is AlertState.FIRING and row.state != AlertState.FIRING:
            row = replace(row, ack_by=None, ack_at=None, ack_note=None)
        kind = _told(before.state, row, is_new=is_new)
        if kind is not None or (row.state == AlertState.FIRING and row.muted_by is not None):
            row = self._notify(kind, policy, subject, row, reason)
        self.table.put(self.connection, row)
        if is_new:
            self._note(before, row, reason)
        elif row.has_no_data and not before.has_no_data:
            self._note(before, replace(row, state=AlertState.NO_DATA), reason)

    def _notify(
        self, kind: str | None, policy: Policy | None, subject: Subject, row: AlertRow, reason: str
    ) -> AlertRow:
        facts = {"policy": row.policy_id, "farm": subject.farm_name, "severity": row.severity}
        facts |= {f"label.{name}": value for name, value in row.labels.items()}
        silence = silence_of(self.silences, facts, self.at)
        muted_by = None if silence is None else silence.id
        if kind is None:  # it still fires; the silence that kept it back may be over
            if muted_by is not None:
                return row
            kind = "alert.firing"
        # Of a policy that was taken away those are told of the end who were told of the beginning.
        told = self.table.told_channels(self.connection, row.id)
        notice = Notice(
            type=kind,
            channels=told if policy is None else tuple(policy.channels),
            title=row.policy_id if policy is None else policy.title or policy.id,
            alert=row,
            subject=subject,
            at=self.at,
            reason=reason,
            muted_by=muted_by,
        )
        self.outbox.enqueue(self.connection, self.tell(notice), self.at, self.epoch)
        return replace(row, muted_by=muted_by if row.state == AlertState.FIRING else None)

    def _note(self, before: AlertStanding, row: AlertRow, reason: str) -> None:
        change = TransitionRow(
            id=new_id(),
            alert_id=row.id,
            policy_id=row.policy_id,
            farm_id=row.farm_id,
            severity=row.severity,
            old=before.state,
            new=row.state,
            at=self.at,
            value=row.last_value,
            threshold=row.threshold,
            message=row.message,
            reason=reason,
            epoch=self.epoch,
        )
        self.table.add_transition(self.connection, change)
        new = {"value": row.last_value, "reason": reason}
        old = {"state": str(before.state)}
        note_audit(
            self.connection,
            self.at,
            SYSTEM,
            row.state,
            f"alert/{row.id}",
            farm_id=row.farm_id,
            old=old,
            new=new,
        )
        self.looked.changes.append(change)


def _told(before: AlertState, row: AlertRow, *, is_new: bool) -> str | None:
    """Return the event of a change, None where nobody is told."""
    if is_new and row.state == AlertState.FIRING:
        return "alert.no_data" if row.has_no_data else "alert.firing"
    if is_new and before is AlertState.FIRING:
        return "alert.resolved"
    return None


def _standing(row: AlertRow | None, now: datetime) -> AlertStanding:
    if row is None:
        return AlertStanding.new(now)
    return AlertStanding(
        state=AlertState(row.state),
        since=row.since,
        pending_since=row.pending_since,
        clear_since=row.clear_since,
        has_no_data=row.has_no_data,
    )


def _row(
    policy: Policy,
    subject: Subject,
    old: AlertRow | None,
    after: AlertStanding,
    found: Measurement,
    now: datetime,
) -> AlertRow:
    threshold = policy.with_.probability if policy.metric.is_forecast else policy.threshold
    facts = {**found.facts, "value": found.value, "threshold": threshold, "operator": policy.operator}
    message = Message(f"alert.{policy.metric}", facts, Severity.WARNING)
    if found.value is None:
        why = {**found.facts, "metric": str(policy.metric)}
        message = Message(f"alert.{found.why}", why, Severity.WARNING)
    return AlertRow(
        id=alert_id(policy.id, subject.farm_id, policy.labels),
        policy_id=policy.id,
        farm_id=subject.farm_id,
        labels=policy.labels_of(subject.farm_name),
        severity=policy.severity,
        state=after.state,
        since=after.since,
        pending_since=after.pending_since,
        clear_since=after.clear_since,
        has_no_data=after.has_no_data,
        last_value=found.value,
        threshold=threshold,
        message=message.as_plain(),
        last_evaluated_at=now,
        firing=0 if old is None else old.firing,
        muted_by=None if old is None else old.muted_by,
        ack_by=None if old is None else old.ack_by,
        ack_at=None if old is None else old.ack_at,
        ack_note=None if old is None else old.ack_note,
    )
