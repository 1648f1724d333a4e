"""The chain of manifests of a farm: every published run, for ever, also when its files are pruned."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from herd_engine.model.run_status import RunStatus
from herd_engine.storage.database import Database
from herd_engine.storage.run_rows import RunRow
from herd_engine.storage.scope import row_as
from herd_engine.storage.tables import manifest_ledger, now, run


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One link of a farm's chain.

    Attributes
    ----------
    seq : int
        1, 2, 3 … per farm.
    farm_id, run_id, run_hash, manifest_hash : str
    chain_previous : str or None
        Manifest hash of the link before; None on the first.
    link_hash : str
        SHA-256 of all of the above and of the link hash before: no field can be changed alone.
    pruned_at : datetime or None
        When the run was deleted.
    """

    seq: int
    farm_id: str
    run_id: str
    run_hash: str
    manifest_hash: str
    chain_previous: str | None
    link_hash: str
    pruned_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChainFault:
    """A link that does not hold; ``seq`` is None where the link of a run is missing."""

    run_id: str
    seq: int | None
    reason: str


class ManifestLedger:
    """Read and verify the chain of a farm; publishing a run writes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, farm_id: str) -> tuple[LedgerRow, ...]:
        """Return the whole chain from its first link."""
        with self._database.reading() as connection:
            return _entries(connection, farm_id)

    def verify(self, farm_id: str) -> tuple[ChainFault, ...]:
        """Walk the chain and return what is wrong with it; nothing where it holds.

        Notes
        -----
        Finds any link that was changed, removed or put in, and runs that lost theirs. That the manifests
        in the file store have the hashes written here is for the caller to see.
        """
        with self._database.reading() as connection:
            entries = _entries(connection, farm_id)
            published = connection.execute(
                sa.select(run.c.id, run.c.manifest_hash).where(
                    run.c.farm_id == farm_id, run.c.status == RunStatus.SUCCEEDED
                )
            ).all()
        links = {entry.run_id: entry.manifest_hash for entry in entries}
        return (*_broken_links(entries), *_wrong_runs(published, links))


def append_to_ledger(connection: sa.Connection, published: RunRow, manifest_hash: str) -> None:
    """Add the link of a run; the caller holds the lock of its farm."""
    last = connection.execute(
        sa.select(manifest_ledger)
        .where(manifest_ledger.c.farm_id == published.farm_id)
        .order_by(manifest_ledger.c.seq.desc())
        .limit(1)
    ).one_or_none()
    values = {
        "seq": last.seq + 1 if last else 1,
        "farm_id": published.farm_id,
        "run_id": published.id,
        "run_hash": published.run_hash,
        "manifest_hash": manifest_hash,
        "chain_previous": last.manifest_hash if last else None,
    }
    link_hash = _link_hash(last.link_hash if last else None, values)
    connection.execute(sa.insert(manifest_ledger).values(link_hash=link_hash, **values))


def mark_pruned(connection: sa.Connection, run_ids: Sequence[str]) -> None:
    """Leave a tombstone in the links of deleted runs."""
    links = manifest_ledger.c.run_id.in_(run_ids)
    connection.execute(sa.update(manifest_ledger).where(links).values(pruned_at=now()))


def _entries(connection: sa.Connection, farm_id: str) -> tuple[LedgerRow, ...]:
    query = sa.select(manifest_ledger).where(manifest_ledger.c.farm_id == farm_id)
    rows = connection.execute(query.order_by(manifest_ledger.c.seq))
    return tuple(row_as(LedgerRow, row) for row in rows)


def _link_hash(previous: str | None, values: dict[str, Any]) -> str:
    return hashlib.sha256("\n".join(map(str, (previous, *values.values()))).encode()).hexdigest()


def _broken_links(entries: Sequence[LedgerRow]) -> list[ChainFault]:
    faults = []
    manifest_hash = link_hash = None
    for seq, entry in enumerate(entries, start=1):
        names = ("seq", "farm_id", "run_id", "run_hash", "manifest_hash", "chain_previous")
        expected = _link_hash(link_hash, {name: getattr(entry, name) for name in names})
        if entry.seq != seq:
            faults.append(ChainFault(entry.run_id, entry.seq, f"link {seq} is missing"))
        elif entry.chain_previous != manifest_hash:
            faults.append(ChainFault(entry.run_id, entry.seq, "it does not follow the link before"))
        elif entry.link_hash != expected:
            faults.append(ChainFault(entry.run_id, entry.seq, "its link was changed"))
        manifest_hash, link_hash = entry.manifest_hash, entry.link_hash
    return faults


def _wrong_runs(published: Sequence[sa.Row[Any, Any]], links: dict[str, str]) -> list[ChainFault]:
    return [
        ChainFault(row.id, None, "its manifest is not the one in the chain")
        for row in published
        if links.get(row.id) != row.manifest_hash
    ]
