"""How a kept run stands."""

from enum import StrEnum


class RunStatus(StrEnum):
    """``queued -> running -> succeeded | failed | canceled | timeout``; nothing leaves the last four."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    TIMEOUT = "timeout"

    @property
    def is_active(self) -> bool:
        """Whether something may still happen."""
        return self in ACTIVE


ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING)
TERMINAL = tuple(status for status in RunStatus if status not in ACTIVE)
