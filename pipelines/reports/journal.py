"""What was made: a folder an edition under ``HERD_HOME/reports``, each there whole or not at all."""

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import lock_descriptor

from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.workbench.files import sha256, write_atomically
from pipelines.reports.manifest import MANIFEST, KeptFile, Manifest, ReportStatus


class Journal:
    """Editions of reports, by ``{report}/{date}/{id}``."""

    def __init__(self, home: Path) -> None:
        self.root = home / "reports"
        self._editions = self.root / "editions"

    def folder(self, manifest: Manifest) -> Path:
        """Return where the files of an edition are."""
        return self._editions / manifest.name

    @contextmanager
    def working_folder(self) -> Iterator[Path]:
        """Yield an empty folder that is gone afterwards; what a killed process left goes, too."""
        place = self.root / "working"
        place.mkdir(parents=True, exist_ok=True)
        self._sweep(place)
        folder = place / secrets.token_hex(8)
        with (place / f"{folder.name}.lock").open("w") as lock:
            lock_descriptor(lock.fileno())  # the system frees the lock of a process that died
            folder.mkdir()
            try:
                yield folder
            finally:
                shutil.rmtree(folder)
                Path(lock.name).unlink()

    def _sweep(self, place: Path) -> None:
        for path in place.glob("*.lock"):
            with suppress(FileNotFoundError), path.open() as lock:
                if lock_descriptor(lock.fileno(), blocking=False):
                    shutil.rmtree(path.with_suffix(""), ignore_errors=True)
                    path.unlink()

    def keep(self, manifest: Manifest, folder: Path, names: tuple[str, ...]) -> Manifest:
        """Keep these files of a folder as an edition; one of the same id and date is replaced."""
        found = [folder / name for name in dict.fromkeys(names) if (folder / name).exists()]
        files = {
            path.name: KeptFile(sha256=sha256(path.read_bytes()), n_bytes=path.stat().st_size)
            for path in found
        }
        manifest = manifest.model_copy(update={"files": files})
        write_atomically(folder / MANIFEST, _text(manifest))
        fresh, target = folder / "edition", self.folder(manifest)
        fresh.mkdir()
        for path in [*found, folder / MANIFEST]:
            path.replace(fresh / path.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.replace(folder / "before")
        fresh.replace(target)
        return manifest

    def note(self, manifest: Manifest) -> None:
        """Write what became known of an edition after it was kept."""
        write_atomically(self.folder(manifest) / MANIFEST, _text(manifest))

    def read(self, manifest: Manifest) -> Manifest:
        """Return what is known of an edition by now."""
        return Manifest.model_validate_json((self.folder(manifest) / MANIFEST).read_bytes())

    def editions(self) -> list[Manifest]:
        """Return all editions, newest first."""
        found = [
            Manifest.model_validate_json(path.read_bytes())
            for path in self._editions.glob(f"*/*/*/{MANIFEST}")
        ]
        return sorted(found, key=lambda manifest: manifest.started_at, reverse=True)

    def finished(self, report: str, edition_id: str) -> Manifest | None:
        """Return the newest edition of this id that succeeded, whatever its date."""
        paths = sorted(self._editions.glob(f"{report}/*/{edition_id}/{MANIFEST}"), reverse=True)
        manifests = (Manifest.model_validate_json(path.read_bytes()) for path in paths)
        return next((item for item in manifests if item.status is ReportStatus.SUCCEEDED), None)

    def before(self, series: str, edition_id: str) -> Manifest | None:
        """Return the newest edition of a series that succeeded and is not this one."""
        return next(
            (
                item
                for item in self.editions()
                if item.series == series and item.id != edition_id and item.status is ReportStatus.SUCCEEDED
            ),
            None,
        )

    def find(self, beginning: str) -> Manifest:
        """Return the newest edition whose id begins so.

        Raises
        ------
        ParameterError
            Several begin so.
        NotFoundError
        """
        found = [item for item in self.editions() if beginning and item.id.startswith(beginning)]
        if len({item.id for item in found}) > 1:
            raise ParameterError("edition", beginning, "name one edition; several begin so")
        if not found:
            raise NotFoundError("edition", beginning)
        return found[0]

    def prune(self, series: str, keep: int) -> None:
        """Delete all but the newest editions of a series."""
        for manifest in [item for item in self.editions() if item.series == series][keep:]:
            shutil.rmtree(self.folder(manifest))


def _text(manifest: Manifest) -> bytes:
    return (json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n").encode()
