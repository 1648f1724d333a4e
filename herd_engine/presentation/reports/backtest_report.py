"""The report of a herd's past forecasts: what was forecast from earlier dates, what happened, how far off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from herd_engine import __version__
from herd_engine.charts.band_coverage import band_coverage
from herd_engine.charts.hindcast import hindcast
from herd_engine.charts.skill import skill_chart
from herd_engine.forecasting.backtest.backtest import supported_plan
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.backtest import Backtest
from herd_engine.model.forecast import Metric
from herd_engine.presentation.evidence import text_list
from herd_engine.presentation.page.html_parts import html_table
from herd_engine.presentation.report_card import limits
from herd_engine.presentation.reports.farm_label import farm_label
from herd_engine.presentation.reports.parts import (
    Facts,
    ReportPart,
    folded,
    note,
    opening,
    picture,
    section,
    table,
)
from herd_engine.presentation.track_record import TrackRecord
from herd_engine.workbench import Workbench

REBUILT = (
    "rebuilt_animals",
    "rebuilt_exact",
    "rebuilt_conception_rebuilt",
    "rebuilt_calving_rebuilt",
    "rebuilt_two_calvings_since",
    "rebuilt_came_back",
    "rebuilt_pregnancies_hidden",
    "rebuilt_services_placed",
    "rebuilt_flags_placed",
    "rebuilt_unknown_calving",
    "rebuilt_unknown_leaving",
)


@dataclass(frozen=True, kw_only=True)
class BacktestReport:
    """A backtest, section by section."""

    words: Wording
    farm: str
    record: TrackRecord

    @classmethod
    def open(cls, workbench: Workbench, dataset: str, plan: Mapping[str, Any], *, language: str) -> Self:
        """Make the backtest, or read the one that is kept.

        Parameters
        ----------
        workbench : Workbench
            Of the farm.
        dataset : str
            Id or name.
        plan : mapping
            As ``Workbench.backtest_plan`` takes it; origins that the file does not support are left out,
            unless it names them itself.
        language : str
        """
        found = workbench.datasets.find(dataset)
        wanted = workbench.backtest_plan(plan)
        if not plan.get("origins"):
            wanted = supported_plan(workbench.datasets.load(found.id).records, wanted)
        return cls(
            words=wording(language),
            farm=farm_label(workbench.farms.current(), found),
            record=TrackRecord.of(workbench.kept_backtest(found.id, wanted)),
        )

    @property
    def backtest(self) -> Backtest:
        """What the report is about."""
        return self.record.backtest

    def opening(self) -> ReportPart:
        """How far off forecasts were, and how to take their bands."""
        words, backtest = self.words, self.backtest
        facts = Facts(
            title=words.text("report_backtest"),
            farm=self.farm,
            report_date=backtest.report_date,
            headline=self.record.sentence(words),
            origin=f"{__version__} · {backtest.dataset_sha256[:12]}",
            language=words.language,
        )
        return opening(facts, note(self.record.how(words)))

    def card(self) -> ReportPart:
        """The report card: errors, score, and the parts of the score."""
        words = self.words
        title = words.text("section_record")
        shown = html_table(self.record.card(words), title)
        return section("record", title, shown, note(self.record.card_note(words)))

    def forecasts(self, metric: str) -> ReportPart:
        """What was forecast of a metric, and what happened."""
        words, name = self.words, self.record.mode
        chart = hindcast(self.backtest, Metric(metric), name, language=words.language)
        return picture(metric, words.metric(Metric(metric), "name"), chart, words)

    def skill(self) -> ReportPart:
        """Errors against those of simple rules."""
        words = self.words
        chart = skill_chart(self.record.ratings, self.record.modes, language=words.language)
        return picture("skill", words.text("section_skill"), chart, words)

    def bands(self) -> ReportPart:
        """How well bands hold."""
        words, record = self.words, self.record
        chart = band_coverage(record.ratings, record.mode, language=words.language)
        return picture("bands", words.text("section_bands"), chart, words)

    def rebuilt(self) -> ReportPart:
        """What of the herd at earlier dates could be rebuilt, and what could not."""
        words, folds = self.words, self.backtest.folds
        title = words.text("section_rebuilt")
        rows = [
            (words.text(key), *(words.number(getattr(fold.coverage, name)) for fold in folds))
            for key, name in ((key, key.removeprefix("rebuilt_")) for key in REBUILT)
        ]
        columns = (words.text("rebuilt_what"), *(words.day(fold.origin) for fold in folds))
        return section(
            "rebuilt", title, table(columns, rows, title), text_list(limits(self.backtest, words.language))
        )

    def provenance(self) -> ReportPart:
        """What the numbers come from."""
        words, backtest = self.words, self.backtest
        line = words.text(
            "record_origin",
            name=backtest.dataset_name,
            hash=backtest.dataset_sha256,
            runs=words.number(backtest.runs),
            modes=", ".join(map(words.forecast_name, backtest.modes)),
        )
        return folded("provenance", words.text("section_provenance"), line)
