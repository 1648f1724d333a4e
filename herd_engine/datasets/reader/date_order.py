"""All dates of a file: one order of day and month, proved by its cells or by days in milk, else asked."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.datasets.reader.date_forms import FIXED_FORMS, SERIAL, DateForms, DateText, Family, Kind
from herd_engine.datasets.reader.exchanged_cells import NO_CELLS, OrderedCells, doubts, exchanged
from herd_engine.datasets.text_table import TextColumn
from herd_engine.model.answers import NO_ANSWERS, Answers, DateOrder, Question
from herd_engine.model.quality import QualityIssue

Days = NDArray[np.float64]
DATE_FORMATS = (
    "YYYY-MM-DD",
    *(
        separator.join({"d": "DD", "m": "MM", "y": year}[letter] for letter in order)
        for order in DateOrder
        for separator in "./-"
        for year in ("YYYY", "YY")
    ),
    "YYYYMMDD",
    "DDMMYYYY",
    "MMDDYYYY",
    "DD month YYYY",
    SERIAL,
    "Unix seconds",
)
"""What the forms of dates are called in messages."""
DMY, MDY, YMD = DateOrder.DMY, DateOrder.MDY, DateOrder.YMD

_FEW_PROOFS = 0.05
"""Days above 12 are three in five; where fewer than this share are, those cells rather are mistakes."""
_ENOUGH_CELLS = 30
_FEW_CONTRADICTIONS = 0.1
"""Cells that only the other order can read, per cell that only this one can: typing errors."""
_FEWEST_WITNESSES, _WITNESS_RATIO = 5, 3
"""Cows whose calving + days in milk meet on one day, and how many times those of any other order."""
_SHOWN_SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """Cows that tell the report date: texts of their calvings, and their days in milk."""

    calving: TextColumn
    days_in_milk: Days


@dataclass(slots=True, kw_only=True)
class FileDates:
    """Dates of a file, by column: ordinals (NaN: none), and which cells are none, say so, or count days."""

    days: dict[str, Days] = field(default_factory=dict)
    is_invalid: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    is_missing: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    is_serial: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    marker_counts: Counter[str] = field(default_factory=Counter)
    issues: list[QualityIssue] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def read_file_dates(
    columns: Mapping[str, TextColumn],
    forms: DateForms,
    witnesses: Witnesses | None = None,
    answers: Answers = NO_ANSWERS,
) -> FileDates:
    """Read all columns of dates of a file together.

    Parameters
    ----------
    columns : mapping of str to TextColumn
    forms : DateForms
    witnesses : Witnesses, optional
    answers : Answers
        ``dates`` is the order of cells that prove none, ``time_zone`` the farm's.
    """
    texts = _Texts(columns, forms, witnesses)
    found = FileDates(marker_counts=texts.markers())
    orders = {family: texts.order(family, answers, found) for family in texts.families}
    swapped = texts.swapped_columns(columns, orders, found)
    later = texts.later_days(answers, found)
    straight = texts.days(orders) + later
    put_right = texts.days(orders, swapped=True) + later if swapped else straight
    for name, column in columns.items():
        of_column = np.array([texts.place[text] for text in column.distinct], np.int64)
        kinds = texts.kinds[of_column]
        days = put_right if name in swapped else straight
        found.days[name] = days[of_column][column.codes]
        is_none = (kinds == Kind.BLANK) | (kinds == Kind.MISSING)
        found.is_invalid[name] = np.isnan(found.days[name]) & ~is_none[column.codes]
        found.is_missing[name] = (kinds == Kind.MISSING)[column.codes]
        found.is_serial[name] = texts.is_serial[of_column][column.codes]
        if found.is_invalid[name].any():
            found.form[name] = texts.usual_form([texts.read[place] for place in of_column], orders)
    return found


def with_animals(question: Question, columns: Mapping[str, TextColumn], ids: TextColumn) -> Question:
    """Return a question about dates whose samples say of which animal, and of what, each date is."""
    samples = tuple(_whose(sample["text"], columns, ids) | sample for sample in question.samples)
    return replace(question, samples=samples)


def which_time_zone(n_cells: int) -> Question:
    """Return the question on whose calendar moments are that are written in UTC."""
    return Question(
        code="ask_time_zone",
        field="time_zone",
        subject="UTC",
        choices=(),
        row_count=n_cells,
        option="--time-zone Europe/Moscow",
    )


def _whose(text: str, columns: Mapping[str, TextColumn], ids: TextColumn) -> dict[str, str]:
    for name, column in columns.items():
        if text in column.distinct:
            row = int(np.argmax(column.codes == column.distinct.index(text)))
            return {"animal": ids.distinct[ids.codes[row]], "column": name}
    return {}


class _Texts:
    """The distinct texts of all columns, each read once; arrays have one entry a text."""

    def __init__(
        self, columns: Mapping[str, TextColumn], forms: DateForms, witnesses: Witnesses | None
    ) -> None:
        self._forms = forms
        self._witnesses = witnesses or Witnesses(
            calving=TextColumn(distinct=[], codes=np.zeros(0, np.int64)), days_in_milk=np.zeros(0)
        )
        self.texts = list(dict.fromkeys(text for column in columns.values() for text in column.distinct))
        self.place = {text: place for place, text in enumerate(self.texts)}
        self.read = [forms.read(text) for text in self.texts]
        self.kinds = np.array([one.kind for one in self.read], np.int8)
        self._numbers = np.array([one.numbers for one in self.read], np.int64).reshape(-1, 3)
        self._day = np.array([one.day for one in self.read], float)
        self.is_serial = np.array([one.form == SERIAL for one in self.read], bool)
        self._is_fixed = np.array([one.form in FIXED_FORMS for one in self.read], bool)
        self._counts = np.zeros(len(self.texts), np.int64)
        for column in columns.values():
            cells = np.bincount(column.codes, minlength=len(column.distinct))
            np.add.at(self._counts, [self.place[text] for text in column.distinct], cells)
        places: dict[Family, list[int]] = {}
        for place in np.flatnonzero((self.kinds == Kind.NUMBERS) & (self._counts > 0)):
            family = self.read[place].family
            if family is not None:
                places.setdefault(family, []).append(int(place))
        self.families = {family: np.array(found, np.int64) for family, found in places.items()}
        calvings = self._witnesses.calving.distinct
        self._of_witnesses = np.array([self.place.get(text, -1) for text in calvings], np.int64)

    def markers(self) -> Counter[str]:
        """Return how often each text stands that stands for nothing."""
        found = np.flatnonzero((self.kinds == Kind.MISSING) & (self._counts > 0))
        return Counter({self.texts[place]: int(self._counts[place]) for place in found})

    def days(self, orders: Mapping[Family, DateOrder | None], *, swapped: bool = False) -> Days:
        """Return the day of each text; NaN where it is none or its order is not known."""
        days = self._day.copy()
        if swapped:
            days[self._is_fixed] = exchanged(days[self._is_fixed])
        for family, order in orders.items():
            if order is not None:
                places = self.families[family]
                days[places] = self._forms.ordered(self._numbers[places], order)
        return days

    def order(self, family: Family, answers: Answers, found: FileDates) -> DateOrder | None:
        """Return the order of a family; None where nothing proves one, which is then asked."""
        candidates = (DMY, MDY, YMD) if family.year_digits == 2 and family.separator else (DMY, MDY)
        unread = self._unread(family, candidates)
        possible = _possible(unread, int(self._counts[self.families[family]].sum()))
        if not possible:
            found.issues.append(make_issue("mixed_date_orders", example=self._contradicting(family)))
            return None
        if len(possible) == 1:
            return possible[0]
        if answers.dates in possible:
            return answers.dates
        witnessed = self._witnessed(family, possible)
        if witnessed is not None:
            return witnessed
        if family.separator == "." and DMY in possible and not _is_lopsided(unread):
            return DMY  # nobody writes a month before the day with points
        found.questions.append(self._question(family, possible))
        return None

    def _unread(self, family: Family, orders: tuple[DateOrder, ...]) -> dict[DateOrder, int]:
        """Return how many cells each order cannot read that another can."""
        places = self.families[family]
        wrong = np.array([np.isnan(self._forms.ordered(self._numbers[places], order)) for order in orders])
        wrong &= ~wrong.all(axis=0)
        return {
            order: int(self._counts[places][is_wrong].sum())
            for order, is_wrong in zip(orders, wrong, strict=True)
        }

    def _witnessed(self, family: Family, possible: list[DateOrder]) -> DateOrder | None:
        """Return the order in which calving + days in milk meet on one day."""
        meetings = sorted(
            ((self._meeting({family: order}, self.families[family]), order) for order in possible),
            reverse=True,
        )
        (most, order), (next_most, _) = meetings[:2]
        return order if most >= max(_FEWEST_WITNESSES, _WITNESS_RATIO * next_most) else None

    def _meeting(
        self,
        orders: Mapping[Family, DateOrder | None],
        only: NDArray[np.int64],
        *,
        swapped: bool = False,
    ) -> int:
        """Return how many cows' calving + days in milk fall on the day on which most do.

        Only calvings count whose texts are at the places ``only``.
        """
        days = np.full(len(self.texts), np.nan)
        days[only] = self.days(orders, swapped=swapped)[only]
        of_texts = np.append(days, np.nan)[self._of_witnesses]
        ends = of_texts[self._witnesses.calving.codes] + self._witnesses.days_in_milk
        ends = ends[np.isfinite(ends)]
        return int(np.unique(ends, return_counts=True)[1].max()) if len(ends) else 0

    def swapped_columns(
        self, columns: Mapping[str, TextColumn], orders: Mapping[Family, DateOrder | None], found: FileDates
    ) -> frozenset[str]:
        """Return the columns in which a program took days for months in every date it could."""
        if not self._is_fixed.any():
            return frozenset()
        cells = self._cells(columns, orders)
        whole = sum(cells.values(), NO_CELLS)
        swapped = frozenset(name for name, one in cells.items() if whole.is_swapped or one.is_swapped)
        if swapped:
            told = sum((cells[name] for name in sorted(swapped)), NO_CELLS)
            kind = "dates_swapped_back" if self._is_witnessed(columns, orders, swapped) else "dates_swapped"
            example = date.fromordinal(int(told.fixed[0])).isoformat()
            found.issues.append(make_issue(kind, typed=told.n_fixed, texts=told.n_left, example=example))
        for name in sorted(cells.keys() - swapped):
            found.issues += doubts(name, cells[name])
        return swapped

    def _cells(
        self, columns: Mapping[str, TextColumn], orders: Mapping[Family, DateOrder | None]
    ) -> dict[str, OrderedCells]:
        """Return the dates of each column: those that a program fixed, and those it left as texts."""
        days = self.days(orders)
        is_left = np.zeros(len(days), bool)
        for family, order in orders.items():
            is_left[self.families[family]] = order in (DMY, MDY)
        found = {}
        for name, column in columns.items():
            of_column = np.array([self.place[text] for text in column.distinct], np.int64)
            counts = np.bincount(column.codes, minlength=len(of_column))
            cells = np.repeat(of_column, counts)
            cells = cells[np.isfinite(days[cells])]
            found[name] = OrderedCells(
                fixed=days[cells[self._is_fixed[cells]]], left=days[cells[is_left[cells]]]
            )
        return found

    def _is_witnessed(
        self,
        columns: Mapping[str, TextColumn],
        orders: Mapping[Family, DateOrder | None],
        swapped: frozenset[str],
    ) -> bool:
        """Tell whether nothing speaks against a swap: days in milk meet on one day only after it."""
        is_calving = any(columns[name] is self._witnesses.calving for name in swapped)
        if not is_calving or not np.isfinite(self._witnesses.days_in_milk).any():
            return True
        fixed = np.flatnonzero(self._is_fixed)
        there, here = self._meeting(orders, fixed, swapped=True), self._meeting(orders, fixed)
        return there >= max(_FEWEST_WITNESSES, _WITNESS_RATIO * here)

    def later_days(self, answers: Answers, found: FileDates) -> NDArray[np.int64]:
        """Return by how many days the moment of each text is later on the farm's calendar than in UTC."""
        of_text = [one.minute for one in self.read]
        later = dict.fromkeys(of_text, 0)
        minutes = {minute for minute in later if minute}
        if minutes:
            later |= self._later(minutes | ({0} & set(of_text)), answers, found)
        return np.array([later[minute] for minute in of_text], np.int64)

    def _later(self, minutes: set[int], answers: Answers, found: FileDates) -> dict[int | None, int]:
        if answers.time_zone:
            zone = ZoneInfo(answers.time_zone)
            start = datetime(2024, 1, 15, tzinfo=UTC)  # a farm's midnight moves by an hour at most
            return {
                minute: ((start + timedelta(minutes=minute)).astimezone(zone).date() - start.date()).days
                for minute in minutes
            }
        around = sorted((minute + 720) % 1440 for minute in minutes)
        if around[-1] - around[0] <= 60:  # midnights of one place, summer and winter
            return {minute: int(minute >= 720) for minute in minutes}
        cells = sum(int(n) for n, one in zip(self._counts, self.read, strict=True) if one.minute is not None)
        found.questions.append(which_time_zone(cells))
        return {}

    def _contradicting(self, family: Family) -> list[str]:
        """Return a text that only the one order can read, and one that only the other can."""
        places = self.families[family]
        by_day, by_month = (self._forms.ordered(self._numbers[places], order) for order in (DMY, MDY))
        return [
            self.texts[places[np.argmax(only)]]
            for only in (np.isnan(by_month) & ~np.isnan(by_day), np.isnan(by_day) & ~np.isnan(by_month))
            if only.any()
        ]

    def _question(self, family: Family, possible: list[DateOrder]) -> Question:
        places = sorted(self.families[family], key=lambda place: len({*self.read[place].numbers[:2]}))
        shown_places = np.array(places[::-1][:_SHOWN_SAMPLES], np.int64)
        readings = {
            order.value: self._forms.ordered(self._numbers[shown_places], order) for order in possible
        }
        samples = tuple(
            {"text": self.texts[place]} | {order: _iso(days[n]) for order, days in readings.items()}
            for n, place in enumerate(shown_places)
        )
        return Question(
            code="ask_date_order",
            field="dates",
            subject=_form(family, possible[0]),
            choices=tuple(order.value for order in possible),
            samples=samples,
            row_count=int(self._counts[self.families[family]].sum()),
            option=f"--dates {possible[0].value}",
        )

    def usual_form(self, readings: list[DateText], orders: Mapping[Family, DateOrder | None]) -> str:
        """Return the form of most texts of a column."""
        names = Counter(_forms_of(readings, orders))
        return names.most_common(1)[0][0] if names else "DD.MM.YYYY"


def _forms_of(readings: list[DateText], orders: Mapping[Family, DateOrder | None]) -> Iterator[str]:
    for one in readings:
        order = orders.get(one.family) if one.family is not None else None
        if one.family is not None and order is not None:
            yield _form(one.family, order)
        elif one.form:
            yield one.form


def _form(family: Family, order: DateOrder) -> str:
    year = "Y" * family.year_digits
    parts = {"d": "DD", "m": "MM", "y": year}
    return family.separator.join(parts[letter] for letter in order.value)


def _iso(day: float) -> str:
    return "" if np.isnan(day) else date.fromordinal(int(day)).isoformat()


def _possible(unread: Mapping[DateOrder, int], n_cells: int) -> list[DateOrder]:
    """Return the orders that the cells leave possible; none where some prove one and some another."""
    best, most = min(unread.values()), max(unread.values())
    fewest = [order for order, n in unread.items() if n == best]
    if best > _FEW_CONTRADICTIONS * (most if most > best else 0):
        return []
    proofs = min((n for n in unread.values() if n > best), default=best) - best
    if len(fewest) == 1 and n_cells >= _ENOUGH_CELLS and proofs < _FEW_PROOFS * n_cells:
        return [*unread]
    return fewest


def _is_lopsided(unread: Mapping[DateOrder, int]) -> bool:
    """Tell whether cells speak against days before months."""
    return unread[DMY] > min(unread.values())
