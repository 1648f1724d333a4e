"""What happened on a farm between two exports, told by comparing them animal by animal."""

from dataclasses import dataclass, field
from datetime import date

from herd_engine.model.events import AnimalEvents

_SAME_FARM = 0.2
"""In four years so many animals of a herd are still on file, if those that left are exported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A fact that the newer export tells otherwise; days as ISO dates, other facts as they read."""

    animal: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What came to a herd between two exports; every list holds animal numbers, in the file's order.

    Attributes
    ----------
    from_date, to_date : date
        Report dates.
    before, after : int
        Animals on the farm; ``before + entered - gone = after``.
    shared : int
        Animals of the older herd that the newer export has, on the farm or not.
    born, bought, reappeared : tuple of str
        Entered: born since (or registered late), new to the file though older, and gone before.
    sold, dead, moved, left : tuple of str
        Left, by how the newer export says so; ``left``: it has an exit date and no word.
    undated : tuple of str
        Of those that left, the ones without a day.
    vanished : tuple of str
        Left: the newer export does not have them.
    calved : tuple of str
        On the farm both times, one lactation further.
    calved_and_left : tuple of str
        On the farm the first time only, one lactation further when they left.
    came_and_left : tuple of str
        Of neither herd: new to the file, and gone already.
    conceived : tuple of str
        A pregnancy that the older export did not know, of the same lactation.
    lost : tuple of str
        A pregnancy that is known no more, of the same lactation.
    served : tuple of str
        A later last insemination in the same lactation, not counting those that conceived.
    dried_off, flagged, unflagged : tuple of str
    corrected : tuple of Correction
        Birth dates, calvings and conceptions of the same lactation that changed, lactations that fell.
    skipped : tuple of str
        Two lactations further or more: a typing error, or exports long apart.
    id_reused : tuple of str
        The number is another animal's now: births differ by more than a month. The old one counts as
        vanished, the new one as entered.
    """

    from_date: date
    to_date: date
    before: int
    after: int
    shared: int
    born: tuple[str, ...] = ()
    bought: tuple[str, ...] = ()
    reappeared: tuple[str, ...] = ()
    sold: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    undated: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    calved: tuple[str, ...] = ()
    calved_and_left: tuple[str, ...] = ()
    came_and_left: tuple[str, ...] = ()
    conceived: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    dried_off: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    unflagged: tuple[str, ...] = ()
    corrected: tuple[Correction, ...] = ()
    skipped: tuple[str, ...] = ()
    id_reused: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """Days between the exports."""
        return (self.to_date - self.from_date).days

    @property
    def is_of_another_farm(self) -> bool:
        """Whether hardly any animal of the older herd is in the newer export."""
        return self.shared < _SAME_FARM * self.before

    @property
    def entered(self) -> int:
        """Animals that came."""
        return len(self.born) + len(self.bought) + len(self.reappeared)

    @property
    def gone(self) -> int:
        """Animals that are on the farm no more."""
        return sum(map(len, (self.sold, self.dead, self.moved, self.left, self.vanished)))

    def document(self) -> dict[str, object]:
        """Return the changes as plain data for JSON."""
        return {
            "schema": "herd-changes/1",
            "from": self.from_date.isoformat(),
            "to": self.to_date.isoformat(),
            "days": self.days,
            "shared": self.shared,
            "balance": {
                "before": self.before, "entered": self.entered, "left": self.gone, "after": self.after,
            },
            "events": {
                "left": {
                    "n": self.gone,
                    "with_date": self.gone - len(self.undated) - len(self.vanished),
                    **{name: list(getattr(self, name)) for name in
                       ("sold", "dead", "moved", "left", "undated", "vanished")},
                },
                "entered": {name: list(getattr(self, name)) for name in ("born", "bought", "reappeared")},
                **{name: list(getattr(self, name)) for name in
                   ("calved", "calved_and_left", "came_and_left", "conceived", "lost", "served", "dried_off",
                    "flagged", "unflagged", "skipped", "id_reused")},
                "corrected": [
                    {"animal": one.animal, "field": one.field, "old": one.old, "new": one.new}
                    for one in self.corrected
                ],
            },
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export of a farm's history.

    Attributes
    ----------
    name : str
    report_date : date
    counts : dict of str to int
        Animals by state.
    changes : Changes or None
        Since the export before; None for the first.
    """

    name: str
    report_date: date
    counts: dict[str, int]
    changes: Changes | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """The exports of a farm, oldest first, and what they tell together.

    Attributes
    ----------
    exports : tuple of Export
    events : AnimalEvents
        All dated facts of all exports, of the animals of the newest; days count from its report date.
    """

    exports: tuple[Export, ...]
    events: AnimalEvents = field(repr=False)

    def age(self, today: date) -> int | None:
        """Return how many days old the newest export is; None without any."""
        return (today - self.exports[-1].report_date).days if self.exports else None
