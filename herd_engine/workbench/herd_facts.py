"""Facts of a farm's kept herd files as tables: counts, calvings, conceptions, exits by month and parity."""

from contextlib import closing
from typing import TYPE_CHECKING, Any

from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.kept_facts import KeptFacts
from herd_engine.storage.outputs.herd_facts import VIEWS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["VIEWS", "HerdFacts"]


class HerdFacts:
    """Facts of one farm; views are brought in step with its files when they are asked."""

    def __init__(self, kept: KeptRuns) -> None:
        self._kept = kept

    def refresh(self) -> int:
        """Bring the tables in step with the farm's files; return how many exports came or went."""
        with closing(KeptFacts(self._kept)) as facts:
            return facts.refresh()

    def check(self) -> tuple[str, ...]:
        """Return what the tables hold otherwise than the kept files, in words; nothing is changed."""
        with closing(KeptFacts(self._kept)) as facts:
            return facts.check()

    def rows(self, view: str) -> list[dict[str, Any]]:
        """Return the rows of a view, one of ``VIEWS``; ParameterError."""
        rows: list[dict[str, Any]] = self._view(view).to_pylist()
        return rows

    def frame(self, view: str) -> "pd.DataFrame":
        """Return the rows of a view as a frame, its months and report dates as days; ParameterError."""
        import pandas as pd  # noqa: PLC0415 - for those who ask for frames alone

        asked = self._view(view)
        found = pd.DataFrame(asked.to_pylist(), columns=asked.column_names)
        return found.assign(**{n: pd.to_datetime(found[n]) for n in ("month", "report_date") if n in found})

    def _view(self, view: str) -> "pa.Table":
        with closing(KeptFacts(self._kept)) as facts:
            return facts.view(view)
