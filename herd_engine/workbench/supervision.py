"""What `herd up` says of itself."""

from herd_engine.monitoring.supervision_report import Report, living_supervisor, read_report

__all__ = ["Report", "living_supervisor", "read_report"]
