"""Requests that carry a key: repeated, they get the answer that they got, and nothing is done twice."""

from dataclasses import dataclass
from typing import Any

from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.idempotency import KeptAnswer, KeyedRequest, KeyedRequests


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """An answer that was given before."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


class Keyed:
    """One request of one principal on one farm.

    Parameters
    ----------
    kept : KeptRuns
    method, route, key, fingerprint : str
        What is asked for, by which key; equal content has equal fingerprints.
    """

    def __init__(self, kept: KeptRuns, method: str, route: str, key: str, fingerprint: str) -> None:
        self._rows = KeyedRequests(kept.store.database)
        self._request = KeyedRequest(
            principal=kept.access.owner,
            farm_id=kept.scope.farm_id,
            method=method,
            route=route,
            key=key,
            fingerprint=fingerprint,
        )

    def begin(self) -> Replayed | None:
        """Take the key, or return what was answered before; ConflictError where neither can be."""
        found = self._rows.begin(self._request)
        if found is None:
            return None
        return Replayed(status=found.status, headers=found.headers, body=found.body)

    def finish(self, answer: Replayed) -> None:
        """Keep the answer for a day."""
        kept = KeptAnswer(status=answer.status, headers=answer.headers, body=answer.body)
        self._rows.finish(self._request, kept)

    def give_up(self) -> None:
        """Let the request be carried out anew."""
        self._rows.give_up(self._request)
