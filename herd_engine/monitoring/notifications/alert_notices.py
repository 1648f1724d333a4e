"""Notices of alerts as messages: what others are told of an alert, and nothing about animals."""

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode

from herd_engine.errors import HerdError
from herd_engine.monitoring.alerts.evaluation import Notice, Tell
from herd_engine.monitoring.notifications.channels import ChannelBook
from herd_engine.monitoring.notifications.events import OutgoingEvent, messages_of
from herd_engine.monitoring.supervision_report import read_report
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store
from herd_engine.storage.outbox_rows import NewMessage

APPS = "apps"


def nowhere() -> str:
    """Say that nobody serves the apps."""
    return ""


def of_no_zone(_: str | None) -> str:
    """Say that nobody knows where a farm is."""
    return "UTC"


def zones(store: Store) -> Callable[[str | None], str]:
    """Return what tells the time zone of a farm; of none, and of one that is gone, it is UTC."""

    def zone_of(farm_id: str | None) -> str:
        try:
            return KeptRuns(store, "", farm_id).catalog.farms.time_zone(farm_id) if farm_id else "UTC"
        except HerdError:  # an alert is told all the same
            return "UTC"

    return zone_of


def telling(
    book: ChannelBook,
    source: str,
    apps_address: Callable[[], str] = nowhere,
    zone_of: Callable[[str | None], str] = of_no_zone,
) -> Tell:
    """Return what makes the messages of a notice, for the channels that a policy names and that want it.

    Parameters
    ----------
    book : ChannelBook
    source : str
        ``/herd/`` and who tells it.
    apps_address : callable
        Where the apps are now, which links lead to.
    zone_of : callable
        Gives the time zone of a farm: moments are said as its people say them.
    """

    def tell(notice: Notice) -> Sequence[NewMessage]:
        event = event_of(notice, source, apps_address(), zone_of(notice.subject.farm_id))
        return messages_of(event, book.channels(), notice.channels, notice.muted_by)

    return tell


def event_of(notice: Notice, source: str, apps_address: str = "", time_zone: str = "UTC") -> OutgoingEvent:
    """Return the event of a notice."""
    alert, subject = notice.alert, notice.subject
    is_of_farm = subject.farm_id is not None
    about = {
        "id": alert.id,
        "policy": alert.policy_id,
        "title": notice.title if isinstance(notice.title, str) else dict(notice.title),
        "severity": alert.severity,
        "state": alert.state,
        "since": alert.since.isoformat(),
        "time_zone": time_zone,
        "value": alert.last_value,
        "threshold": alert.threshold,
        "labels": dict(alert.labels),
        "message": dict(alert.message),
        "reason": notice.reason,
    }
    return OutgoingEvent(
        type=notice.type,
        at=notice.at,
        source=source,
        subject=f"farm/{subject.farm_id}/alert/{alert.id}" if is_of_farm else f"alert/{alert.id}",
        severity=alert.severity,
        data={"alert": about, "links": _links(notice, apps_address)},
        farm=(subject.farm_id, subject.farm_name) if subject.farm_id is not None else None,
        alert_id=alert.id,
    )


def apps_of(home: Path) -> str:
    """Return where `herd up` serves the apps; empty where it does not."""
    report = read_report(home)
    return "" if report is None else next((part.address for part in report.parts if part.name == APPS), "")


def _links(notice: Notice, apps_address: str) -> dict[str, str]:
    if not apps_address:
        return {}
    farm = {"farm": notice.subject.farm_name} if notice.subject.farm_name else {}
    run = notice.alert.message.get("params", {}).get("run")
    page = f"studio?{urlencode({**farm, 'run': run})}" if run else f"overview?{urlencode(farm)}"
    alert = f"alerts?{urlencode({**farm, 'alert': notice.alert.id})}"
    return {"alert": apps_address + alert, "apps": apps_address + page.rstrip("?")}
