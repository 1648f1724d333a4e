"""Files in and out: read as bytes, written whole or not at all, here or in a bucket."""

from herd_engine.datasets.identity import file_sha256 as sha256
from herd_engine.datasets.importers.bringing import bytes_of, zipped
from herd_engine.exports.atomic_write import make_folder, require_folder, write_atomically
from herd_engine.storage.files import FileStore, open_file_store

__all__ = [
    "FileStore",
    "bytes_of",
    "make_folder",
    "open_file_store",
    "require_folder",
    "sha256",
    "write_atomically",
    "zipped",
]
