"""Runners of a home: whether one is alive, and how one is started."""

from herd_engine.runs.liveness import is_any_alive, start_runner
from herd_engine.runs.signs_of_life import beating

__all__ = ["beating", "is_any_alive", "start_runner"]
