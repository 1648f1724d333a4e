"""The report of one farm: the herd today, its forecast, what is due, what changed, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from herd_engine.calibration.fit import Fit, fit_herd
from herd_engine.charts.parity import parity_pyramid
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.errors import ParameterError
from herd_engine.forecasting.long_run_check import fine_print
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.forecast import Forecast
from herd_engine.presentation.evidence import quality_html
from herd_engine.presentation.reports.changes_section import changes_html
from herd_engine.presentation.reports.farm_label import farm_label
from herd_engine.presentation.reports.outlook import OutlookText
from herd_engine.presentation.reports.parts import (
    ReportPart,
    download,
    heading,
    note,
    notices,
    picture,
    section,
    table,
)
from herd_engine.presentation.reports.record_section import record_html
from herd_engine.presentation.track_record import TrackRecord, Untold, track_record
from herd_engine.review.changes import changes_since
from herd_engine.review.due_list import Due, DueList, due_list
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import Run

NEXT_DAYS = 30
RUNS = 1000
"""Of a report: P5 and P95 of a count are then sure to about 0.07 standard deviations."""


@dataclass(frozen=True, kw_only=True)
class ForecastReport(OutlookText):
    """One farm's forecast, section by section.

    Attributes
    ----------
    farm : str
        What to call it.
    run : Run
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
    run: Run
    herd_file: HerdFile
    fit: Fit
    payload: Mapping[str, Any]
    record: TrackRecord | Untold
    previous: tuple[Forecast, Mapping[str, Any]] | None

    @classmethod
    def open(
        cls,
        workbench: Workbench,
        dataset: str,
        payload: Mapping[str, Any],
        *,
        previous_run: str,
        language: str,
    ) -> Self:
        """Read or make the forecast.

        Parameters
        ----------
        workbench : Workbench
            Of the farm.
        dataset : str
            Id or name.
        payload : mapping
            ``herd_m5_v2``; that of the farm's plan where it is empty and the farm has one.
        previous_run : str
            Id of the run of the report before; empty where there is none.
        language : str
        """
        words = wording(language)
        if not dataset:
            raise ParameterError("dataset", dataset, "name a herd file: its path, id or name")
        found, runs = workbench.datasets.find(dataset), workbench.runs
        run = runs.finished(found.id, report_payload(plan_payload(workbench, payload)))
        asked, herd_file = runs.payload(run.id), workbench.datasets.load(found.id)
        return cls(
            farm=farm_label(workbench.farms.current(), found),
            words=words,
            run=run,
            forecast=runs.forecast(run.id),
            herd_file=herd_file,
            fit=fit_herd(herd_file.records),
            payload=asked,
            record=track_record(workbench, found.id, asked["mode"]),
            previous=(runs.forecast(previous_run), runs.payload(previous_run)) if previous_run else None,
        )

    def opening(self) -> ReportPart:
        """The sentence, warnings, and the numbers of a year ahead."""
        warnings = notices(map(self.words.say, self.forecast.meta.warnings))
        return self.opening_of("report_forecast", self.farm, (self.run.id,), self._plan(), warnings)

    def _plan(self) -> str:
        if not self.run.starred:
            return ""
        name, words = self.run.name, self.words
        return note(words.text("report_plan_named", name=name) if name else words.text("report_plan"))

    def today(self) -> ReportPart:
        """The herd on the report date."""
        herd, language = self.herd_file.herd, self.words.language
        return picture(
            "parity",
            self.words.text("section_today"),
            parity_pyramid(herd, language=language),
            self.words,
        )

    def due(self) -> ReportPart:
        """What is due: by month, and by day for the next thirty days."""
        words = self.words
        tables = next(iter(self.fit.tables.values()), None)
        if tables is None:
            return section("due", words.text("section_due"), note(words.text("due_unknown")))
        found = due_list(self.herd_file.herd, tables)
        names = [words.text(f"due_{due}") for due in Due]
        excel = words.has_decimal_comma
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

    def changes(self) -> ReportPart:
        """What is different from the report before, and why."""
        title = self.words.text("section_changes")
        if self.previous is None:
            return section("changes", title, note(self.words.text("changes_first")))
        earlier, payload = self.previous
        changes = changes_since(self.forecast, earlier, self.payload, payload)
        return section("changes", title, *changes_html(changes, self.forecast, earlier, self.words))

    def track_record(self) -> ReportPart:
        """How good forecasts of this herd have been."""
        title = self.words.text("report_backtest")
        return section("record", title, *record_html(self.record, self.words))

    def quality(self) -> ReportPart:
        """What is remarkable about the herd file."""
        meta = self.forecast.meta
        shown = quality_html(meta.quality, meta.excluded, self.words)
        return section("quality", self.words.text("section_quality"), shown)

    def provenance(self) -> ReportPart:
        """Assumptions, and everything that the numbers come from."""
        note = fine_print(self.herd_file, self.forecast, self.words.language)
        notes = (note,) if note else ()
        line = self.words.text("run_line", run=self.run.id, hash=self.run.run_hash[:12])
        return self.provenance_of(line, *notes)


def report_payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload with as many runs as a report needs, unless it says how many."""
    return {"mc_runs": RUNS, **payload}


def plan_payload(workbench: Workbench, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload; where nothing is wished for that of the farm's plan, if it has one."""
    plan = None if payload else workbench.runs.starred()
    return dict(payload) if plan is None else workbench.runs.payload(plan.id)


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
