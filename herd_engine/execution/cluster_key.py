"""Who may speak to the Dask cluster of `herd up`: whoever can read one file of its home, nobody else.

A Dask scheduler executes what it is sent, and every user of a machine reaches its loopback ports. So ours
speaks TLS alone, and both sides of each connection show the one certificate that stands, with its key,
beside the scheduler file.
"""

import os
from pathlib import Path

from distributed.security import Security

KEY_FILE = "cluster.pem"


def new_cluster_key(scheduler_file: Path) -> Path:
    """Make certificate and key of a cluster that is about to start, readable by this user alone."""
    path = scheduler_file.with_name(KEY_FILE)
    made = Security.temporary()  # type: ignore[no-untyped-call]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(made.tls_client_cert + made.tls_client_key)
    return path


def key_options(key: Path) -> tuple[str, ...]:
    """Return the options with which Dask's programs use a key; its path is no secret."""
    return ("--tls-ca-file", str(key), "--tls-cert", str(key), "--tls-key", str(key))


def security_beside(scheduler_file: str | None) -> Security | None:
    """Return how to speak to a cluster of ours; None for others, to which Dask's own settings apply."""
    key = None if scheduler_file is None else Path(scheduler_file).with_name(KEY_FILE)
    if key is None or not key.exists():
        return None
    path = str(key)
    return Security(  # type: ignore[no-untyped-call]
        require_encryption=True, tls_ca_file=path, tls_client_cert=path, tls_client_key=path
    )
