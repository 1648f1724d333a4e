"""Requests that carry a key: repeated, they get the answer that they got, and nothing is done twice.

A key belongs to one principal, farm, method and route. A fingerprint tells what it was used for: the same
key with another is a conflict. The answer is written in the transaction of the effect, and kept for a day.
"""

import re
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from herd_engine.errors import ConflictError, ParameterError
from herd_engine.storage.database import Database
from herd_engine.storage.farms import lock_farm
from herd_engine.storage.run_rows import JsonObject
from herd_engine.storage.tables import idempotency, now

KEY = re.compile(r"[!-~]{1,255}")
KEY_RULE = "have 1 … 255 letters, digits and signs of ASCII, without spaces"
KEPT_HOURS = 24
FINISHED, UNDER_WAY = "finished", "under way"
LEASE_SECONDS = 60
"""A request that began so long ago and has not ended is carried out anew: its process is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A request as its key names it.

    Attributes
    ----------
    principal, farm_id : str
    method, route : str
        What is asked for, such as ``POST`` and ``runs``.
    key : str
        1 … 255 visible characters of ASCII.
    fingerprint : str
        Equal for equal content.
    """

    principal: str
    farm_id: str
    method: str
    route: str
    key: str
    fingerprint: str

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise ParameterError("idempotency_key", self.key[:255], KEY_RULE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What a request was answered."""

    status: int
    headers: dict[str, str]
    body: JsonObject


class KeyedRequests:
    """Requests that take their time: the key is taken first, the answer is kept when there is one.

    Their effects must stand being carried out twice, as that of a file that is known by its content: a
    process that is killed between effect and answer leaves a key that is given up after its lease.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, request: KeyedRequest) -> KeptAnswer | None:
        """Take a key, or return the answer that the request got already.

        Raises
        ------
        ConflictError
            The key was used for something else, or the same request is under way.
        """
        moment = now()
        with self._database.transaction() as connection:
            lock_farm(connection, request.farm_id)
            connection.execute(sa.delete(idempotency).where(idempotency.c.expires_at <= moment))
            row = connection.execute(sa.select(idempotency).where(_same_key(request))).one_or_none()
            if row is None:
                self._insert(connection, request, moment + timedelta(seconds=LEASE_SECONDS))
                return None
        if row.fingerprint != request.fingerprint:
            raise _reused(request)
        if row.state != FINISHED:
            message = f"The request with the key {request.key!r} is under way."
            raise ConflictError(message, "key_in_progress", request.key)
        return KeptAnswer(status=row.status, headers=dict(row.headers or {}), body=dict(row.body))

    def finish(self, request: KeyedRequest, answer: KeptAnswer) -> None:
        """Keep the answer of a request that was carried out."""
        values = asdict(answer) | {"state": FINISHED, "expires_at": now() + timedelta(hours=KEPT_HOURS)}
        with self._database.transaction() as connection:
            connection.execute(sa.update(idempotency).where(_same_key(request)).values(**values))

    def give_up(self, request: KeyedRequest) -> None:
        """Let a request be carried out anew: it had no answer that is worth keeping."""
        with self._database.transaction() as connection:
            connection.execute(sa.delete(idempotency).where(_same_key(request)))

    def _insert(self, connection: sa.Connection, request: KeyedRequest, expires_at: datetime) -> None:
        values = {"id": str(uuid.uuid4()), "state": UNDER_WAY, "created_at": now(), "expires_at": expires_at}
        connection.execute(sa.insert(idempotency).values(**asdict(request), **values))


def kept_answer(connection: sa.Connection, request: KeyedRequest) -> JsonObject | None:
    """Return the answer that this request got already; None for the first.

    Raises
    ------
    ConflictError
        The key was used for something else.
    """
    row = connection.execute(
        sa.select(idempotency).where(_same_key(request), idempotency.c.expires_at > now())
    ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != request.fingerprint:
        raise _reused(request)
    return dict(row.body)


def keep_answer(connection: sa.Connection, request: KeyedRequest, body: JsonObject) -> None:
    """Keep the answer of a request, in the transaction of its effect; what has expired goes."""
    moment = now()
    connection.execute(
        sa.delete(idempotency).where(sa.or_(idempotency.c.expires_at <= moment, _same_key(request)))
    )
    connection.execute(
        sa.insert(idempotency).values(
            id=str(uuid.uuid4()),
            **asdict(request),
            state=FINISHED,
            body=body,
            created_at=moment,
            expires_at=moment + timedelta(hours=KEPT_HOURS),
        )
    )


def _reused(request: KeyedRequest) -> ConflictError:
    message = f"The idempotency key {request.key!r} was used for another run or with other wishes."
    return ConflictError(message, "key_reused", request.key)


def _same_key(request: KeyedRequest) -> sa.ColumnElement[bool]:
    return sa.and_(
        idempotency.c.principal == request.principal,
        idempotency.c.farm_id == request.farm_id,
        idempotency.c.method == request.method,
        idempotency.c.route == request.route,
        idempotency.c.key == request.key,
    )
