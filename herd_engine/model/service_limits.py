"""What of the service can be switched off while it runs, and how much may be asked of it."""

import re
from enum import StrEnum

EVERYWHERE = "*"
"""In place of a farm: on all of them."""
EVERYBODY = ""
"""In place of a person: all of a farm together."""


class ServiceFlag(StrEnum):
    """What can be switched off; everything is on unless somebody says otherwise."""

    OUTPUTS = "outputs"
    CSV = "csv"
    STREAMING = "streaming"
    SHARING = "sharing"


FLAG_MEANINGS = {
    ServiceFlag.OUTPUTS: "rows of results",
    ServiceFlag.CSV: "results as CSV",
    ServiceFlag.STREAMING: "streams and WebSockets; who watches asks again and again",
    ServiceFlag.SHARING: "tickets: addresses that open something once for whoever has them",
}
STREAM, QUEUE = "stream", "queue"
HEAVY_AT_ONCE, UPLOAD_KIB = "heavy_at_once", "upload_kib"
COUNTED = (STREAM, QUEUE, HEAVY_AT_ONCE)
"""How many at once; all others are how many in which time."""
CLASSES = ("read", "heavy", "write", "submit", "upload")
"""What a request counts as; of uploads the KiB are counted, too."""
PERSON_CLASSES = (*CLASSES, STREAM, HEAVY_AT_ONCE, UPLOAD_KIB)
FARM_CLASSES = (*CLASSES, QUEUE, HEAVY_AT_ONCE, UPLOAD_KIB)
RATE = re.compile(r"[1-9]\d{0,9}/([1-9]\d{0,5} )?(second|minute|hour|day)")
COUNT = re.compile(r"\d{1,9}")


def is_limit(kind: str, text: str) -> bool:
    """Tell whether this is how much of a class may be asked for: ``60/2 second``, or of some a number."""
    return (COUNT if kind in COUNTED else RATE).fullmatch(text) is not None
