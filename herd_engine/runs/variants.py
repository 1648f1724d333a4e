"""Runs of several combinations of values that belong together."""

from dataclasses import dataclass
from typing import Any

from herd_engine.errors import HerdError
from herd_engine.storage.run_rows import Submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRun:
    """What became of one of several variants.

    Attributes
    ----------
    values : dict of str to value
        Path of a field and what it was set to.
    submitted : Submitted or None
    error : HerdError or None
        Why this one was not submitted.
    """

    values: dict[str, Any]
    submitted: Submitted | None = None
    error: HerdError | None = None


@dataclass(frozen=True, slots=True)
class Variants:
    """Runs that belong together; a run that was reused stays in the group that it was made in."""

    group_id: str
    items: tuple[VariantRun, ...]
