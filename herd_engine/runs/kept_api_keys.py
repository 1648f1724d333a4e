"""Keys for programs: made once, shown once, known by a keyed hash.

A key is ``hk_<8 letters>_<43 letters>_<6 hex digits>``: what names it, 256 random bits, and a checksum, so
that a mistyped one is told without a look at the store. Bits that many need no slow hash: HMAC-SHA-256 with
a pepper that is not in the database tells a key from a guess in microseconds.
"""

import hashlib
import hmac
import re
import secrets
import string
import uuid
import zlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from herd_engine.errors import ForbiddenError, ParameterError, StorageError
from herd_engine.model.visitor import ADMIN, EVERY_SCOPE, Visitor, implied
from herd_engine.runs.kept_farms import KeptFarms
from herd_engine.runs.store import Store
from herd_engine.settings import Settings, secret_text
from herd_engine.storage.access_key import secret
from herd_engine.storage.api_keys import ApiKeyRow, ApiKeyTable
from herd_engine.storage.tables import now

PEPPER, PEPPER_FILE = "HERD_API_PEPPER", "HERD_API_PEPPER_FILE"
HOME_PEPPER = "api.pepper"
LEAST_PEPPER_BYTES = 32
KEY = re.compile(r"hk_(?P<beginning>[a-z0-9]{8})_(?P<secret>[A-Za-z0-9_-]{43})_(?P<sum>[0-9a-f]{6})")
LETTERS = string.ascii_lowercase + string.digits
LONGEST_DAYS, USUAL_DAYS = 365, 90
STAMP = "key:"
"""Before the eight letters, on what is made with a key."""


def pepper(home: Path) -> bytes:
    """Return the pepper of this home: from ``HERD_API_PEPPER``, a file it names, or a file of the home.

    Raises
    ------
    ParameterError
        It is shorter than 32 bytes.
    StorageError
        Its file cannot be read.
    """
    said = Settings.read()
    given = secret_text(said.api_pepper)
    if said.api_pepper_file is not None:
        try:
            given = said.api_pepper_file.read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise StorageError(str(said.api_pepper_file), str(error)) from error
    found = (given or secret(home, HOME_PEPPER)).encode()
    if len(found) < LEAST_PEPPER_BYTES:
        raise ParameterError(PEPPER, "a shorter one", f"have at least {LEAST_PEPPER_BYTES} bytes")
    return found


def new_key() -> str:
    """Return a key that nobody had before."""
    beginning = "".join(secrets.choice(LETTERS) for _ in range(8))
    start = f"hk_{beginning}_{secrets.token_urlsafe(32)}"
    return f"{start}_{_checksum(start)}"


def visitor_of(row: ApiKeyRow) -> Visitor:
    """Return who asks with a key: what its maker may, within its own scopes and farms."""
    return Visitor(
        name=f"{STAMP}{row.beginning}",
        member=row.created_by,
        is_owner=row.by_owner,
        scopes=frozenset(row.scopes),
        farms=None if row.farms is None else frozenset(row.farms),
    )


class KeptApiKeys:
    """Keys that somebody may make, see and revoke: their own, or all as the owner of the home."""

    def __init__(self, store: Store, farms: KeptFarms) -> None:
        self._rows, self._home, self._farms = ApiKeyTable(store.database), store.settings.home, farms

    @property
    def _visitor(self) -> Visitor:
        return self._farms.access.visitor

    def create(
        self, name: str, scopes: Sequence[str], farms: Sequence[str] = (), days: int = USUAL_DAYS
    ) -> tuple[str, ApiKeyRow]:
        """Make a key, and return it: it cannot be shown again.

        Parameters
        ----------
        name : str
            What it is for.
        scopes : sequence of str
            No more than its maker has.
        farms : sequence of str
            Names or ids; all that its maker may see where none is named.
        days : int
            How long it lives, at most 365.

        Raises
        ------
        ParameterError, NotFoundError
        ForbiddenError
            The visitor does not have one of the scopes, or is a key: keys make no keys.
        """
        if not scopes or not set(scopes) <= EVERY_SCOPE:
            raise ParameterError("scopes", list(scopes), f"be some of {', '.join(sorted(EVERY_SCOPE))}")
        if not 1 <= days <= LONGEST_DAYS:
            raise ParameterError("days", days, f"be within 1 … {LONGEST_DAYS}")
        if self._visitor.member:
            raise ForbiddenError(ADMIN)
        chosen = [self._farms.find(farm) for farm in farms]
        held = frozenset[str]().union(
            *(self._farms.access.scopes(farm) for farm in chosen or self._farms.list(archived=True))
        )
        if lacking := sorted(implied(scopes) - held):
            raise ForbiddenError(lacking[0])
        key = new_key()
        row = ApiKeyRow(
            id=str(uuid.uuid4()),
            beginning=key.split("_")[1],
            name=name,
            hash=self._hash(key),
            scopes=tuple(sorted(set(scopes))),
            farms=tuple(farm.id for farm in chosen) or None,
            created_by=self._visitor.name,
            by_owner=self._visitor.is_owner,
            created_at=now(),
            expires_at=now() + timedelta(days=days),
            last_used_at=None,
            revoked_at=None,
        )
        return key, self._rows.add(row)

    def list(self) -> tuple[ApiKeyRow, ...]:
        """Return one's own keys, or all as the owner of the home, newest first."""
        return self._rows.list(self._whose())

    def revoke(self, key: str) -> ApiKeyRow:
        """End a key at once, by its id or its eight letters; NotFoundError."""
        return self._rows.revoke(key, self._whose(), self._visitor.name)

    def who(self, key: str) -> Visitor | None:
        """Return who shows a key; None where it is none, has ended, or was revoked."""
        found = KEY.fullmatch(key)
        if found is None or found["sum"] != _checksum(key.rpartition("_")[0]):
            return None
        row = self._rows.find(found["beginning"])
        # The hash is made either way: what is no key takes as long to refuse as one that has ended.
        if not hmac.compare_digest(self._hash(key), "" if row is None else row.hash):
            return None
        if row is None or not row.is_alive:
            return None
        return visitor_of(row)

    def note_use(self, visitor: Visitor) -> None:
        """Write down that a key is used, at most once a minute; nothing for who came without one."""
        row = self._rows.find(visitor.name.removeprefix(STAMP)) if visitor.name.startswith(STAMP) else None
        if row is not None:
            self._rows.note_use(row)

    def _whose(self) -> str | None:
        return None if self._visitor.is_owner and not self._visitor.member else self._visitor.name

    def _hash(self, key: str) -> str:
        return hmac.digest(pepper(self._home), key.encode(), hashlib.sha256).hex()


def _checksum(start: str) -> str:
    return f"{zlib.crc32(start.encode()) & 0xFFFFFF:06x}"
