"""What somebody asked for: their own history, whoever else wants the same runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from herd_engine.errors import NotFoundError
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.run_rows import run_statuses
from herd_engine.storage.scope import Scope
from herd_engine.storage.submissions import SubmissionFilters
from herd_engine.workbench.answers import Asked, Listed, SubmissionAnswer, answer, run_answer


class Submissions:
    """One principal's wishes on one farm, each with its run."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept, self._rows = kept, kept.store.submissions

    @property
    def _scope(self) -> Scope:
        return Scope(self._kept.scope.farm_id, self._kept.access.owner)

    def get(self, submission_id: str, *, anybodys: bool = False) -> Asked:
        """Return a submission with its run; NotFoundError where it was deleted or is somebody else's.

        Parameters
        ----------
        submission_id : str
        anybodys : bool
            Of the farm, whoever asked.
        """
        scope = self._kept.scope if anybodys else self._scope
        row = self._rows.get(scope, submission_id)
        if row.hidden_at is not None:
            raise NotFoundError("submission", submission_id)
        return self._asked(row)

    def list(
        self,
        *,
        status: Sequence[str] = (),
        text: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> Listed[Asked]:
        """Return a page of submissions, newest first."""
        filters = _filters(status, text, created_after, created_before)
        page = self._rows.list_submissions(self._scope, filters, cursor, limit)
        return Listed(tuple(map(self._asked, page.items)), page.next_cursor)

    def numbered(
        self,
        page: int,
        limit: int,
        *,
        status: Sequence[str] = (),
        text: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
    ) -> tuple[tuple[Asked, ...], int]:
        """Return the ``page``-th page, counted from 1, and how many submissions there are in all."""
        filters = _filters(status, text, created_after, created_before)
        found = self._rows.counted(self._scope, filters, (page - 1) * limit, limit)
        return tuple(map(self._asked, found.items)), found.total

    def delete(self, ids: Sequence[str]) -> dict[str, Any]:
        """Delete submissions; a run goes with the last one, unless it is pinned, starred or not theirs.

        Returns
        -------
        dict
            ``deleted_ids``; ``skipped`` with the reasons ``not_found`` (also for an id that is repeated) and
            ``active``; ``files_left`` names the runs whose files could not be deleted.
        """
        reasons: list[dict[str, str]] = []
        deleted: list[str] = []
        for each in ids:
            reason = "not_found" if each in deleted else self._reason(each)
            if reason:
                reasons.append({"id": each, "reason": reason})
            else:
                deleted.append(each)
        unwanted = self._rows.hide(self._scope, deleted)
        may_write = self._kept.access.is_above_others
        gone = self._kept.delete(unwanted) if may_write and unwanted else None
        left = [each.id for each in gone.skipped if each.reason == "files_left"] if gone else []
        return {"deleted_ids": deleted, "skipped": reasons, "files_left": left}

    def _reason(self, submission_id: str) -> str:
        try:
            found = self.get(submission_id)
        except NotFoundError:
            return "not_found"
        return "active" if found.run.is_active else ""

    def _asked(self, row: Any) -> Asked:
        run = self._kept.get(row.run_id)
        return Asked(submission=answer(SubmissionAnswer, row, source=str(row.source)), run=run_answer(run))


def _filters(
    status: Sequence[str], text: str | None, after: datetime | None, before: datetime | None
) -> SubmissionFilters:
    statuses = tuple(each.value for each in run_statuses(status))
    return SubmissionFilters(statuses=statuses, text=text, created_from=after, created_to=before)
