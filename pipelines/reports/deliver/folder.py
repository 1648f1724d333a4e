"""Editions put into a folder, or under a prefix of a bucket."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from herd_engine.errors import DeliveryError, StorageError
from herd_engine.workbench.files import open_file_store
from pipelines.reports.manifest import MANIFEST, Manifest

KINDS = ("file", "s3")


class Folder(BaseModel):
    """A folder, or ``s3://bucket/prefix``, whose credentials come from the environment.

    A file is there whole or not at all, and the manifest comes last: an edition that has one is complete.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["folder"] = "folder"
    folder: str = Field(min_length=1)

    @field_validator("folder")
    @classmethod
    def _is_of_a_known_kind(cls, folder: str) -> str:
        kind, separator, _ = folder.partition("://")
        if separator and kind not in KINDS:
            raise ValueError("must be a folder, or s3://bucket/prefix")
        return folder

    @property
    def label(self) -> str:
        """What to call it."""
        return self.folder

    def deliver(self, manifest: Manifest, edition: Path) -> None:
        """Put the files of an edition there, as ``{report}/{date}/{id}/``.

        Raises
        ------
        DeliveryError
        """
        try:
            store = open_file_store(self.folder)
            for name in (*sorted(manifest.files), MANIFEST):
                store.put(f"{manifest.name}/{name}", (edition / name).read_bytes())
        except StorageError as error:
            raise DeliveryError(self.label, error.reason) from error
        except OSError as error:  # of the edition here
            raise DeliveryError(self.label, error.strerror or str(error)) from error
