"""What every report that shows a forecast has in common."""

from dataclasses import dataclass
from html import escape

from herd_engine.charts.headline import growth, headline
from herd_engine.charts.table import levels_table
from herd_engine.exports.csv_file import forecast_csv
from herd_engine.i18n.wording import Wording
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.presentation.evidence import origin, parameters_html, text_list
from herd_engine.presentation.outlook_charts import outlook_chart
from herd_engine.presentation.page.html_parts import html_table
from herd_engine.presentation.reports.parts import (
    Facts,
    ReportPart,
    download,
    folded,
    heading,
    note,
    opening,
    picture,
    section,
)
from herd_engine.presentation.tiles import expected_point, tiles


@dataclass(frozen=True, kw_only=True)
class OutlookText:
    """A forecast and the words to tell it."""

    words: Wording
    forecast: Forecast

    def opening_of(self, title: str, farm: str, runs: tuple[str, ...], *below: str) -> ReportPart:
        """The sentence, what stands ``below`` it, and the numbers of a year ahead."""
        words, forecast = self.words, self.forecast
        report_date = forecast.meta.report_date
        facts = Facts(
            title=words.text(title),
            farm=farm,
            report_date=report_date,
            headline=headline(forecast, words.language),
            origin=origin(forecast, words),
            runs=runs,
            language=words.language,
        )
        expected = words.text("expected", day=words.day(forecast.dates[expected_point(forecast)]))
        futures = words.futures(forecast.meta.scenario.confidence_central)
        return opening(
            facts,
            *([note(grown)] if (grown := growth(forecast, words.language)) else []),
            *below,
            f"<section><h2>{escape(expected)}</h2>",
            note(words.text("expected_note", futures=futures, day=words.day(report_date))),
            f'<ul class="tiles">{tiles(forecast, words)}</ul></section>',
        )

    def milking(self) -> ReportPart:
        """Milking cows to come."""
        return self._chart("milking", str(Metric.MILKING_COUNT))

    def days_in_milk(self) -> ReportPart:
        """Mean days in milk to come."""
        return self._chart("days", str(Metric.AVG_DAYS_IN_MILK))

    def events(self) -> ReportPart:
        """Calvings, dry-offs, culls and purchases by month."""
        return self._chart("events", "events")

    def structure(self) -> ReportPart:
        """The herd by group."""
        return self._chart("structure", "structure")

    def _chart(self, name: str, place: str) -> ReportPart:
        words = self.words
        chart = outlook_chart(name, self.forecast, words.language)
        return picture(place, words.text(f"section_{name}"), chart, words)

    def months(self) -> ReportPart:
        """All counts, month by month."""
        words, title = self.words, self.words.text("section_table")
        futures = words.futures(self.forecast.meta.scenario.confidence_central)
        excel = words.has_decimal_comma
        return section(
            "months",
            title,
            note(words.text("section_table_note", futures=futures)),
            html_table(levels_table(self.forecast, words.language), title),
            download(
                words.text("save_numbers"),
                "forecast.csv",
                forecast_csv(self.forecast, excel=excel, plain=True),
            ),
        )

    def provenance_of(self, line: str, *notes: str) -> ReportPart:
        """Assumptions, and everything that the numbers come from; ``line`` names the runs."""
        words, forecast = self.words, self.forecast
        return folded(
            "provenance",
            words.text("section_provenance"),
            line,
            note(words.text("provenance_note")),
            *map(note, notes),
            heading(words.text("assumptions")),
            text_list(map(words.say, forecast.meta.assumptions)),
            parameters_html(forecast, words),
        )
