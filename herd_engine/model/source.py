"""Through which door a forecast was asked for."""

from enum import StrEnum

PLAN_PREFIX = "plan:"
"""Begins the name of whoever asks where that is a plan of reports."""
STAR = f"{PLAN_PREFIX}star"
"""Who asks for the farm's plan when a new herd file comes."""


class Source(StrEnum):
    """The doors."""

    API = "api"
    CLI = "cli"
    APP = "app"
    PLAN = "plan"
