"""The report of many farms: each of them, and their sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from herd_engine.errors import ParameterError
from herd_engine.i18n.wording import UNKNOWN, Wording, wording
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.quality import QualityIssue
from herd_engine.presentation.reports.forecast_report import report_payload
from herd_engine.presentation.reports.outlook import OutlookText
from herd_engine.presentation.reports.parts import ReportPart, note, notices, section, table
from herd_engine.presentation.tiles import expected_point
from herd_engine.review.portfolio import PortfolioFarm, farm_seed, total
from herd_engine.runs.belonging import counted_twice
from herd_engine.scenarios.schema import complete
from herd_engine.workbench import Workbench


@dataclass(frozen=True, kw_only=True)
class PortfolioReport(OutlookText):
    """Farms and their sum, section by section; ``forecast`` is the sum.

    Attributes
    ----------
    members : mapping of str to PortfolioFarm
        By the farm's name.
    runs : mapping of str to str
        Id of the run of each farm.
    missing : sequence of str
        Farms that the sum is without, because their herd files cannot be used.
    twice : mapping of str to str
        Farms that the sum is without, because their animals are those of another, which is named.
    plans : mapping of str to str
        Names of the farms' own plans, of the farms that are forecast by them.
    """

    members: Mapping[str, PortfolioFarm]
    runs: Mapping[str, str]
    missing: Sequence[str]
    twice: Mapping[str, str]
    plans: Mapping[str, str]

    @classmethod
    def open(
        cls,
        workbench: Workbench,
        datasets: Mapping[str, str],
        payload: Mapping[str, Any],
        *,
        missing: Sequence[str],
        language: str,
    ) -> Self:
        """Read or make the forecasts of all farms.

        Parameters
        ----------
        workbench : Workbench
        datasets : mapping of str to str
            Id or name of a herd file by farm.
        payload : mapping
            ``herd_m5_v2`` of all farms; from its seed every farm gets one of its own. Where nothing is
            wished for, each farm is forecast by its own plan, if it has one.
        missing : sequence of str
            Farms that should be part of it, but whose herd file cannot be used.
        language : str
        """
        if not datasets:
            raise ParameterError("datasets", {}, "name a herd file for each farm")
        words, filled = wording(language), report_payload(payload)
        seed = complete(filled)["seed"]
        farms = {farm: workbench.of_farm(farm) for farm in datasets}
        found = {farm: bench.datasets.find(datasets[farm]) for farm, bench in farms.items()}
        twice = counted_twice((farm, farms[farm].datasets.load(each.id)) for farm, each in found.items())
        wanted = {}
        plans: dict[str, str] = {}
        for farm in (each for each in found if each not in twice):
            own = farms[farm].runs
            plan = None if payload else own.starred()
            plans |= {} if plan is None else {farm: plan.name or words.text("farms_plan_unnamed")}
            wish = filled if plan is None else report_payload(own.payload(plan.id))
            own_payload = {**wish, "seed": farm_seed(seed, farm)}
            own.submit(found[farm].id, own_payload)  # all are queued before the first is waited for
            wanted[farm] = own, (found[farm].id, own_payload)
        runs = {farm: own.finished(*wish).id for farm, (own, wish) in wanted.items()}
        members = {
            farm: PortfolioFarm(forecast=own.forecast(runs[farm]), draws=own.draws(runs[farm]))
            for farm, (own, _) in wanted.items()
        }
        name = next(iter(members))
        if len(members) != 1:
            name = words.text("farms_count", count=words.number(len(members)))
        forecast = total(members, name, seed)
        return cls(
            words=words,
            forecast=forecast,
            members=members,
            runs=runs,
            missing=missing,
            twice=twice,
            plans=plans,
        )

    def opening(self) -> ReportPart:
        """The sentence about the sum, and its numbers of a year ahead."""
        runs = tuple(self.runs.values())
        missing = [self.words.text("farms_missing", farms=", ".join(self.missing))] if self.missing else []
        twice = [self.words.text("farms_twice", farm=farm, other=other) for farm, other in self.twice.items()]
        shown = notices([*missing, *twice, *self._warnings()])
        return self.opening_of("report_portfolio", self.forecast.meta.dataset_name, runs, shown)

    def farms(self) -> ReportPart:
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
        counts = {farm: len(_findings(member)) for farm, member in self.members.items()}
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
        """Return each kind of finding about the data once, with a farm that has it and how many do."""
        words, found = self.words, dict[str, list[str]]()
        for farm, member in self.members.items():
            for issue in _findings(member):
                told = words.text("farms_warning", farm=farm, warning=words.issue(issue))
                found.setdefault(str(issue.params.get("kind", issue.code)), []).append(told)
        return [
            told + (words.text("farms_warning_too", count=words.number(len(others))) if others else "")
            for told, *others in found.values()
        ]

    def _remarks(self) -> list[str]:
        """Return what is to be known about the sum."""
        words = self.words
        remarks = [words.text("farms_own_plan", farm=farm, name=name) for farm, name in self.plans.items()]
        days = sorted({member.forecast.meta.report_date for member in self.members.values()})
        if len(days) > 1:
            remarks.append(words.text("farms_dates", first=words.day(days[0]), last=words.day(days[-1])))
        if any(member.forecast.meta.runs > self.forecast.meta.runs for member in self.members.values()):
            remarks.append(words.text("farms_replicates", count=words.number(self.forecast.meta.runs)))
        for member in self.members.values():
            of_data = [issue.said for issue in _findings(member)]
            remarks += [words.say(said) for said in member.forecast.meta.warnings if said not in of_data]
        remarks = list(dict.fromkeys(remarks))
        return [note(text) for text in remarks]

    def provenance(self) -> ReportPart:
        """Assumptions, and everything that the sum comes from."""
        words = self.words
        lines = (
            f"{farm}: {words.text('run_line', run=run, hash=self._hash(farm))}"
            for farm, run in self.runs.items()
        )
        return self.provenance_of("; ".join(lines))

    def _hash(self, farm: str) -> str:
        return self.members[farm].forecast.meta.dataset_sha256[:12]


def _findings(member: PortfolioFarm) -> list[QualityIssue]:
    """Return what is wrong with a farm's data and bends its forecast."""
    meta = member.forecast.meta
    return [issue for issue in meta.quality if issue.said in meta.warnings]


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
