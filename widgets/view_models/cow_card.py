"""The card of an animal of the list that is looked at: made in the background when the first is asked for."""

from psygnal import Signal

from herd_engine.workbench import HerdFile
from herd_engine.workbench.cow_cards import CowCard, HerdCards
from widgets.view_models.work import FarmWork

MOST_ANIMALS = 100
"""To choose from, as many as the list shows."""


class ChosenCard:
    """The card that is shown.

    Attributes
    ----------
    animal : str
        That was chosen; empty before.
    cards : HerdCards or None
        Of the herd that is shown; None until the first card was asked for.
    is_reading : bool
    """

    changed = Signal()

    def __init__(self, work: FarmWork) -> None:
        self._work = work
        self.animal = ""
        self.cards: HerdCards | None = None
        self.is_reading = False
        self._herd_file: HerdFile | None = None
        work.changed.connect(self._follow)
        self._follow()

    @property
    def animals(self) -> tuple[str, ...]:
        """Of the list that is looked at, in its order."""
        sheet = self._work.sheet
        rows = () if sheet is None else sheet.of(self._work.shown)
        return tuple(dict.fromkeys(row.animal for row in rows))[:MOST_ANIMALS]

    @property
    def card(self) -> CowCard | None:
        """The card; None without one, and where the herd has no such animal."""
        if self.cards is None or self.animal not in self.cards.herd.animal_ids:
            return None
        return self.cards.card(self.animal)

    @property
    def currency(self) -> str | None:
        """Of the farm's prices."""
        prices = None if self.cards is None else self.cards.values.prices
        return None if prices is None else prices.currency

    def of_list(self) -> tuple[CowCard, ...]:
        """Return the cards of all animals to choose from."""
        if self.cards is None:
            return ()
        known = set(self.cards.herd.animal_ids.tolist())
        return tuple(self.cards.card(animal) for animal in self.animals if animal in known)

    def look_at(self, animal: str) -> None:
        """Show the card of an animal; empty: none."""
        self.animal = animal
        herd_file = self._work.herd_file
        if animal and self.cards is None and herd_file is not None and not self.is_reading:
            self.is_reading = True
            self._work.page.later(lambda: self._read(herd_file))
        self.changed.emit()

    def _read(self, herd_file: HerdFile) -> None:
        workbench = self._work.page.workbench
        try:
            values = workbench.values(herd_file, workbench.prices.used(), curve=workbench.milk_curve())
            cards = workbench.cards(herd_file, workbench.targets(), values=values)
            if herd_file is self._work.herd_file:  # else they are of a herd that is no longer shown
                self.cards = cards
        finally:
            self.is_reading = False
            self.changed.emit()

    def _follow(self) -> None:
        """Forget the cards of another herd, and an animal that is not on the list that is looked at."""
        if self._work.herd_file is not self._herd_file:
            self._herd_file, self.cards = self._work.herd_file, None
        if self.animal not in self.animals:
            self.animal = ""
        self.changed.emit()
