"""Who is on the farm where a status word does not say so: decided by counts that stand still, else asked."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import AnimalRows
from herd_engine.datasets.issue_kinds import shown
from herd_engine.datasets.spellings import normal_form
from herd_engine.datasets.statuses import CODE_OF_NAME, STATUSES, UNKNOWN, Status
from herd_engine.datasets.text_table import TextColumn
from herd_engine.model.animals import Presence
from herd_engine.model.answers import Question

Mask = NDArray[np.bool_]

_TOLERATED_DAYS = 3
_OVERDUE_DAYS, _LONGEST_PREGNANCY = 30, 310
_FEWEST_TO_DOUBT = 3
_DOUBTED_SHARE = 0.5
_CHOICES = tuple(status.name for status in STATUSES if status.name != "unknown" and not status.is_undecided)
_SHOWN_ANIMALS = 5
_DRY = (CODE_OF_NAME["dry"], CODE_OF_NAME["late_dry"])


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedPresence:
    """Rows whose statuses say who is there, and what had to be asked for it."""

    rows: AnimalRows
    questions: tuple[Question, ...]


def decide_presence(
    rows: AnimalRows,
    words: TextColumn,
    answered: frozenset[str],
    recalled: frozenset[str] = frozenset(),
) -> DecidedPresence:
    """Decide what words mean for who is on the farm.

    Parameters
    ----------
    rows : AnimalRows
        Days counted from the report date.
    words : TextColumn
        Statuses as in the file, of these rows.
    answered : frozenset of str
        Normal forms of words whose meaning somebody has told: these are not doubted.
    recalled : frozenset of str
        Of words whose meaning somebody told of an earlier file: doubted where this one says the contrary.
    """
    is_open = np.isnan(rows.archive)
    left, here = _has_left(rows), _is_here(rows)
    status = rows.status.copy()
    questions = []
    for code in np.unique(words.codes):
        of_word = words.codes == code
        word = words.distinct[code]
        if normal_form(word) in answered:
            continue
        open_ones = of_word & is_open
        meant = STATUSES[status[np.argmax(of_word)]]
        doubted = np.zeros(len(status), bool)
        if meant.is_undecided:
            status[of_word] = CODE_OF_NAME["sold"]
            status[open_ones] = _decided(here[open_ones], left[open_ones])
            doubted = open_ones & (status == UNKNOWN)
        elif _is_doubted(meant, here[open_ones], left[open_ones], is_blank=not word) or (
            normal_form(word) in recalled and _is_belied(meant, here[open_ones], left[open_ones])
        ):
            doubted = open_ones
        if doubted.any():
            questions.append(_question(word, rows, doubted, left, is_undecided=meant.is_undecided))
    return DecidedPresence(rows=replace(rows, status=status), questions=tuple(questions))


def _decided(here: Mask, left: Mask) -> NDArray[np.int8]:
    """Return flagged or sold for animals of a word that means either; ``UNKNOWN`` where nothing tells.

    Where all that tell say one thing, the others are that too: a farm uses a word in one way.
    """
    codes = np.full(len(here), UNKNOWN, np.int8)
    codes[here] = CODE_OF_NAME["cull_flagged"]
    codes[left] = CODE_OF_NAME["sold"]
    told = np.unique(codes[here | left])
    if len(told) == 1 and (here | left).sum() >= _FEWEST_TO_DOUBT:
        codes[:] = told[0]
    return codes


def _is_doubted(meant: Status, here: Mask, left: Mask, *, is_blank: bool) -> bool:
    """Tell whether a word must be asked about, from its animals without an archive date."""
    n_here, n_left = int(here.sum()), int(left.sum())
    if meant.name == "unknown" and not is_blank:
        return len(here) > 0 and (n_left > 0 or 2 * n_here < len(here))
    if meant.presence not in (Presence.ON_FARM, Presence.CULL_FLAGGED):
        return False  # a word that says that an animal left is believed
    return n_left >= _FEWEST_TO_DOUBT and n_left > _DOUBTED_SHARE * (n_here + n_left)


def _is_belied(meant: Status, here: Mask, left: Mask) -> bool:
    """Tell whether most animals of a word that says that they left are still milked or pregnant."""
    n_here, n_left = int(here.sum()), int(left.sum())
    is_gone = meant.presence not in (Presence.ON_FARM, Presence.CULL_FLAGGED)
    return is_gone and n_here >= _FEWEST_TO_DOUBT and n_here > _DOUBTED_SHARE * (n_here + n_left)


def _is_here(rows: AnimalRows) -> Mask:
    """Animals whose days in milk or days pregnant still ran on the report date."""
    milked = (rows.lactation > 0) & ~rows.is_dry & _agree(rows.days_in_milk, -rows.calving)
    pregnant = _agree(rows.days_pregnant, -rows.conception)
    return (milked | pregnant) & ~_stands_still(rows)


def _has_left(rows: AnimalRows) -> Mask:
    """Animals whose counts stood still before the report date, or whose calving is long overdue."""
    overdue = (rows.expected_calving < -_OVERDUE_DAYS) | (rows.conception < -_LONGEST_PREGNANCY)
    return _stands_still(rows) | (overdue & ~_agree(rows.days_in_milk, -rows.calving))


def _stands_still(rows: AnimalRows) -> Mask:
    # Days in milk of a dry cow stand still in any file, also in one that does not say when she dried off.
    in_milk = (rows.lactation > 0) & ~rows.is_dry & ~np.isin(rows.status, _DRY)
    return (in_milk & (rows.days_in_milk < -rows.calving - _TOLERATED_DAYS)) | (
        rows.days_pregnant < -rows.conception - _TOLERATED_DAYS
    )


def _agree(recorded: NDArray[np.float64], counted: NDArray[np.float64]) -> Mask:
    return np.abs(recorded - counted) <= _TOLERATED_DAYS


def _question(word: str, rows: AnimalRows, doubted: Mask, left: Mask, *, is_undecided: bool) -> Question:
    # A word that farms use for either is near both: what it is near to is no hint.
    near = (
        []
        if is_undecided
        else difflib.get_close_matches(normal_form(word), list(_words_of_choices()), n=1, cutoff=0.8)
    )
    guess = _words_of_choices()[near[0]] if near else "sold" if (left & doubted).any() else ""
    asked = ask_status(word, rows.lines[doubted], guess)
    return replace(asked, samples=tuple(_samples(rows, doubted)))


def ask_status(word: str, lines: NDArray[np.int64], guess: str) -> Question:
    """Return the question what a word means that stands on some lines and says who is on the farm."""
    return Question(
        code="ask_status",
        field="statuses",
        subject=shown(word),
        choices=_CHOICES,
        guess=guess,
        row_count=len(lines),
        sample_rows=tuple(int(line) for line in lines[:_SHOWN_ANIMALS]),
        option=f'--map-status "{shown(word)}={guess or "sold"}"',
    )


def _samples(rows: AnimalRows, wanted: Mask) -> Iterator[dict[str, str]]:
    for place in np.flatnonzero(wanted)[:_SHOWN_ANIMALS]:
        numbers = {
            "lactation": rows.lactation[place],
            "days_since_calving": -rows.calving[place],
            "days_in_milk": rows.days_in_milk[place],
        }
        known = {name: f"{value:.0f}" for name, value in numbers.items() if np.isfinite(value)}
        yield {"animal_id": str(rows.animal_ids[place]), **known}


def _words_of_choices() -> dict[str, str]:
    return {
        normal_form(word.rstrip("*")): status.name
        for status in STATUSES
        if status.name in _CHOICES
        for word in (status.name, *status.in_files)
    }
