"""The report of many farms: each of them, and their sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from herd_engine.errors import ParameterError
from herd_engine.figures.wording import UNKNOWN, Wording
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.review.portfolio import Member, farm_seed, total
from herd_engine.review.report_words import report_wording
from herd_engine.review.reports.forecast_report import report_payload
from herd_engine.review.reports.outlook import Outlook
from herd_engine.review.reports.parts import Part, note, notices, section, table
from herd_engine.runs.exports.html_tiles import expected_point
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.waiting import finished_run
from herd_engine.scenarios.schema import complete


@dataclass(frozen=True, kw_only=True)
class PortfolioReport(Outlook):
    """Farms and their sum, section by section; ``forecast`` is the sum.

    Attributes
    ----------
    members : mapping of str to Member
        By the farm's name.
    runs : mapping of str to str
        Id of the run of each farm.
    missing : sequence of str
        Farms that the sum is without, because their herd files cannot be used.
    """

    members: Mapping[str, Member]
    runs: Mapping[str, str]
    missing: Sequence[str]

    @classmethod
    def open(
        cls,
        kept: KeptRuns,
        datasets: Mapping[str, str],
        payload: Mapping[str, Any],
        *,
        missing: Sequence[str],
        language: str,
    ) -> Self:
        """Read or make the forecasts of all farms.

        Parameters
        ----------
        kept : KeptRuns
        datasets : mapping of str to str
            Id or name of a herd file by farm.
        payload : mapping
            ``herd_m5_v2`` of all farms; from its seed every farm gets one of its own.
        missing : sequence of str
            Farms that should be part of it, but whose herd file cannot be used.
        language : str
        """
        if not datasets:
            raise ParameterError("datasets", {}, "name a herd file for each farm")
        words, filled = report_wording(language), report_payload(payload)
        seed = complete(filled)["seed"]
        wanted = {}
        for farm, dataset in datasets.items():
            own = kept.of_farm(farm)
            row = own.catalog.datasets.find(dataset)
            own_payload = {**filled, "seed": farm_seed(seed, farm)}
            own.submit(row.id, own_payload)  # all are queued before the first is waited for
            wanted[farm] = own, row.id, own_payload
        runs = {farm: finished_run(*wish).id for farm, wish in wanted.items()}
        members = {
            farm: Member(forecast=own.forecast(runs[farm]), draws=own.draws(runs[farm]))
            for farm, (own, _, _) in wanted.items()
        }
        name = next(iter(members))
        if len(members) != 1:
            name = words.text("farms_count", count=words.number(len(members)))
        forecast = total(members, name, seed)
        return cls(words=words, forecast=forecast, members=members, runs=runs, missing=missing)

    def opening(self) -> Part:
        """The sentence about the sum, and its numbers of a year ahead."""
        runs = tuple(self.runs.values())
        missing = [self.words.text("farms_missing", farms=", ".join(self.missing))] if self.missing else []
        shown = notices([*missing, *self._warnings()])
        return self.opening_of("report_portfolio", self.forecast.meta.dataset_name, runs, shown)

    def farms(self) -> Part:
        """A row a farm, and the sum."""
        words, day = self.words, self.forecast.dates[expected_point(self.forecast)]
        keys = (
            "farm",
            "farms_report_date",
            "farms_now",
            "farms_then",
            "farms_change",
            "farms_purchases",
            "farms_culls",
            "farms_warnings",
        )
        counts = {farm: len(member.forecast.meta.warnings) for farm, member in self.members.items()}
        rows = [
            (farm, *_row(member.forecast, day, words), words.number(counts[farm]))
            for farm, member in self.members.items()
        ]
        total_row = _row(self.forecast, day, words)
        whole = (words.text("farms_total"), *total_row, words.number(sum(counts.values())))
        title = words.text("section_farms")
        futures = words.futures(self.forecast.meta.scenario.confidence_central)
        return section(
            "farms",
            title,
            table((words.text(key, day=words.day(day)) for key in keys), [*rows, whole], title),
            note(words.text("farms_note", futures=futures)),
            *self._remarks(),
        )

    def _warnings(self) -> list[str]:
        """Return each kind of warning once, with a farm that has it and how many do."""
        words, found = self.words, dict[str, list[str]]()
        for farm, member in self.members.items():
            meta, sentences = member.forecast.meta, words.sentences(member.forecast)
            kinds = {issue.message: str(issue.params.get("kind", issue.code)) for issue in meta.quality}
            for text in meta.warnings:
                told = words.text("farms_warning", farm=farm, warning=sentences.get(text, text))
                found.setdefault(kinds.get(text, text), []).append(told)
        return [
            told + (words.text("farms_warning_too", count=words.number(len(others))) if others else "")
            for told, *others in found.values()
        ]

    def _remarks(self) -> list[str]:
        """Return what is to be known about the sum."""
        words, remarks = self.words, []
        days = sorted({member.forecast.meta.report_date for member in self.members.values()})
        if len(days) > 1:
            remarks.append(words.text("farms_dates", first=words.day(days[0]), last=words.day(days[-1])))
        if any(member.forecast.meta.runs > self.forecast.meta.runs for member in self.members.values()):
            remarks.append(words.text("farms_replicates", count=words.number(self.forecast.meta.runs)))
        return [note(text) for text in remarks]

    def provenance(self) -> Part:
        """Assumptions, and everything that the sum comes from."""
        words = self.words
        lines = (
            f"{farm}: {words.text('run_line', run=run, hash=self._hash(farm))}"
            for farm, run in self.runs.items()
        )
        return self.provenance_of("; ".join(lines))

    def _hash(self, farm: str) -> str:
        return self.members[farm].forecast.meta.dataset_sha256[:12]


def _row(forecast: Forecast, day: Any, words: Wording) -> tuple[str, ...]:
    now = forecast.value(Metric.MILKING_COUNT, "p50", 0)
    head = (words.day(forecast.meta.report_date), words.number(now))
    if day not in forecast.dates:
        return (*head, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
    point = forecast.dates.index(day)
    then = forecast.value(Metric.MILKING_COUNT, "p50", point)
    sums = (
        words.number(float(np.nansum(forecast.series[metric].mean[1 : point + 1])))
        for metric in (Metric.PURCHASES_IN, Metric.CULLS)
    )
    change = words.change(round(then or 0) - round(now or 0))
    return (*head, words.with_band(forecast, Metric.MILKING_COUNT, point), change, *sums)
