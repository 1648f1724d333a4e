"""YAML read event by event, so that what is too much is refused before it is there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from herd_engine.errors import YamlError
from herd_engine.guarded_yaml.scalars import plain_value

MAX_BYTES = 2**20
MAX_WEIGHT = 2 * MAX_BYTES
"""Of the file with all aliases written out: characters, and ``WEIGHT_OF_A_VALUE`` for each value."""
WEIGHT_OF_A_VALUE = 64
MAX_DEPTH = 32
NO_LINE = 0

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What an escape may put into a text (``"\\0"``), and no file name, database or page can hold."""
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
# The C parser is ten times as fast; what it says of a broken file differs in words alone.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """What a file holds.

    Attributes
    ----------
    values : dict, list, str, int, float, bool or None
    lines : mapping of tuple to int
        Line of each value, by the keys and positions that lead to it.
    """

    values: Any
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Return the line of a value; of what is around it where it does not stand in the file itself."""
        found: Place = ()
        for part in place:
            if (*found, part) in self.lines:
                found = (*found, part)
        return self.lines.get(found, NO_LINE)


def read_yaml_file(path: Path) -> YamlDocument:
    """Read a file; ``read_yaml`` says how.

    Raises
    ------
    YamlError
    """
    if not path.is_file():
        raise YamlError(str(path), NO_LINE, "there is no such file" if not path.exists() else "it is no file")
    try:
        with path.open("rb") as file:
            return read_yaml(file.read(MAX_BYTES + 1), str(path))
    except OSError as error:
        raise YamlError(str(path), NO_LINE, error.strerror or "it cannot be read") from error


def read_yaml(data: bytes, name: str) -> YamlDocument:
    """Read one YAML document.

    Parameters
    ----------
    data : bytes
        UTF-8, or UTF-16 with its mark.
    name : str
        What errors call it.

    Raises
    ------
    YamlError
        It is no YAML, too large, nested too deeply, or says what people and programs read differently.
    """
    if len(data) > MAX_BYTES:
        raise YamlError(name, NO_LINE, f"it is larger than {MAX_BYTES // 2**10:,} KiB")
    builder = _Builder(name)
    try:
        for event in yaml.parse(_decoded(data, name), Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise YamlError(name, _line(error.problem_mark or error.context_mark), str(error.problem)) from error
    except yaml.YAMLError as error:
        raise YamlError(name, NO_LINE, "it is no YAML") from error
    return YamlDocument(builder.values, builder.lines)


def _decoded(data: bytes, name: str) -> str:
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = NO_LINE if is_wide else data.count(b"\n", 0, error.start) + 1
        raise YamlError(name, line, "it holds bytes that are no UTF-8; save the file as UTF-8") from error
    for line, content in enumerate(text.split("\n"), 1):
        if _CONTROL.search(content):
            raise YamlError(name, line, "it holds control characters; it is no text file")
    return text


def _line(mark: Any) -> int:
    return NO_LINE if mark is None else int(mark.line) + 1


@dataclass(slots=True)
class _Open:
    """A mapping or a list that is not complete yet."""

    values: dict[str, Any] | list[Any]
    place: Place
    anchor: str | None
    weight: int = WEIGHT_OF_A_VALUE
    key: str | None = None
    merged: list[Any] = field(default_factory=list)


class _Builder:
    """Makes values of the parser's events, one after the other: nothing calls itself, however deep."""

    def __init__(self, name: str) -> None:
        self.values: Any = None
        self.lines: dict[Place, int] = {}
        self._name = name
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._documents = 0
        self._weight = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event."""
        line = _line(event.start_mark)
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._error(line, "a second document begins; one file holds one")
            case yaml.ScalarEvent():
                self._scalar(event, line)
            case yaml.AliasEvent():
                self._alias(str(event.anchor), line)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event, line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end(line)

    def _begin(self, event: yaml.CollectionStartEvent, line: int) -> None:
        if event.tag not in (None, "!"):
            raise self._error(line, f"it says {event.tag}, which is not understood here")
        if len(self._open) == MAX_DEPTH:
            raise self._error(line, f"it is nested more than {MAX_DEPTH} deep")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self._require_value(line)
        self._add_weight(WEIGHT_OF_A_VALUE, line)
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # known, and not complete
        self._open.append(_Open({} if is_mapping else [], self._place(), event.anchor))
        self.lines.setdefault(self._open[-1].place, line)

    def _end(self, line: int) -> None:
        done = self._open.pop()
        values = done.values
        if isinstance(values, dict):
            for earlier in done.merged:
                for key, value in earlier.items():
                    values.setdefault(key, value)
        self._put(values, done.weight, done.anchor, line)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if event.tag not in _TEXT_TAGS:
            raise self._error(line, f"it says {event.tag}, which is not understood here")
        if _NO_TEXT.search(event.value):
            raise self._error(line, "it holds a character that texts cannot have")
        weight = WEIGHT_OF_A_VALUE + len(event.value)
        self._add_weight(weight, line)
        is_plain = not event.style and event.tag is None
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.values, dict) and top.key is None:
            self._begin_pair(top, event.value, line, is_merge=is_plain and event.value == "<<")
            top.weight += weight
            if event.anchor is not None:
                self._anchors[event.anchor] = (event.value, weight)
            return
        self.lines.setdefault(self._place(), line)
        try:
            value = plain_value(event.value) if is_plain else event.value
        except ValueError as error:
            raise self._error(line, str(error)) from error
        self._put(value, weight, event.anchor, line)

    def _begin_pair(self, top: _Open, key: str, line: int, *, is_merge: bool) -> None:
        if key in top.values and not is_merge:
            first = self.lines[*top.place, key]
            raise self._error(line, f"`{key}` stands here a second time, after line {first}")
        top.key = "<<" if is_merge else key
        self.lines[self._place()] = line
        if is_merge:
            top.merged.append(None)  # what comes is merged, not put

    def _alias(self, anchor: str, line: int) -> None:
        if anchor not in self._anchors:
            raise self._error(line, f"`*{anchor}` is the name of nothing above it")
        found = self._anchors[anchor]
        if found is None:
            raise self._error(line, f"`*{anchor}` contains itself")
        value, weight = found
        self._require_value(line)
        self._add_weight(weight, line)
        self.lines.setdefault(self._place(), line)
        self._put(value, weight, None, line)

    def _put(self, value: Any, weight: int, anchor: str | None, line: int) -> None:
        """Put a complete value where it belongs."""
        if anchor is not None:
            self._anchors[anchor] = (value, weight)
        if not self._open:
            self.values = value
            return
        top = self._open[-1]
        top.weight += weight
        if isinstance(top.values, list):
            top.values.append(value)
        elif top.merged and top.merged[-1] is None:
            top.merged[-1:] = self._mappings(value, line)
        else:
            top.values[str(top.key)] = value
        top.key = None

    def _mappings(self, value: Any, line: int) -> list[dict[str, Any]]:
        found = value if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) for item in found):
            raise self._error(line, "`<<` takes named values, or a list of them")
        return found

    def _place(self) -> Place:
        """Return where the next value stands."""
        if not self._open:
            return ()
        top = self._open[-1]
        return (*top.place, len(top.values) if isinstance(top.values, list) else str(top.key))

    def _require_value(self, line: int) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.values, dict) and top.key is None:
            raise self._error(line, "a name must be a text")

    def _add_weight(self, weight: int, line: int) -> None:
        self._weight += weight
        if self._weight > MAX_WEIGHT:
            raise self._error(line, "it is too much, once all its aliases are written out")

    def _error(self, line: int, reason: str) -> YamlError:
        return YamlError(self._name, line, reason)
