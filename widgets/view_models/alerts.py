"""Alerts of a farm: what holds, why, since when, and what somebody does about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from psygnal import Signal

from herd_engine.errors import NotFoundError
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.visitor import LOOK, OPERATE
from herd_engine.workbench.alerts import Alert, AlertChange, AuditEntry, Silence, WatchedPolicy
from widgets.view_models.page_model import PageModel

TOLD = ("FIRING", "PENDING", "NO_DATA", "RESOLVED")
"""States that are listed, in their order; within one the most severe and oldest first. All else is well."""
SHOWN_CHANGES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """A forecast and the level that it may cross, from the first to the last month that is watched."""

    run_id: str
    forecast: Forecast
    metric: Metric
    level: float
    months: tuple[int, int]

    @property
    def between(self) -> tuple[date, date]:
        """The first and the last date that is watched."""
        first, last = self.months
        dates = self.forecast.dates
        return dates[min(first, len(dates) - 1)], dates[min(last, len(dates) - 1)]


class FarmAlerts:
    """What the page of alerts knows.

    Attributes
    ----------
    listed : tuple of Alert
        Those that hold, begin, can say nothing, or have been over for less than a day.
    policies : tuple of WatchedPolicy
    silences : tuple of Silence
        Those that hold or will.
    history : tuple of AlertChange
        Newest first.
    audit : tuple of AuditEntry
        What people did, newest first.
    shown : Alert or None
        The one that is looked at.
    crossed : Crossed or None
        Its forecast, where it is of one.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self.page = page
        self.listed: tuple[Alert, ...] = ()
        self.policies: tuple[WatchedPolicy, ...] = ()
        self.silences: tuple[Silence, ...] = ()
        self.history: tuple[AlertChange, ...] = ()
        self.audit: tuple[AuditEntry, ...] = ()
        self.crossed: Crossed | None = None
        self._shown_id = page.visit.alert
        page.seen.connect(self.refresh)

    @property
    def may_look(self) -> bool:
        """Whether alerts are the visitor's to see."""
        return LOOK in self.page.workbench.scopes

    @property
    def may_operate(self) -> bool:
        """Whether the visitor may change something about them."""
        return OPERATE in self.page.workbench.scopes

    @property
    def shown(self) -> Alert | None:
        """The alert that is looked at: the one that was asked for, else the most pressing one."""
        asked = (alert for alert in self.listed if alert.id == self._shown_id)
        return next(asked, next(iter(self.listed), None))

    @property
    def firing(self) -> tuple[Alert, ...]:
        """Those that hold now."""
        return tuple(alert for alert in self.listed if alert.state == "FIRING")

    def refresh(self) -> None:
        """Read everything again; what is as before is not drawn again."""
        if not self.may_look:
            return
        alerts = self.page.workbench.alerts
        before = (self.listed, self.policies, self.silences)
        told = (alert for alert in alerts.list() if alert.state in TOLD)
        self.listed = tuple(sorted(told, key=lambda alert: TOLD.index(alert.state)))
        self.policies, self.silences = alerts.policies(), alerts.silences()
        if (self.listed, self.policies, self.silences) != before:
            self.history, self.audit = alerts.history(SHOWN_CHANGES), _by_people(alerts.audit(SHOWN_CHANGES))
            self.page.later(self._read_forecast)
            self.changed.emit()

    def show(self, alert_id: str) -> None:
        """Look at an alert."""
        self._shown_id = alert_id
        self.page.later(self._read_forecast)
        self.changed.emit()

    def acknowledge(self, alert_id: str, note: str = "", *, taken_back: bool = False) -> None:
        """Say that somebody looks after an alert, or that nobody does."""
        self.page.workbench.alerts.acknowledge(alert_id, note, taken_back=taken_back)
        self._look_again()

    def silence(self, alert_id: str, days: int, reason: str) -> None:
        """Let nobody be told of an alert for so many days; ParameterError without a reason."""
        alert = self._find(alert_id)
        fits = {"policy": alert.policy_id} | ({"farm": alert.farm} if alert.farm else {})
        ends_at = datetime.now(UTC) + timedelta(days=days)
        self.page.workbench.alerts.silence(fits, ends_at, reason)
        self._look_again()

    def end_silence(self, silence_id: str) -> None:
        """Let everybody be told again."""
        self.page.workbench.alerts.expire(silence_id)
        self._look_again()

    def watch_no_more(self, policy_id: str) -> None:
        """Take a policy away; its alert ends at the next look."""
        self.page.workbench.alerts.remove_policy(policy_id)
        self._look_again()

    def policy(self, policy_id: str) -> WatchedPolicy | None:
        """Return a policy that is watched."""
        return next((item for item in self.policies if item.policy.id == policy_id), None)

    def alert_of(self, policy_id: str) -> Alert | None:
        """Return the alert of a policy where it is listed."""
        return next((alert for alert in self.listed if alert.policy_id == policy_id), None)

    def _find(self, alert_id: str) -> Alert:
        found = next((alert for alert in self.listed if alert.id == alert_id), None)
        if found is None:
            raise NotFoundError("alert", alert_id)
        return found

    def _look_again(self) -> None:
        self.refresh()
        self.page.bell.look()

    def _read_forecast(self) -> None:
        """Read the forecast of the alert that is looked at, unless it is the one at hand."""
        alert = self.shown
        held = None if alert is None else self.policy(alert.policy_id)
        facts = {} if alert is None else alert.message.params
        run_id, output, level = (facts.get(name) for name in ("run", "output", "level"))
        before = self.crossed
        if held is not None and isinstance(run_id, str) and isinstance(level, float):
            if before is not None and before.run_id == run_id:
                forecast = before.forecast
            else:
                forecast = self.page.workbench.runs.forecast(run_id)
            self.crossed = Crossed(
                run_id=run_id,
                forecast=forecast,
                metric=Metric(str(output)),
                level=level,
                months=held.policy.with_.months,
            )
        else:
            self.crossed = None
        if self.crossed is not before:
            self.changed.emit()


def _by_people(audit: Sequence[AuditEntry]) -> tuple[AuditEntry, ...]:
    """Return what people did: how alerts changed by themselves stands in their history."""
    return tuple(entry for entry in audit if not entry.actor.startswith("system:"))
