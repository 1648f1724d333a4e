"""Where a table starts: the row, or two rows, that name the most columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from herd_engine.datasets.contract.vocabulary import Vocabulary
from herd_engine.datasets.spellings import normal_form
from herd_engine.model.answers import NOTHING

_FEWEST_NAMES = 3
"""A row below the first with fewer names is taken for data that happen to be spelled like names."""
_NOTHING = ';,\t|" '
"""What a line may hold and still be blank, whichever delimiter it is cut by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The head of a table.

    Attributes
    ----------
    names : tuple of str
        One a column; without empty ones at the end.
    row : int
        Position of its last row among the rows that were searched.
    score : int
        Columns that it names.
    is_whole : bool
        It names every column that is required.
    """

    names: tuple[str, ...]
    row: int
    score: int
    is_whole: bool


def find_header(
    rows: Sequence[Sequence[str]], words: Vocabulary, column_map: Mapping[str, str]
) -> Header | None:
    """Return the head among the first rows of a sheet; None where all rows are empty.

    Parameters
    ----------
    rows : sequence of sequence of str
        Blank rows count as positions, and are no heads.
    words : Vocabulary
    column_map : mapping of str to str
        Header → our name, as somebody told.
    """
    told = {normal_form(header): name for header, name in column_map.items()}
    best: Header | None = None
    filled = [place for place, row in enumerate(rows) if any(cell.strip(_NOTHING) for cell in row)]
    for place in filled[: words.contract.dialect.header_rows]:
        found = _header(tuple(rows[place]), place, words, told)
        if not found.is_whole and place + 1 < len(rows):
            both = _header(_two_rows(rows[place], rows[place + 1]), place + 1, words, told)
            lower = _header(tuple(rows[place + 1]), place + 1, words, told)  # a title above is no part of it
            found = both if both.score > max(found.score, lower.score) else found
        if best is None or (found.score > best.score and found.score >= _FEWEST_NAMES):
            best = found
        if found.is_whole:
            break
    return best


def _header(names: tuple[str, ...], row: int, words: Vocabulary, told: Mapping[str, str]) -> Header:
    columns = {told.get(normal_form(name)) or words.columns.meaning(name) for name in names if name.strip()}
    columns -= {None, NOTHING}
    width = max((place for place, name in enumerate(names, 1) if name.strip()), default=0)
    required = {column.name for column in words.contract.columns if column.required}
    return Header(names=names[:width], row=row, score=len(columns), is_whole=required <= columns)


def _two_rows(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a head of two rows: a cell of the upper one also stands above the empty ones."""
    names = []
    above = ""
    width = max(len(upper), len(lower))
    for first, second in zip(_padded(upper, width), _padded(lower, width), strict=True):
        above = first.strip() or (above if second.strip() else "")
        names.append(" ".join(filter(None, (above, second.strip()))))
    return tuple(names)


def _padded(row: Sequence[str], width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))]
