"""What a file's statuses say about an animal; the words themselves stand in the contract."""

from dataclasses import dataclass

from herd_engine.datasets.contract.loading import shipped_contract
from herd_engine.datasets.contract.vocabulary import vocabulary
from herd_engine.model.animals import Presence

_PRESENCES = {presence.value: presence for presence in Presence}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One status: its English name, its names in files, where the animal is, and what it must be.

    ``is_male`` and ``is_undecided`` rows have no presence of their own: males are left out, and the
    others' dates say whether they are sold or flagged.
    """

    name: str
    in_files: tuple[str, ...]
    presence: Presence = Presence.ON_FARM
    is_a: str | None = None
    is_male: bool = False
    is_undecided: bool = False


STATUSES = (
    *(
        Status(
            name=status.name,
            in_files=status.words,
            presence=_PRESENCES.get(status.presence, Presence.ON_FARM),
            is_a=status.is_,
            is_male=status.presence == "male",
            is_undecided=status.presence == "undecided",
        )
        for status in shipped_contract("herd_export").statuses
    ),
    # Any other text, and none.
    Status(name="unknown", in_files=()),
)
UNKNOWN = len(STATUSES) - 1
CODE_OF_NAME = {status.name: code for code, status in enumerate(STATUSES)}


def status_code(text: str) -> int:
    """Return the position in ``STATUSES`` of what a status text means.

    Examples
    --------
    >>> STATUSES[status_code("Брак")].presence
    <Presence.CULL_FLAGGED: 'cull_flagged'>
    """
    return CODE_OF_NAME.get(vocabulary().statuses.meaning(text) or "", UNKNOWN)
