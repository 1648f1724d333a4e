"""How one name may be spelled in a file: letter case, spaces, and known mis-decodings."""

from collections.abc import Iterator

_BOM = "\ufeff"
_UNDEFINED_BYTE = "\udc98"
"""The byte 0x98, which cp1251 leaves undefined, as ``surrogateescape`` gives it back."""


def normal_form(text: str) -> str:
    """Return ``text`` without case, quotes, underscores, repeated spaces, and with е for ё.

    Examples
    --------
    >>> normal_form('  "Дата  Рождения" ')
    'дата рождения'
    """
    plain = text.casefold().replace("ё", "е").replace('"', "").replace("_", " ").replace(_BOM, "")
    return " ".join(plain.split())


def plain_number(text: str) -> str:
    """Return an animal's number without what programs add to it: ``.0`` behind, zeros in front."""
    return text.removesuffix(".0").lstrip("0") if text[:1].isdigit() else text


def spellings(name: str) -> Iterator[str]:
    """Yield the normal forms of ``name`` and of what UTF-8 read as cp1251, once and twice, makes of it.

    A byte order mark in front is mis-decoded along with the name. Programs differ in what they make
    of the byte 0x98: they keep it, replace it, or drop it.
    """
    texts = {name, _BOM + name}
    for _ in range(3):
        yield from sorted(normal_form(text) for text in texts)
        read = {text.encode("utf-8").decode("cp1251", "surrogateescape") for text in texts}
        texts = {text.replace(_UNDEFINED_BYTE, other) for text in read for other in ("\x98", "\ufffd", "")}
