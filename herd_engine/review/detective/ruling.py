"""What one rule says of all animals of a file."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.message import Severity
from herd_engine.review.kpis.filed_lives import Days, Rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruling:
    """One rule, held against every animal; arrays have shape (n_animals,).

    Attributes
    ----------
    rule : str
        Code; its texts are under ``rule.<code>``.
    family : str
        ``fertility``, ``dry_period``, ``heifers`` or ``exits``: of one animal a family counts once.
    severity : Severity
    eligible : ndarray of bool
    measured : ndarray of int64
        What is held against the limit, in days.
    excess : ndarray of int64
        Days beyond the limit: an eligible animal with more than 0 is hit.
    name : str
        What is measured.
    thresholds : mapping of str to int
        The targets that limit it.
    weights : ndarray of float64, or None
        Of animals in the rate; None: all alike.
    listed : ndarray of bool
        Animals about which something can be done, if they are hit.
    limits : tuple of str
        Codes of what the rule cannot see.
    """

    rule: str
    family: str
    severity: Severity = Severity.WARNING
    eligible: Rows
    measured: Days
    excess: Days
    name: str
    thresholds: Mapping[str, int]
    listed: Rows
    weights: NDArray[np.float64] | None = None
    limits: tuple[str, ...] = ()

    @property
    def hit(self) -> Rows:
        """Animals that the rule catches."""
        caught: Rows = self.eligible & (self.excess > 0)
        return caught
