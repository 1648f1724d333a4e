"""What people do with alerts: look, acknowledge, silence, set what is watched; every change is audited."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from herd_engine.errors import ConflictError, NotFoundError, ParameterError, PoliciesError
from herd_engine.model.visitor import Visitor
from herd_engine.monitoring.alerts.life_cycle import AlertState
from herd_engine.monitoring.alerts.policy import Policy
from herd_engine.monitoring.alerts.policy_files import HeldPolicy, PolicyBook
from herd_engine.monitoring.alerts.silencing import new_silence
from herd_engine.monitoring.notifications.channels import FILE, ChannelBook
from herd_engine.runs.store import Store
from herd_engine.storage.alerts import (
    AlertRow,
    AlertTable,
    AuditRow,
    PolicyRow,
    SilenceRow,
    TransitionRow,
)
from herd_engine.storage.audit_rows import note_audit
from herd_engine.storage.database_clock import Clock, database_now

ACKED = (AlertState.PENDING, AlertState.FIRING, AlertState.NO_DATA)
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDesk:
    """Alerts of a farm, and of the home, for one visitor.

    Attributes
    ----------
    store : Store
    visitor : Visitor
        Whose name stands in the audit.
    farm_id : str or None
        None for all farms.
    clock : callable
    """

    store: Store
    visitor: Visitor
    farm_id: str | None = None
    clock: Clock = database_now

    @property
    def table(self) -> AlertTable:
        """Its rows."""
        return AlertTable(self.store.database)

    def alerts(self) -> tuple[AlertRow, ...]:
        """Return alerts, the most severe first, then the oldest."""
        return self.table.list_alerts(self.farm_id)

    def history(self, limit: int = 50) -> tuple[TransitionRow, ...]:
        """Return how alerts changed, newest first."""
        return self.table.history(self.farm_id, limit)

    def audit(self, limit: int = 50) -> tuple[AuditRow, ...]:
        """Return who did what, newest first; to all that is here, or on the visitor's farm alone."""
        return self.table.audits(self._audited_farm, limit)

    @property
    def _audited_farm(self) -> str | None:
        """Whose matter is what the visitor does: of the home, where they own it."""
        return None if self.visitor.is_owner else self.farm_id

    def acknowledge(self, alert_id: str, note: str = "", *, taken_back: bool = False) -> AlertRow:
        """Say that somebody knows and looks after it, until this firing ends; repeated, nothing changes.

        Raises
        ------
        NotFoundError
        ConflictError
            It is not on.
        """
        if len(note) > LONGEST_NOTE:
            raise ParameterError("note", note[:LONGEST_NOTE], f"have at most {LONGEST_NOTE} characters")
        table = self.table
        with self.store.database.transaction() as connection:
            old, at = table.find(connection, alert_id), self.clock(connection)
            self._require_mine(old)
            if old.state not in ACKED:
                message = f"Alert {alert_id} is {old.state}; there is nothing to acknowledge."
                raise ConflictError(message, "alert_not_on", alert_id)
            if (old.ack_at is None) == taken_back:
                return old
            said = (None, None, None) if taken_back else (self.visitor.name, at, note)
            new = replace(old, ack_by=said[0], ack_at=said[1], ack_note=said[2])
            table.put(connection, new)
            note_audit(
                connection,
                at,
                self.visitor.name,
                "UNACKED" if taken_back else "ACKED",
                f"alert/{alert_id}",
                farm_id=old.farm_id,
                new={"note": note},
            )
        return new

    def silence(
        self, matchers: Mapping[str, str], ends_at: datetime, reason: str, starts_at: datetime | None = None
    ) -> SilenceRow:
        """Tell nobody of alerts that fit for a while; as ``new_silence``."""
        with self.store.database.transaction() as connection:
            at = self.clock(connection)
            row = new_silence(matchers, ends_at, reason, self.visitor.name, at, starts_at or at)
            self.table.add_silence(connection, row)
            new = {"matchers": dict(row.matchers), "ends_at": row.ends_at.isoformat(), "reason": row.reason}
            note_audit(
                connection,
                at,
                self.visitor.name,
                "SILENCED",
                f"silence/{row.id}",
                new=new,
                farm_id=self._audited_farm,
            )
        return row

    def expire(self, silence_id: str) -> SilenceRow:
        """End a silence now; repeated, nothing changes. NotFoundError."""
        with self.store.database.transaction() as connection:
            at = self.clock(connection)
            row = self.table.expire_silence(connection, silence_id, at)
            if row.expired_at == at:
                note_audit(
                    connection,
                    at,
                    self.visitor.name,
                    "UNSILENCED",
                    f"silence/{row.id}",
                    farm_id=self._audited_farm,
                )
        return row

    def silences(self, *, expired: bool = False) -> tuple[SilenceRow, ...]:
        """Return silences that hold or will, or all."""
        with self.store.database.reading() as connection:
            at = self.clock(connection)
        return tuple(
            row for row in self.table.silences() if expired or (row.expired_at is None and row.ends_at > at)
        )

    def policies(self) -> tuple[HeldPolicy, ...]:
        """Return what is watched."""
        return self._book().held()

    def faults(self) -> tuple[PoliciesError, ...]:
        """Return which files of policies, or rows, cannot be used, and why."""
        book = self._book()
        book.held()
        return tuple(book.faults.values())

    def _book(self) -> PolicyBook:
        return PolicyBook(self.store.settings.home, self.table)

    def set_policy(self, said: Mapping[str, Any]) -> PolicyRow:
        """Watch something from now on, in place of what was watched under its id.

        Raises
        ------
        ParameterError
            It is no policy.
        ConflictError
            A file has one of this id; only whoever keeps that file can change it.
        """
        try:
            policy = Policy.model_validate(dict(said))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "policy"
            raise ParameterError.of_finding(place, first) from error
        self._require_known(policy.channels)
        return self._put(policy.id, policy.as_plain())

    def _require_known(self, channels: Iterable[str]) -> None:
        """Nobody would be told by a channel that is not there; a file that is faulty is told of elsewhere."""
        book = ChannelBook(self.store.settings.home)
        known = book.channels()
        for channel in channels:
            if channel not in known and book.fault is None:
                rule = f"name channels of {FILE}, which has {', '.join(known) or 'none'}"
                raise ParameterError("channels", channel, rule)

    def remove_policy(self, policy_id: str) -> PolicyRow:
        """Watch it no more: its alerts end at the next look. NotFoundError, ConflictError."""
        if not any(row.policy_id == policy_id and row.definition for row in self.table.policies()):
            raise NotFoundError("policy", policy_id)
        return self._put(policy_id, None)

    def _put(self, policy_id: str, definition: Mapping[str, Any] | None) -> PolicyRow:
        table, book = self.table, self._book()
        in_files = {item.policy.id for item in book.held() if not item.version}
        if policy_id in in_files:
            message = f"The policy {policy_id} stands in a file; it is changed there."
            raise ConflictError(message, "policy_in_file", policy_id)
        before = {row.policy_id: row.definition for row in table.policies()}
        with self.store.database.transaction() as connection:
            at = self.clock(connection)
            row = table.put_policy(connection, policy_id, definition, self.visitor.name, at)
            note_audit(
                connection,
                at,
                self.visitor.name,
                "POLICIES_CHANGED",
                f"policy/{policy_id}",
                old=before.get(policy_id),
                new=definition,
                farm_id=self._audited_farm,
            )
        return row

    def _require_mine(self, row: AlertRow) -> None:
        if self.farm_id is not None and row.farm_id not in (None, self.farm_id):
            raise NotFoundError("alert", row.id)
