"""The report card of a herd's forecasts, as a section."""

from collections.abc import Iterator

from herd_engine.i18n.wording import Wording
from herd_engine.presentation.reports.parts import note
from herd_engine.presentation.track_record import TrackRecord, Untold


def record_html(record: TrackRecord | Untold, words: Wording) -> Iterator[str]:
    """Yield the sentence and how it was found; where nothing can be told, why."""
    if isinstance(record, Untold):
        yield note(words.text(record))
        return
    yield note(record.sentence(words))
    yield note(record.how(words))
