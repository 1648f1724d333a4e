"""JSON that is a table: an array of objects, or an object a line."""

import json
from collections.abc import Iterator

from herd_engine.datasets.reader.sheets import ReadSheet

_LARGEST = 64 << 20


def json_sheet(data: bytes) -> ReadSheet:
    """Return objects as rows under their keys.

    Raises
    ------
    ValueError
        It is no JSON, no table, or too large for this form.
    """
    if len(data) > _LARGEST:
        raise ValueError(f"JSON above {_LARGEST >> 20} MiB")
    objects = list(_objects(data.decode("utf-8-sig")))
    keys = list(dict.fromkeys(key for item in objects for key in item))
    rows = [[_plain(item.get(key)) for key in keys] for item in objects]
    return ReadSheet(name="JSON", rows=[keys, *rows])


def _objects(text: str) -> Iterator[dict[str, object]]:
    found = (
        json.loads(text)
        if text.lstrip().startswith("[")
        else map(json.loads, filter(str.strip, text.split("\n")))
    )
    for item in found:
        if not isinstance(item, dict):
            raise ValueError("not a list of objects")  # noqa: TRY004 - the value is wrong, not the call
        yield item


def _plain(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
