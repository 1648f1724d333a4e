"""A third language, ``xx``: English in Greek letters, so that what stays English is seen."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from herd_engine.i18n import catalogue as module
from herd_engine.i18n.catalogue import catalogue, languages
from herd_engine.i18n.wording import wording

THIRD = "xx"
LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
GREEK = "αβψδεφγηιξκλμνοπϱρστυωζχϋϊΑΒΨΔΕΦΓΗΙΞΚΛΜΝΟΠϘΡΣΤΥΩΖΧΫΪ"
OTHER_LETTERS = str.maketrans(LATIN, GREEK)
NAMES = re.compile(r"\b1\.csv|herd_m5|philox\S*|[0-9a-f]{8}[0-9a-f-]*")
"""Files, engines, generators and fingerprints are called the same in all languages."""
SEEN_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")


def pseudo(value: Any) -> Any:
    """Return texts in other letters; places to fill in and markup stay."""
    if isinstance(value, str):
        parts = re.split(r"({[^}]*}|<[^>]*>)", value)
        return "".join(part if part[:1] in ("{", "<") else part.translate(OTHER_LETTERS) for part in parts)
    if isinstance(value, dict):
        return {key: pseudo(item) for key, item in value.items()}
    return [pseudo(item) for item in value]


def forget() -> None:
    """Let the catalogues be read anew."""
    for made in (languages, catalogue, wording):
        made.cache_clear()


@contextmanager
def third_language(folder: Path) -> Iterator[str]:
    """Let there be a language of one folder more; Greek names its months."""
    texts = folder / "texts"
    copytree(str(module.TEXTS), texts)
    copytree(texts / "en", texts / THIRD)
    for path in (texts / THIRD).glob("*.json"):
        path.write_text(json.dumps(pseudo(json.loads(path.read_text("utf-8")))), "utf-8")
    # What English calls as the program does, such as columns, other languages have words for.
    issues = json.loads((texts / "ru" / "issues.json").read_text("utf-8"))["values"]
    values = {name: {value: pseudo(value) for value in known} for name, known in issues.items()}
    kinds = json.loads((texts / THIRD / "issues.json").read_text("utf-8"))
    (texts / THIRD / "issues.json").write_text(json.dumps({**kinds, "values": values}), "utf-8")
    own = {"language_name": "Ψ", "locale": "el", "day_pattern": "d MMM y", "month_pattern": "LLLL y"}
    (texts / THIRD / "language.json").write_text(json.dumps(own), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TEXTS", texts)
        forget()
        yield THIRD
    forget()


class _Seen(HTMLParser):
    """Collects what people read of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value for name, value in attrs if name in SEEN_ATTRIBUTES and value]
        if tag in ("script", "style"):
            self._unread.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unread:
            self._unread.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.texts.append(data)


def seen_in(html: str) -> list[str]:
    """Return the texts of a page or of a part of one."""
    parser = _Seen()
    parser.feed(html)
    return parser.texts


TEXTS_OF_FIGURES = ("hovertemplate", "hovertext", "label", "labels", "name", "text", "ticktext", "title")


def seen_in_figure(figure: Any, key: str = "") -> Iterator[str]:
    """Yield the texts of a plotly figure: titles, names, notes, ticks, what is told of a point."""
    if isinstance(figure, Mapping):
        for name, item in figure.items():
            yield from seen_in_figure(item, str(name))
    elif isinstance(figure, str):
        if key in TEXTS_OF_FIGURES:
            yield from seen_in(re.sub(r"%{[^}]*}", "", figure))
    elif isinstance(figure, Iterable):
        for item in figure:
            yield from seen_in_figure(item, key)


def english_in(texts: Iterable[str]) -> set[str]:
    """Return the words in Latin letters."""
    plain = (NAMES.sub("", re.sub(r"{[^}]*}", "", text)) for text in texts)
    return {word for text in plain for word in re.findall("[A-Za-z][a-z]{2,}", text)}
