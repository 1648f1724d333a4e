"""An edition brought to its destinations; what fails is tried again, then told."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Protocol

from herd_engine.errors import DeliveryError
from pipelines.reports.manifest import Delivery, Manifest


class Destination(Protocol):
    """Takes editions."""

    def deliver(self, manifest: Manifest, edition: Path) -> None:
        """Take an edition, or raise DeliveryError."""


def undelivered(manifest: Manifest, destinations: Mapping[str, Destination]) -> dict[str, Destination]:
    """Return the destinations that an edition has not arrived at."""
    arrived = {item.destination for item in manifest.deliveries if not item.error}
    return {name: place for name, place in destinations.items() if name not in arrived}


def send(
    manifest: Manifest,
    edition: Path,
    destination: tuple[str, Destination],
    *,
    attempts: int,
    pause_seconds: float,
    stop: Event,
) -> Delivery:
    """Bring an edition to one destination.

    Parameters
    ----------
    manifest : Manifest
    edition : Path
        Folder of its files.
    destination : tuple of str and Destination
        Under its name.
    attempts : int
    pause_seconds : float
        Before the second attempt; twice as long before each further one.
    stop : Event
        Ends the waiting.
    """
    name, place = destination
    error = ""
    for attempt in range(1, attempts + 1):
        try:
            place.deliver(manifest, edition)
        except DeliveryError as refused:
            error = str(refused)
            if not refused.again or attempt == attempts or stop.wait(pause_seconds):
                break
            pause_seconds *= 2
        else:
            error = ""
            break
    return Delivery(destination=name, attempts=attempt, error=error, at=datetime.now(UTC))
