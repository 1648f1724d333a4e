"""The report of one farm: the herd today, its forecast, what is due, what changed, and why."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from herd_engine.calibration.fit import Fit, fit_herd
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.errors import ParameterError
from herd_engine.figures.parity import parity_pyramid, parity_table
from herd_engine.figures.wording import Language, Wording
from herd_engine.model.forecast import Forecast
from herd_engine.review.backtest.track_record import TrackRecord, Untold, track_record
from herd_engine.review.changes import changes_since
from herd_engine.review.due_list import Due, DueList, due_list
from herd_engine.review.report_words import report_wording
from herd_engine.review.reports.changes_section import changes_html
from herd_engine.review.reports.outlook import Outlook
from herd_engine.review.reports.parts import (
    Part,
    download,
    heading,
    note,
    notices,
    picture,
    section,
    table,
)
from herd_engine.review.reports.record_section import record_html
from herd_engine.review.sanity_line import fine_print
from herd_engine.runs.exports.html_evidence import quality_html
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.waiting import finished_run
from herd_engine.storage.run_rows import RunRow

NEXT_DAYS = 30
RUNS = 1000
"""Of a report: P5 and P95 of a count are then sure to about 0.07 standard deviations."""


@dataclass(frozen=True, kw_only=True)
class ForecastReport(Outlook):
    """One farm's forecast, section by section.

    Attributes
    ----------
    farm : str
        What to call it.
    run : RunRow
        Its forecast is shown as it was published.
    herd_file : HerdFile
    fit : Fit
    payload : mapping
        ``herd_m5_v2`` of the run.
    record : TrackRecord or Untold
        How good forecasts of the herd have been, or why that cannot be told.
    previous : tuple of Forecast and mapping, or None
        The run of the report before, with its payload.
    """

    farm: str
    run: RunRow
    herd_file: HerdFile
    fit: Fit
    payload: Mapping[str, Any]
    record: TrackRecord | Untold
    previous: tuple[Forecast, Mapping[str, Any]] | None

    @classmethod
    def open(
        cls, kept: KeptRuns, dataset: str, payload: Mapping[str, Any], *, previous_run: str, language: str
    ) -> Self:
        """Read or make the forecast.

        Parameters
        ----------
        kept : KeptRuns
            Of the farm.
        dataset : str
            Id or name.
        payload : mapping
            ``herd_m5_v2``.
        previous_run : str
            Id of the run of the report before; empty where there is none.
        language : str
        """
        words = report_wording(language)
        if not dataset:
            raise ParameterError("dataset", dataset, "name a herd file: its path, id or name")
        row = kept.catalog.datasets.find(dataset)
        run = finished_run(kept, row.id, report_payload(payload))
        herd_file = kept.store.datasets.load(row)
        return cls(
            farm=row.name if kept.catalog.farm.is_default else kept.catalog.farm.name,
            words=words,
            run=run,
            forecast=kept.forecast(run.id),
            herd_file=herd_file,
            fit=fit_herd(herd_file.records),
            payload=payload_of(run),
            record=track_record(kept, row, payload_of(run)["mode"]),
            previous=(kept.forecast(previous_run), payload_of(kept.get(previous_run)))
            if previous_run
            else None,
        )

    def opening(self) -> Part:
        """The sentence, warnings, and the numbers of a year ahead."""
        sentences = self.words.sentences(self.forecast)
        warnings = notices(sentences.get(text, text) for text in self.forecast.meta.warnings)
        return self.opening_of("report_forecast", self.farm, (self.run.id,), warnings)

    def today(self) -> Part:
        """The herd on the report date."""
        herd, language = self.herd_file.herd, self.words.language
        return picture(
            "parity",
            self.words.text("section_today"),
            parity_pyramid(herd, language=language),
            parity_table(herd, language),
            self.words,
        )

    def due(self) -> Part:
        """What is due: by month, and by day for the next thirty days."""
        words = self.words
        tables = next(iter(self.fit.tables.values()), None)
        if tables is None:
            return section("due", words.text("section_due"), note(words.text("due_unknown")))
        found = due_list(self.herd_file.herd, tables)
        names = [words.text(f"due_{due}") for due in Due]
        excel = words.language is Language.RUSSIAN
        title = words.text("section_due")
        return section(
            "due",
            title,
            note(words.text("due_note")),
            table([words.text("month"), *names], _due_by_month(found, words), title),
            heading(words.text("due_next", days=str(NEXT_DAYS))),
            table([words.text("date"), *names], _due_by_day(found, words), title, css_class="facts"),
            download(words.text("due_save"), "due.csv", found.csv(excel=excel)),
        )

    def changes(self) -> Part:
        """What is different from the report before, and why."""
        title = self.words.text("section_changes")
        if self.previous is None:
            return section("changes", title, note(self.words.text("changes_first")))
        earlier, payload = self.previous
        changes = changes_since(self.forecast, earlier, self.payload, payload)
        return section("changes", title, *changes_html(changes, self.forecast, earlier, self.words))

    def track_record(self) -> Part:
        """How good forecasts of this herd have been."""
        title = self.words.text("report_backtest")
        return section("record", title, *record_html(self.record, self.words))

    def quality(self) -> Part:
        """What is remarkable about the herd file."""
        meta = self.forecast.meta
        shown = quality_html(meta.quality, meta.excluded, self.words)
        return section("quality", self.words.text("section_quality"), shown)

    def provenance(self) -> Part:
        """Assumptions, and everything that the numbers come from."""
        note = fine_print(self.herd_file, self.forecast, self.words.language)
        notes = (note,) if note else ()
        line = self.words.text("run_line", run=self.run.id, hash=self.run.run_hash[:12])
        return self.provenance_of(line, *notes)


def report_payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload with as many runs as a report needs, unless it says how many."""
    return {"mc_runs": RUNS, **payload}


def payload_of(run: RunRow) -> dict[str, Any]:
    """Return what a run was asked for, as ``herd_m5_v2``."""
    config = json.loads(run.config)
    return {**config["scenario"], "seed": config["seed"]}


def _due_by_month(found: DueList, words: Wording) -> list[list[str]]:
    first = found.report_date
    overdue = [sum(a.due is due and a.day < first for a in found.animals) for due in Due]
    rows = [[words.text("due_before", day=words.day(first)), *(words.number(n) for n in overdue)]]
    begin = first
    for end in found.month_starts:
        counts = [words.number(found.count(due, begin, end)) for due in Due]
        part = "" if begin.day == 1 else f" ({words.text('part')})"
        rows.append([words.month(begin) + part, *counts])
        begin = end
    return rows


def _due_by_day(found: DueList, words: Wording) -> list[list[str]]:
    first = found.report_date
    rows = []
    for ahead in range(NEXT_DAYS):
        day = first + timedelta(days=ahead)
        animals = found.between(day, day + timedelta(days=1))
        if animals:
            cells = (", ".join(a.animal_id for a in animals if a.due is due) for due in Due)
            rows.append([words.day(day), *cells])
    return rows
