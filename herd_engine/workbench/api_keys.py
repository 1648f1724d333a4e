"""Keys for programs: make, list, revoke, and tell who shows one."""

from collections.abc import Sequence

from herd_engine.model.visitor import Visitor
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.kept_api_keys import USUAL_DAYS, KeptApiKeys
from herd_engine.workbench.answers import ApiKey, NewApiKey, answer


class ApiKeys:
    """One's own keys, or all as the owner of the home."""

    def __init__(self, kept: KeptRuns) -> None:
        self._rows = KeptApiKeys(kept.store, kept.catalog.farms)

    def create(
        self, name: str, scopes: Sequence[str], farms: Sequence[str] = (), days: int = USUAL_DAYS
    ) -> NewApiKey:
        """Make a key with scopes that its maker has; as ``KeptApiKeys.create``."""
        key, row = self._rows.create(name, scopes, farms, days)
        return NewApiKey(key=key, api_key=answer(ApiKey, row))

    def list(self) -> tuple[ApiKey, ...]:
        """Return the keys, newest first, those that have ended among them."""
        return tuple(answer(ApiKey, row) for row in self._rows.list())

    def revoke(self, key: str) -> ApiKey:
        """End a key at once, by its id or its eight letters; NotFoundError."""
        return answer(ApiKey, self._rows.revoke(key))

    def who(self, key: str) -> Visitor | None:
        """Return who shows a key; None where it opens nothing."""
        return self._rows.who(key)

    def note_use(self, visitor: Visitor) -> None:
        """Write down that a key is used, at most once a minute."""
        self._rows.note_use(visitor)
