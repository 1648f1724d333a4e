"""What of a file cannot be used, and whether a forecast may be made of the rest."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.contract.model import Limits
from herd_engine.datasets.statuses import STATUSES, UNKNOWN
from herd_engine.model.answers import Question
from herd_engine.model.left_out import NO_ANIMALS, losses
from herd_engine.model.quality import QualityIssue


def losses_question(
    n_rows: int,
    excluded: Mapping[str, int],
    damages: Mapping[str, int],
    lost_statuses: tuple[str, ...],
    limits: Limits,
) -> Question | None:
    """Return the question whether to go on without what cannot be used; None where that is little.

    Parameters
    ----------
    n_rows : int
        Of the file.
    excluded : mapping of str to int
        Rows left out by reason.
    damages : mapping of str to int
        Rows that stay without a day that they must have, by reason.
    lost_statuses : tuple of str
        Statuses none of whose animals can be used.
    limits : Limits
    """
    lost = losses(excluded)
    lost |= {reason: n for reason, n in damages.items() if n}
    animals = n_rows - sum(excluded.get(reason, 0) for reason in NO_ANIMALS)
    if sum(lost.values()) <= limits.lost_share * animals and not lost_statuses:
        return None
    return Question(
        code="ask_losses",
        field="accept_losses",
        subject=", ".join(lost_statuses),
        choices=("true",),
        samples=tuple({"reason": reason, "rows": str(n)} for reason, n in lost.items()),
        row_count=sum(lost.values()),
        option="--accept-losses",
    )


def lost_by_joining(issues: Sequence[QualityIssue], n_rows: int) -> dict[str, int]:
    """Return how many animals are missing by rows that are of no animal: as many of all as of its rows.

    Parameters
    ----------
    issues : sequence of QualityIssue
    n_rows : int
        Of the herd's table.
    """
    strange = [issue for issue in issues if issue.code == "rows_without_animal"]
    shares = [issue.row_count / float(str(issue.params["of"])) for issue in strange]
    return {"rows_without_animal": math.ceil(max(shares) * n_rows)} if shares else {}


def cut_question(n_rows: int) -> Question:
    """Return the question whether to go on with the rows of a file that ends in the middle of one."""
    return Question(
        code="ask_cut_short",
        field="accept_losses",
        subject="",
        choices=("true",),
        row_count=n_rows,
        option="--accept-losses",
    )


def wholly_lost(status: NDArray[np.int8], is_lost: NDArray[np.bool_], limits: Limits) -> tuple[str, ...]:
    """Return the statuses of which several rows are in the file and none can be used."""
    all_rows = np.bincount(status, minlength=len(STATUSES))
    lost = np.bincount(status[is_lost], minlength=len(STATUSES))
    return tuple(
        STATUSES[code].name
        for code in np.flatnonzero((lost == all_rows) & (lost >= limits.lost_class))
        if code != UNKNOWN
    )
