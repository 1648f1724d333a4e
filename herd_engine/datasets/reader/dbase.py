"""dBASE tables (.dbf), as older herd programs write."""

import struct
import tempfile
from pathlib import Path

from dbfread import DBF

from herd_engine.datasets.contract.vocabulary import Vocabulary
from herd_engine.datasets.reader.sheets import ReadSheet

_KINDS = (0x03, 0x30, 0x31, 0x83, 0x8B, 0xF5)
_FIRST_RECORDS = 200


def is_dbase(data: bytes) -> bool:
    """Tell whether a file is a dBASE table: its head says how long it is."""
    if len(data) < 32 or data[0] not in _KINDS or not 1 <= data[2] <= 12 or not 1 <= data[3] <= 31:
        return False
    n_records, n_head, n_record = struct.unpack("<IHH", data[4:12])
    return bool(n_head > 32 and n_record > 0 and abs(n_head + n_records * n_record - len(data)) <= 2)


def dbase_sheet(data: bytes, words: Vocabulary) -> ReadSheet:
    """Return the records of a table, read by the encoding in which most texts are words of the contract."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.dbf"
        path.write_bytes(data)
        encoding = max(words.contract.dialect.encodings[1:], key=lambda one: _known(path, one, words))
        table = DBF(path, encoding=encoding, ignore_missing_memofile=True, char_decode_errors="replace")
        return ReadSheet(name="dBASE", rows=[table.field_names, *(list(record.values()) for record in table)])


def _known(path: Path, encoding: str, words: Vocabulary) -> int:
    table = DBF(path, encoding=encoding, ignore_missing_memofile=True, char_decode_errors="replace")
    texts = {name.strip() for name in table.field_names}
    for record, _ in zip(table, range(_FIRST_RECORDS), strict=False):
        texts |= {value.strip() for value in record.values() if isinstance(value, str)}
    return sum(words.is_word(text) for text in texts if not text.isascii())
