"""What is watched of the farm's herd files: their age, their errors, the checks that they fail."""

from dataclasses import dataclass
from typing import Any

from psygnal import Signal

from herd_engine.model.visitor import LOOK, OPERATE
from herd_engine.workbench.alerts import Alert, WatchedPolicy
from widgets.view_models.page_model import PageModel

OF_FILES = (
    "snapshot_age_days",
    "milking_change",
    "quality_errors",
    "quality_rule_count",
    "fail_rate",
    "fail_count",
    "blocked_count",
    "unified_usage_rate",
    "top_rule_fail_count",
    "semantic_rule_fail_count",
)
"""What can be watched of herd files."""
OFFERED: dict[str, dict[str, Any]] = {
    "old": {"metric": "snapshot_age_days", "operator": ">", "threshold": 35, "severity": "MEDIUM"},
    "errors": {"metric": "quality_errors", "operator": ">", "threshold": 0, "severity": "HIGH"},
}
"""What a press of a button asks for, by the name of the button; a file is old as the pages say so too."""


@dataclass(frozen=True, slots=True)
class WatchedFiles:
    """Something that is watched of herd files, and its alert where it is no longer well."""

    held: WatchedPolicy
    alert: Alert | None


class FileAlerts:
    """What is watched of herd files.

    Attributes
    ----------
    watched : tuple of WatchedFiles
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self._page = page
        self.watched: tuple[WatchedFiles, ...] = ()
        page.seen.connect(self.refresh)

    @property
    def may_look(self) -> bool:
        """Whether alerts are the visitor's to see."""
        return LOOK in self._page.workbench.scopes

    @property
    def offered(self) -> tuple[str, ...]:
        """What can be asked for with one press, and is not watched yet."""
        if OPERATE not in self._page.workbench.scopes:
            return ()
        known = {item.held.policy.metric for item in self.watched}
        return tuple(name for name, asked in OFFERED.items() if asked["metric"] not in known)

    def refresh(self) -> None:
        """Read what is watched; what is as before is not drawn again."""
        if not self.may_look:
            return
        alerts, farm = self._page.workbench.alerts, self._page.workbench.farms.current()
        known = {alert.policy_id: alert for alert in alerts.list() if alert.farm_id == farm.id}
        found = tuple(
            WatchedFiles(held, known.get(held.policy.id))
            for held in alerts.policies()
            if held.policy.metric in OF_FILES and held.policy.is_of(farm.name, farm.id)
        )
        if found != self.watched:
            self.watched = found
            self.changed.emit()

    def ask(self, name: str) -> None:
        """Watch what is offered under a name, on this farm; everybody whom the service knows is told."""
        farm, workbench = self._page.workbench.farms.current(), self._page.workbench
        channels = [each.id for each in workbench.deliveries.channels() if each.kind and not each.disabled_at]
        policy_id = f"{OFFERED[name]['metric']}_{farm.id[:8]}"
        said = {"id": policy_id, "farms": [farm.id], "channels": channels}
        workbench.alerts.set_policy(OFFERED[name] | said)
        self.refresh()
