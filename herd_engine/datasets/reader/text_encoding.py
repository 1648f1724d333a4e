"""Bytes of a text file → UTF-8: told by marks, by what is possible, and by which reading makes words."""

import codecs

from herd_engine.datasets.contract.vocabulary import Vocabulary

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LOOKED_AT = 1 << 16
_MOSTLY = 0.3
_DELIMITERS = str.maketrans(dict.fromkeys(';,\t|"', "\n"))


def as_utf8(data: bytes, words: Vocabulary) -> bytes:
    """Return text as UTF-8 without byte order mark; a character that cannot be decoded becomes U+FFFD."""
    if data.startswith(_UTF16_MARKS):
        return data.decode("utf-16", "replace").encode("utf-8")
    unmarked = _utf16_without_mark(data[:_LOOKED_AT])
    if unmarked:
        return data.decode(unmarked, "replace").encode("utf-8")
    bare = data.removeprefix(codecs.BOM_UTF8)
    if _is_utf8(bare):
        return bare
    first_line = bare.split(b"\n", 1)[0]
    if bare is not data or (not first_line.isascii() and _is_utf8(first_line)):
        return bare.decode("utf-8", "replace").encode("utf-8")  # damaged, and nothing else
    return bare.decode(_likeliest(bare[:_LOOKED_AT], words), "replace").encode("utf-8")


def _is_utf8(data: bytes) -> bool:
    # In pieces: the whole text would take up to four bytes a character.
    decoder, pieces = codecs.getincrementaldecoder("utf-8")(), memoryview(data)
    try:
        for start in range(0, len(data), _LOOKED_AT):
            decoder.decode(pieces[start : start + _LOOKED_AT])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(start: bytes) -> str:
    """Return the kind of UTF-16: digits, spaces and delimiters have a zero byte before or behind them."""
    half = max(len(start) // 2, 1)
    for name, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        others = start[::2] if name == "utf-16-le" else start[1::2]
        if zeros.count(0) > _MOSTLY * half and others.count(0) == 0:
            return name
    return ""


def _likeliest(start: bytes, words: Vocabulary) -> str:
    """Return the encoding in which most cells are words of the contract; of equal ones the first."""

    def known(encoding: str) -> int:
        cells = start.decode(encoding, "replace").translate(_DELIMITERS).split("\n")
        texts = {cell.strip() for cell in cells if not cell.isascii()}
        return sum(words.is_word(text) for text in texts)

    return max(words.contract.dialect.encodings[1:], key=known)
