"""Alerts of a farm: what holds, since when, why; what is watched; silences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from herd_engine.errors import NotFoundError, PoliciesError
from herd_engine.guarded_yaml.writer import yaml_text
from herd_engine.i18n.catalogue import languages
from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import Metric
from herd_engine.model.message import Message
from herd_engine.model.visitor import DIRECT, LOOK, OPERATE
from herd_engine.monitoring.alerts.desk import AlertDesk
from herd_engine.monitoring.alerts.evaluation import Evaluation, Looked
from herd_engine.monitoring.alerts.policy import Policy
from herd_engine.monitoring.alerts.policy_files import PolicyBook, read_policies
from herd_engine.monitoring.notifications.alert_notices import apps_of, telling, zones
from herd_engine.monitoring.notifications.channels import ChannelBook
from herd_engine.monitoring.notifications.dispatch import source_of
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.alerts import AlertRow, AlertTable, SilenceRow, TransitionRow
from herd_engine.workbench.answers import answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert as it stands.

    Attributes
    ----------
    id, policy_id : str
    farm_id, farm : str or None
        None where it is of no farm in particular.
    title : str or dict of str to str
    labels : dict of str to str
        ``policy``, ``farm``, ``metric``, ``output``, ``severity``, and what its policy says beside.
    severity : str
        ``HIGH``, ``MEDIUM`` or ``LOW``.
    state : str
        ``OK``, ``PENDING``, ``FIRING``, ``RESOLVED`` or ``NO_DATA``.
    since : datetime
    value, threshold : float or None
    message : Message
    has_no_data : bool
        Whether the last look could say nothing.
    last_evaluated_at : datetime
    is_silenced : bool
        Whether nobody was told because of a silence.
    ack_by, ack_note : str or None
    ack_at : datetime or None
    """

    id: str
    policy_id: str
    farm_id: str | None
    farm: str | None
    title: str | Mapping[str, str]
    labels: Mapping[str, str]
    severity: str
    state: str
    since: datetime
    value: float | None
    threshold: float | None
    message: Message
    has_no_data: bool
    last_evaluated_at: datetime
    is_silenced: bool
    ack_by: str | None
    ack_at: datetime | None
    ack_note: str | None

    def text(self, language: str) -> str:
        """Return why it holds, in words."""
        return wording(language).say(self.message)

    def name(self, language: str) -> str:
        """Return what it is called; what is watched, where nobody named it in this language."""
        title = self.title if isinstance(self.title, str) else self.title.get(language, "")
        if title not in ("", self.policy_id):
            return title
        return wording(language).get(f"watched.{self.labels.get('metric', '')}", self.policy_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChange:
    """One change of an alert."""

    id: str
    alert_id: str
    policy_id: str
    farm_id: str | None
    severity: str
    old: str
    new: str
    at: datetime
    value: float | None
    threshold: float | None
    message: Message
    reason: str

    def text(self, language: str) -> str:
        """Return why, in words."""
        return wording(language).say(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Alerts that nobody is told of for a while."""

    id: str
    matchers: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_by: str
    created_at: datetime
    expired_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what, to what, and what it was before."""

    id: str
    farm_id: str | None
    at: datetime
    actor: str
    action: str
    object: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPolicy:
    """What is watched.

    Attributes
    ----------
    policy : Policy
    origin : str
        The file that it stands in, or ``apps``.
    version : int
        0 for a file.
    is_changeable : bool
        Whether it was set here, not in a file.
    """

    policy: Policy
    origin: str
    version: int

    @property
    def is_changeable(self) -> bool:
        """Whether it was set here, not in a file."""
        return self.version > 0


class Alerts:
    """Alerts of a farm and of the home; who may only look at a farm changes nothing."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept = kept
        self._visitor = kept.access.access.visitor
        self._desk = AlertDesk(store=kept.store, visitor=self._visitor, farm_id=kept.scope.farm_id)

    def list(self, *, active: bool = False) -> tuple[Alert, ...]:
        """Return alerts, the most severe first, then the oldest; those that are on alone, or all."""
        self._kept.access.require(LOOK)
        on = ("PENDING", "FIRING", "NO_DATA")
        titles = {item.policy.id: item.policy.title for item in self._desk.policies()}
        farms = {farm.id: farm.name for farm in self._kept.catalog.farms.list(archived=True)}
        rows = (row for row in self._desk.alerts() if not active or row.state in on)
        return tuple(_alert(row, titles, farms) for row in rows)

    def n_ringing(self) -> int:
        """Count the alerts that hold now and that nobody has acknowledged."""
        self._kept.access.require(LOOK)
        return sum(row.state == "FIRING" and row.ack_at is None for row in self._desk.alerts())

    def history(self, limit: int = 50) -> tuple[AlertChange, ...]:
        """Return how alerts changed, newest first."""
        self._kept.access.require(LOOK)
        return tuple(_change(row) for row in self._desk.history(limit))

    def audit(self, limit: int = 50) -> tuple[AuditEntry, ...]:
        """Return who did what, newest first."""
        self._kept.access.require(LOOK)
        return tuple(answer(AuditEntry, row) for row in self._desk.audit(limit))

    def evaluate(self) -> Looked:
        """Look at all policies now, as `herd watch` does; who does not direct the home may not."""
        self._kept.access.require(DIRECT)
        store = self._kept.store
        channels = ChannelBook(store.settings.home)
        tell = telling(channels, source_of(store), lambda: apps_of(store.settings.home), zones(store))
        return Evaluation(store, PolicyBook(store.settings.home, AlertTable(store.database)), tell).look()

    def acknowledge(self, alert_id: str, note: str = "", *, taken_back: bool = False) -> Alert:
        """Say that somebody looks after it, until this firing ends; NotFoundError, ConflictError."""
        self._kept.access.require(OPERATE)
        row = self._desk.acknowledge(alert_id, note, taken_back=taken_back)
        return next(item for item in self.list() if item.id == row.id)

    def silence(self, matchers: Mapping[str, str], ends_at: datetime, reason: str) -> Silence:
        """Tell nobody of alerts that fit until a moment; of this farm alone, unless one owns the home."""
        self._kept.access.require(OPERATE)
        said = dict(matchers)
        if not self._visitor.is_owner and any(said.values()):
            said["farm"] = self._farm
        return answer(Silence, self._desk.silence(said, ends_at, reason))

    def silences(self, *, expired: bool = False) -> tuple[Silence, ...]:
        """Return silences that hold or will, or all; of this farm alone, unless one owns the home."""
        self._kept.access.require(LOOK)
        return tuple(answer(Silence, row) for row in self._seen(self._desk.silences(expired=expired)))

    def expire(self, silence_id: str) -> Silence:
        """End a silence now; NotFoundError."""
        self._kept.access.require(OPERATE)
        if not any(row.id == silence_id for row in self._seen(self._desk.silences(expired=True))):
            raise NotFoundError("silence", silence_id)
        return answer(Silence, self._desk.expire(silence_id))

    def policies(self) -> tuple[WatchedPolicy, ...]:
        """Return what is watched on this farm, and of the home."""
        self._kept.access.require(LOOK)
        held = (item for item in self._desk.policies() if self._is_of_here(item.policy))
        return tuple(answer(WatchedPolicy, item) for item in held)

    def export_policies(self) -> str:
        """Return what was set here, not in files, as YAML that a file of policies may hold."""
        set_here = [item.policy.as_plain() for item in self.policies() if item.is_changeable]
        return yaml_text({"version": 1, "policies": set_here})

    def faults(self) -> tuple[PoliciesError, ...]:
        """Return which files of policies cannot be used; what they said before holds on in `herd watch`."""
        self._kept.access.require(LOOK)
        return self._desk.faults()

    def set_policy(self, said: Mapping[str, Any]) -> WatchedPolicy:
        """Watch something from now on; ParameterError, ConflictError.

        Parameters
        ----------
        said : mapping
            As in YAML. Who does not own the home watches this farm alone.
        """
        self._kept.access.require(OPERATE)
        said = dict(said)
        if not self._visitor.is_owner:
            said["farms"] = [self._kept.scope.farm_id]
        name = str(said.get("id", ""))
        known = {item.policy.id: item.policy for item in self._desk.policies()}
        if name in known and not self._is_of_here(known[name]):
            raise NotFoundError("policy", name)
        row = self._desk.set_policy(said)
        return next(item for item in self.policies() if item.policy.id == row.policy_id)

    def set_floor(  # noqa: PLR0913 - named wishes about one policy
        self,
        output: Metric,
        level: float,
        *,
        above: bool = False,
        months: tuple[int, int] = (1, 12),
        probability: float = 0.2,
        severity: str = "HIGH",
        channels: Sequence[str] = (),
    ) -> WatchedPolicy:
        """Warn where the farm's plan falls below a level (or rises above it); in place of the one before.

        Parameters
        ----------
        output : Metric
        level : float
            Head, or days.
        above : bool
        months : (int, int)
            First and last month start after the report date.
        probability : float
            Share of futures from which on it is an alert.
        severity : str
        channels : sequence of str
            Who is told.
        """
        way = "above" if above else "below"
        farm_id = self._kept.scope.farm_id
        asked = {"output": output.value, "level": level, "months": list(months), "probability": probability}
        return self.set_policy(
            {
                "id": f"{output.value}_{way}_{farm_id[:8]}",
                "title": {code: self._floor_title(output, level, way, code) for code in languages()},
                "severity": severity,
                "farms": [farm_id],
                "metric": f"forecast_{way}",
                "with": asked,
                "channels": list(channels),
            }
        )

    def _floor_title(self, output: Metric, level: float, way: str, language: str) -> str:
        words = wording(language)
        name = words.metric(output, "name")
        return words.text(f"alert_title.{way}", output=name, level=words.number(level))

    def remove_policy(self, policy_id: str) -> None:
        """Watch something no more; its alerts end. NotFoundError, ConflictError."""
        self._kept.access.require(OPERATE)
        if not any(item.policy.id == policy_id for item in self.policies()):
            raise NotFoundError("policy", policy_id)
        self._desk.remove_policy(policy_id)

    @property
    def _farm(self) -> str:
        return self._kept.catalog.farm.name

    def _is_of_here(self, policy: Policy) -> bool:
        return (
            self._visitor.is_owner
            or policy.metric.is_of_home
            or policy.is_of(self._farm, self._kept.scope.farm_id)
        )

    def _seen(self, rows: Sequence[SilenceRow]) -> tuple[SilenceRow, ...]:
        is_owner = self._visitor.is_owner
        return tuple(row for row in rows if is_owner or row.matchers.get("farm") == self._farm)


def policies_of_file(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the policies of a YAML file as plain data; PoliciesError with all that is wrong."""
    return tuple(policy.as_plain() for policy in read_policies(path).policies)


def _alert(row: AlertRow, titles: Mapping[str, Any], farms: Mapping[str, str]) -> Alert:
    return answer(
        Alert,
        row,
        farm=None if row.farm_id is None else farms.get(row.farm_id, row.farm_id),
        title=titles.get(row.policy_id, row.policy_id) or row.policy_id,
        value=row.last_value,
        message=Message.from_plain(row.message),
        is_silenced=row.muted_by is not None,
    )


def _change(row: TransitionRow) -> AlertChange:
    return answer(AlertChange, row, message=Message.from_plain(row.message))
