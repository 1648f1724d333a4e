"""What holds, why, since when; silences; what is watched. The longer paths of before lead here, too."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import Bench, PageOf, needs
from herd_engine.model.message import Message
from herd_engine.workbench.alerts import Alert, AlertChange, AuditEntry, Silence, WatchedPolicy

router = APIRouter(prefix="/api/v1/diagnostics", tags=["alerts"])
LOOK, OPERATE = needs("diagnostics:read"), needs("diagnostics:operate")
DIRECT = needs("diagnostics:admin")
Newest = Annotated[int, Query(ge=1, le=500, description="So many, newest first.")]


class SaidMessage(BaseModel):
    """Why, as a code with its facts, and in words."""

    code: str
    params: dict[str, Any]
    text: str


class AlertAnswer(BaseModel):
    """An alert as it stands; HIGH ones come first, then the oldest."""

    id: str
    policy_id: str
    farm_id: str | None
    farm: str | None
    title: str | dict[str, str]
    labels: dict[str, str]
    severity: str
    state: str
    since: datetime
    value: float | None
    threshold: float | None
    message: SaidMessage
    has_no_data: bool
    last_evaluated_at: datetime
    is_silenced: bool
    ack_by: str | None
    ack_at: datetime | None
    ack_note: str | None


class ActiveAlerts(BaseModel):
    """What holds now; looking changes nothing, whatever `auto_evaluate` says."""

    available: bool = True
    evaluated: bool = False
    total_active: int
    items: list[AlertAnswer]


class ChangeOfAlert(BaseModel):
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
    message: SaidMessage
    reason: str


class PolicyState(BaseModel):
    """What is watched, as YAML has it, and where it stands: a file, or `apps`."""

    policy: dict[str, Any]
    origin: str
    version: int


class LookedAt(BaseModel):
    """What one look at all policies came to; the alerts of the farm that are on after it."""

    total_policies: int
    changes: int
    failed: dict[str, str]
    active_count: int


class PoliciesRead(BaseModel):
    """What is watched, and what of the files cannot be used, in words."""

    items: list[PolicyState]
    faults: list[str]


class NewSilence(BaseModel):
    """Whom to tell nothing, until when, and why; all matchers must fit."""

    model_config = ConfigDict(extra="forbid")

    matchers: dict[str, str] = Field(examples=[{"policy": "milking_floor"}])
    ends_at: datetime
    reason: str


class Note(BaseModel):
    """What is being done."""

    model_config = ConfigDict(extra="forbid")

    note: str = ""


NO_NOTE = Note()


def active(
    bench: Bench,
    language: Annotated[str, Query(max_length=8)] = "en",
    auto_evaluate: Annotated[bool, Query(description="Accepted, ignored.")] = False,
) -> ActiveAlerts:
    """PENDING, FIRING and NO_DATA."""
    found = bench.alerts.list(active=True)
    return ActiveAlerts(total_active=len(found), items=[_alert(each, language) for each in found])


def history(
    bench: Bench, limit: Newest = 50, language: Annotated[str, Query(max_length=8)] = "en"
) -> PageOf[ChangeOfAlert]:
    """Every change is told once."""
    return _all([_change(each, language) for each in bench.alerts.history(limit)])


def audit(bench: Bench, limit: Newest = 50) -> PageOf[AuditEntry]:
    """Who did what, to what, and what it was before."""
    return _all(list(bench.alerts.audit(limit)))


def policies(bench: Bench) -> PageOf[PolicyState]:
    """Of this farm, and of the home."""
    return _all([_policy(each) for each in bench.alerts.policies()])


def set_policy(bench: Bench, policy: dict[str, Any]) -> PolicyState:
    """In place of the one of its id; 409 where that stands in a file."""
    return _policy(bench.alerts.set_policy(policy))


def remove_policy(bench: Bench, policy_id: str) -> None:
    """Its alerts end at the next look."""
    bench.alerts.remove_policy(policy_id)


def silences(bench: Bench, include_expired: bool = False) -> PageOf[Silence]:
    """Those that hold or will."""
    return _all(list(bench.alerts.silences(expired=include_expired)))


def silence(bench: Bench, wish: NewSilence) -> Silence:
    """At most 90 days; without a matcher it is refused."""
    return bench.alerts.silence(wish.matchers, wish.ends_at, wish.reason)


def expire(bench: Bench, silence_id: str) -> Silence:
    """Repeated, nothing changes."""
    return bench.alerts.expire(silence_id)


def acknowledge(bench: Bench, alert_id: str, said: Note = NO_NOTE) -> AlertAnswer:
    """Somebody looks after it, until this firing ends; repeated, nothing changes."""
    return _alert(bench.alerts.acknowledge(alert_id, said.note), "en")


def take_back(bench: Bench, alert_id: str) -> AlertAnswer:
    """Nobody looks after it any more."""
    return _alert(bench.alerts.acknowledge(alert_id, taken_back=True), "en")


def evaluate(bench: Bench) -> LookedAt:
    """Now and here, as `herd watch` does each minute; looked at twice, nothing changes."""
    looked = bench.alerts.evaluate()
    seen = {each.policy.id for each in bench.alerts.policies()}
    failed = {name: str(error) for name, error in looked.failures.items() if name in seen}
    n_active = len(bench.alerts.list(active=True))
    return LookedAt(
        total_policies=looked.n_policies, changes=len(looked.changes), failed=failed, active_count=n_active
    )


def read_again(bench: Bench) -> PoliciesRead:
    """`herd watch` reads them before each look, too."""
    faults = [str(fault) for fault in bench.alerts.faults()]
    return PoliciesRead(items=[_policy(each) for each in bench.alerts.policies()], faults=faults)


ROUTES: tuple[tuple[str, str, str, str, Callable[..., Any], int], ...] = (
    ("GET", "active", "active", "List what holds", active, 200),
    ("GET", "history", "history", "List changes of alerts", history, 200),
    ("GET", "audit", "audit", "List who did what", audit, 200),
    ("GET", "policies", "policies", "List what is watched", policies, 200),
    ("POST", "policies", "set_policy", "Watch something", set_policy, 200),
    ("DELETE", "policies/{policy_id}", "remove_policy", "Watch something no more", remove_policy, 204),
    ("POST", "evaluate", "evaluate", "Look at all policies", evaluate, 200),
    ("POST", "policies:reload", "policies_reload", "Read the files of policies again", read_again, 200),
    ("GET", "silences", "silences", "List silences", silences, 200),
    ("POST", "silences", "silence", "Silence alerts for a while", silence, 201),
    ("POST", "silences/{silence_id}/expire", "expire", "End a silence", expire, 200),
    ("POST", "{alert_id}/ack", "ack", "Acknowledge an alert", acknowledge, 200),
    ("POST", "{alert_id}/unack", "unack", "Take an acknowledgement back", take_back, 200),
)

for _prefix in ("alerts", "preflight/alerts"):
    _of_first = {"deprecated": True} if _prefix != "alerts" else {}
    for _method, _path, _name, _summary, _do, _status in ROUTES:
        router.add_api_route(
            f"/{_prefix}/{_path}",
            _do,
            methods=[_method],
            operation_id=f"{_prefix}_{_name}".replace("/", "_"),
            summary=_summary,
            status_code=_status,
            dependencies=[LOOK if _method == "GET" else DIRECT if _do in (evaluate, read_again) else OPERATE],
            **_of_first,  # type: ignore[arg-type]
        )


def _all(items: list[Any]) -> PageOf[Any]:
    return PageOf(items=items, next_cursor=None)


def _said(message: Message, text: str) -> SaidMessage:
    return SaidMessage(code=message.code, params=dict(message.params), text=text)


def _alert(alert: Alert, language: str) -> AlertAnswer:
    facts = {name: getattr(alert, name) for name in AlertAnswer.model_fields if name != "message"}
    return AlertAnswer(**facts, message=_said(alert.message, alert.text(language)))


def _change(change: AlertChange, language: str) -> ChangeOfAlert:
    facts = {name: getattr(change, name) for name in ChangeOfAlert.model_fields if name != "message"}
    return ChangeOfAlert(**facts, message=_said(change.message, change.text(language)))


def _policy(item: WatchedPolicy) -> PolicyState:
    return PolicyState(policy=item.policy.as_plain(), origin=item.origin, version=item.version)
