"""Whether a herd file holds the dates of breeding that a forecast of calvings lives on."""

from collections.abc import Iterator

import numpy as np

from herd_engine.datasets.animal_rows import AnimalRows
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.model.animals import Presence
from herd_engine.model.quality import QualityIssue

JUDGED_FROM_DAYS, JUDGED_TO_DAYS = 200, 330
"""After calving. By then a pregnancy of the first services is long confirmed, and none has ended yet. No
other cows are asked: in a herd with a calving season there is a time when no pregnancy can be on file."""
FEWEST_TO_REFUSE, FEWEST_TO_JUDGE = 10, 20
LOWEST_SHARE, LOW_SHARE = 0.2, 0.45
"""Of such cows in calf. Where only one open cow in ten conceives in three weeks, as in a poor herd, 55 % are:
of 10 cows one or none with a chance of 1 in 200. Nine in ten are usual; half of them are 45 %."""
DATED_SHARE = 0.5


def breeding_issues(rows: AnimalRows) -> Iterator[QualityIssue]:
    """Report conceptions that are not on file though they must have been, and inseminations that are not."""
    is_bred = rows.is_present & ~rows.has_presence(Presence.CULL_FLAGGED)
    is_pregnant = np.isfinite(rows.conception)
    days = -rows.calving
    judged = is_bred & (rows.lactation > 0) & (days >= JUDGED_FROM_DAYS) & (days < JUDGED_TO_DAYS)
    cows, in_calf = int(judged.sum()), int((judged & is_pregnant).sum())
    if cows >= FEWEST_TO_REFUSE and in_calf < LOWEST_SHARE * cows:
        yield make_issue("no_conceptions_recorded", cows=cows, pregnant=in_calf)
    elif cows >= FEWEST_TO_JUDGE and in_calf < LOW_SHARE * cows:
        yield make_issue("few_conceptions_recorded", cows=cows, pregnant=in_calf)
    dated = is_bred & is_pregnant & np.isfinite(rows.insemination)
    n_pregnant, n_dated = int((is_bred & is_pregnant).sum()), int(dated.sum())
    if n_pregnant >= FEWEST_TO_JUDGE and n_dated < DATED_SHARE * n_pregnant:
        yield make_issue("few_inseminations_recorded", pregnant=n_pregnant, dated=n_dated)
