"""Where things are kept on this machine, and the key to it."""

from herd_engine.runs.home import owners_alone
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.storage.access_key import KEY_FILE, access_key, with_key

__all__ = ["KEY_FILE", "StoreSettings", "access_key", "owners_alone", "require_usable", "with_key"]


def require_usable(settings: StoreSettings) -> None:
    """Open what is kept once, brought up to date: what is wrong with it is raised here."""
    Store(settings).close()
