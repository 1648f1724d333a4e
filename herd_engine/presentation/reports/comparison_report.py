"""The report of several scenarios of one farm, against the first of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from herd_engine.charts.delta_chart import delta_chart
from herd_engine.charts.scenario_overlay import scenario_overlay
from herd_engine.errors import ParameterError
from herd_engine.forecasting.comparison import MOST_RUNS, Candidate, compare
from herd_engine.i18n.setting_words import setting_label, setting_value
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.comparison import ComparedRun, Comparison
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.presentation.evidence import origin, parameters_html, text_list
from herd_engine.presentation.reports.farm_label import farm_label
from herd_engine.presentation.reports.forecast_report import report_payload
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
from herd_engine.scenarios.differences import differences
from herd_engine.workbench import Workbench


@dataclass(frozen=True, kw_only=True)
class ComparisonReport:
    """Scenarios and their differences, section by section.

    Attributes
    ----------
    words : Wording
    farm : str
    payloads : mapping of str to mapping
        By scenario; the first is the base.
    runs : mapping of str to str
        Id of the run of each scenario.
    forecasts : mapping of str to Forecast
    comparison : Comparison
        Keys are the names of the scenarios.
    """

    words: Wording
    farm: str
    payloads: Mapping[str, Mapping[str, Any]]
    runs: Mapping[str, str]
    forecasts: Mapping[str, Forecast]
    comparison: Comparison

    @classmethod
    def open(
        cls,
        workbench: Workbench,
        dataset: str,
        payload: Mapping[str, Any],
        scenarios: Mapping[str, Mapping[str, Any]],
        *,
        language: str,
    ) -> Self:
        """Read or make the forecasts of all scenarios.

        Parameters
        ----------
        workbench : Workbench
            Of the farm.
        dataset : str
            Id or name.
        payload : mapping
            ``herd_m5_v2``: what the scenarios have in common.
        scenarios : mapping of str to mapping
            What each adds to it.
        language : str
        """
        if not 2 <= len(scenarios) <= MOST_RUNS:
            raise ParameterError("scenarios", list(scenarios), f"name 2 … {MOST_RUNS} scenarios")
        found, kept = workbench.datasets.find(dataset), workbench.runs
        payloads = {name: report_payload({**payload, **own}) for name, own in scenarios.items()}
        for each in payloads.values():
            kept.submit(found.id, each)  # all are queued before the first is waited for
        runs = {name: kept.finished(found.id, each).id for name, each in payloads.items()}
        forecasts = {name: kept.forecast(run) for name, run in runs.items()}
        candidates = {
            name: Candidate(forecast=forecasts[name], draws=kept.draws(run)) for name, run in runs.items()
        }
        return cls(
            words=wording(language),
            farm=farm_label(workbench.farms.current(), found),
            payloads=payloads,
            runs=runs,
            forecasts=forecasts,
            comparison=compare(candidates, next(iter(scenarios))),
        )

    def opening(self) -> ReportPart:
        """A sentence for each scenario but the base."""
        words, base = self.words, self.forecasts[self.comparison.base]
        first, *others = (f"{self._sentence(run)}." for run in sorted(self.comparison.runs, key=_size))
        facts = Facts(
            title=words.text("report_comparison"),
            farm=self.farm,
            report_date=base.meta.report_date,
            headline=first,
            origin=origin(base, words),
            runs=tuple(self.runs.values()),
            language=words.language,
        )
        is_paired = all(run.is_paired for run in self.comparison.runs)
        paired = note(words.text("compare_paired")) if is_paired else ""
        return opening(facts, text_list(others) if others else "", paired)

    def _sentence(self, run: ComparedRun) -> str:
        words, difference = self.words, run.differences[Metric.MILKING_COUNT]
        values = {"name": run.key, "base": self.comparison.base}
        values["month"] = words.by_month(self.comparison.dates[-1])
        middle, low, high = (
            float(getattr(difference.series, level)[-1]) for level in ("p50", "p_low", "p_high")
        )
        if middle == low == high == 0:
            return words.text("compare_same", **values)
        values |= {"change": words.change(middle), "low": words.change(low), "high": words.change(high)}
        return words.text("compare_story", **values, share=words.number(100 * float(difference.more[-1])))

    def difference(self) -> ReportPart:
        """How many more milking cows, with bands of the difference."""
        return self._delta(Metric.MILKING_COUNT, "section_delta")

    def difference_of_culls(self) -> ReportPart:
        """How many more animals leave."""
        return self._delta(Metric.CULLS, "section_delta")

    def _delta(self, metric: Metric, title: str) -> ReportPart:
        names, language = {name: name for name in self.runs}, self.words.language
        chart = delta_chart(self.comparison, metric, names, language=language)
        return picture(f"delta_{metric}", self.words.text(title), chart, self.words)

    def overlay(self) -> ReportPart:
        """Milking cows of all scenarios in one picture."""
        language = self.words.language
        chart = scenario_overlay(self.forecasts, Metric.MILKING_COUNT, language=language)
        return picture("overlay", self.words.text("section_overlay"), chart, self.words)

    def settings(self) -> ReportPart:
        """What the scenarios differ in."""
        words, base = self.words, self.comparison.base
        rows = [(name, self._settings(name)) for name in self.payloads]
        title = words.text("section_scenarios")
        columns = (title, words.text("compare_settings", base=base))
        return section("scenarios", title, table(columns, rows, title, css_class="facts"))

    def _settings(self, name: str) -> str:
        found = differences(self.payloads[self.comparison.base], self.payloads[name])
        parts = (
            f"{setting_label(path, self.words)}: {setting_value(path, own, self.words)}"
            for path, _, own in found
        )
        return "; ".join(parts) or self.words.text("compare_none")

    def provenance(self) -> ReportPart:
        """Everything that the base comes from, and the runs of all scenarios."""
        words = self.words
        line = "; ".join(f"{name}: {run}" for name, run in self.runs.items())
        facts = parameters_html(self.forecasts[self.comparison.base], words)
        return folded(
            "provenance", words.text("section_provenance"), line, note(words.text("provenance_note")), facts
        )


def _size(run: ComparedRun) -> float:
    """Sort the greatest difference of milking cows at the end first."""
    return -abs(float(run.differences[Metric.MILKING_COUNT].series.p50[-1]))
