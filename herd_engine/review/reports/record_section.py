"""The report card of a herd's forecasts, as a section."""

from collections.abc import Iterator

from herd_engine.figures.wording import Wording
from herd_engine.review.backtest.track_record import TrackRecord, Untold
from herd_engine.review.reports.parts import note
from herd_engine.runs.exports.html_parts import html_table


def record_html(record: TrackRecord | Untold, words: Wording) -> Iterator[str]:
    """Yield sentence, advice and card; where nothing can be told, why."""
    if isinstance(record, Untold):
        yield note(words.text(record))
        return
    yield note(f"{record.sentence(words)} {record.advice(words)}")
    yield html_table(record.card(words), words.text("section_record"))
    yield note(record.card_note(words))
