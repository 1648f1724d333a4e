"""Words of a contract, to be looked up however a file spells them."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

from herd_engine.datasets.contract.loading import shipped_contract
from herd_engine.datasets.contract.model import Contract
from herd_engine.datasets.spellings import normal_form, spellings

_HOW_WRITTEN = re.compile(
    r"[\s,]*[(\[]?(?:[dmyдмг]{1,4}[./-]){2}[dmyдмг]{1,4}[)\]]?$|\s*\((?:days|дней|дни|дн\.?|№|#|no\.?)\)$|\.+$"
)
"""What stands behind a name and says only how its cells are written: a form of dates, a unit, a full stop."""


def _may_be_misread(plain: str) -> bool:
    """Tell whether a text has letters that UTF-8 read as cp1251 is full of, and words are not."""
    return any(letter > "\x7f" and not "а" <= letter <= "я" for letter in plain)


class Words:
    """Texts and what they mean.

    Parameters
    ----------
    words_of : iterable of (str, iterable of str)
        Meaning and its words; one that ends with ``*`` also stands for longer texts.
    """

    def __init__(self, words_of: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._words = [(meaning, tuple(words)) for meaning, words in words_of]
        self._meaning = {normal_form(word.rstrip("*")): name for name, words in self._words for word in words}
        starts = {normal_form(w[:-1]): name for name, words in self._words for w in words if w[-1:] == "*"}
        self._starts = sorted(starts.items(), key=lambda item: -len(item[0]))

    def meaning(self, text: str) -> str | None:
        """Return what a text means; None for one that is not known."""
        plain = normal_form(text)
        found = self._meaning.get(plain)
        if found is None and _may_be_misread(plain):
            found = self._misread.get(plain)
        if found is None:
            found = next((name for start, name in self._starts if _begins(plain, start)), None)
        if found is None and (bare := _HOW_WRITTEN.sub("", plain)) != plain:
            found = self._meaning.get(bare)
        return found

    def is_plain(self, text: str) -> bool:
        """Tell whether a text is known as it is spelled."""
        return normal_form(text) in self._meaning

    @cached_property
    def _misread(self) -> Mapping[str, str]:
        return {
            spelling: name
            for name, words in self._words
            for word in words
            if not word.isascii()
            for spelling in spellings(word.rstrip("*"))
        }


def _begins(plain: str, start: str) -> bool:
    return plain.startswith(start) and not plain[len(start) : len(start) + 1].isalnum()


class Vocabulary:
    """The words of a contract by what they are words for."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.columns = Words(
            (column.name, filter(None, (column.name, column.heading, *column.aliases)))
            for column in contract.columns
        )
        self.statuses = Words((status.name, (status.name, *status.words)) for status in contract.statuses)
        sexes = contract.sexes
        self.sexes = Words([] if sexes is None else [("female", sexes.female), ("male", sexes.male)])
        missing = contract.missing
        self.missing = frozenset(map(_marker, missing.everywhere))
        self.missing_dates = self.missing | frozenset(map(_marker, missing.dates))
        self.missing_days = frozenset(day.toordinal() for day in missing.days)

    def is_word(self, text: str) -> bool:
        """Tell whether a text is a header or a status as the contract spells it."""
        return self.columns.is_plain(text) or self.statuses.is_plain(text)

    def is_missing(self, text: str, *, in_dates: bool) -> bool:
        """Tell whether a text that is not empty stands for nothing."""
        return _marker(text) in (self.missing_dates if in_dates else self.missing)


def _marker(text: str) -> str:
    return " ".join(text.casefold().split())


@lru_cache(maxsize=8)
def vocabulary(profile: str = "herd_export") -> Vocabulary:
    """Return the words of a profile's shipped contract."""
    return Vocabulary(shipped_contract(profile))
