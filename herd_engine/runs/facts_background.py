"""While a runner works, the tables of herd facts follow the files that are kept: keeping one never waits."""

from contextlib import closing

from herd_engine.model.source import Source
from herd_engine.model.visitor import Visitor
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.kept_facts import KeptFacts
from herd_engine.runs.store import Store


class FollowingFacts:
    """Brings the tables of every farm in step when its files are others than at the last look."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[str, frozenset[str]] = {}

    def catch_up(self) -> int:
        """Return how many exports were added to the tables, or taken out.

        Raises
        ------
        HerdError
            The tables cannot be written; the next look tries again.
        """
        kept = self._store.datasets.rows.by_farm()
        changed = 0
        for farm_id in sorted(kept.keys() | self._seen.keys()):
            files = kept.get(farm_id, frozenset())
            if files == self._seen.get(farm_id, frozenset()):
                continue
            runs = KeptRuns(self._store, Visitor.at_the_machine("runner"), farm_id, Source.PLAN)
            with closing(KeptFacts(runs)) as facts:
                changed += facts.refresh()
            self._seen[farm_id] = files
        return changed
