"""What the farm software's statuses say about an animal."""

from dataclasses import dataclass

from herd_engine.datasets.spellings import normal_form, spellings
from herd_engine.model.animals import Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One status: its English name, its names in files, and where the animal is."""

    name: str
    in_files: tuple[str, ...]
    presence: Presence = Presence.ON_FARM


STATUSES = (
    Status(name="heifer", in_files=("Телка",)),
    Status(name="fresh", in_files=("Новотельное животное", "Новотельная")),
    Status(name="ready_for_breeding", in_files=("Готова к осеменению", "open")),
    Status(name="inseminated", in_files=("Осемененная",)),
    Status(name="pregnant", in_files=("Стельная",)),
    Status(name="dry", in_files=("В сухостое",)),
    Status(name="late_dry", in_files=("В позднем сухостое", "close-up")),
    Status(name="cull_flagged", in_files=("Брак", "cull"), presence=Presence.CULL_FLAGGED),
    Status(name="sold", in_files=("Продана",), presence=Presence.SOLD),
    Status(name="dead", in_files=("Мертвое животное", "died"), presence=Presence.DEAD),
    Status(name="moved", in_files=("Перемещена", "transferred"), presence=Presence.MOVED),
    # Any other text, and none: the animal counts as present.
    Status(name="unknown", in_files=()),
)
UNKNOWN = len(STATUSES) - 1

_CODE_OF = {
    spelling: code
    for code, status in enumerate(STATUSES)
    for name in (status.name, *status.in_files)
    for spelling in spellings(name)
}


def status_code(text: str) -> int:
    """Return the position in ``STATUSES`` of what a status text means.

    Examples
    --------
    >>> STATUSES[status_code("Брак")].presence
    <Presence.CULL_FLAGGED: 'cull_flagged'>
    """
    return _CODE_OF.get(normal_form(text), UNKNOWN)
