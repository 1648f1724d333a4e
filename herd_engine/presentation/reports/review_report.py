"""The report of what to do: the work lists, what is not as the farm wants it, the key figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from herd_engine import __version__
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.errors import HerdDataError
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.kpi import KeyFigures
from herd_engine.model.sensitivity import Sensitivity
from herd_engine.model.targets import FarmTargets
from herd_engine.presentation.charts import tornado
from herd_engine.presentation.daily_sheet import list_table, sheet_csv
from herd_engine.presentation.findings import cluster_texts, hits_table, not_evaluated, rates_table
from herd_engine.presentation.key_figures import kpi_words
from herd_engine.presentation.reports.farm_label import farm_label
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
    table,
)
from herd_engine.workbench import Workbench
from herd_engine.workbench.work_lists import DailySheet, Findings, WorkListName

_COLUMNS = ("name", "value", "counted", "history", "target")
MOST_HITS = 50
"""More are in `herd review`."""


@dataclass(frozen=True, kw_only=True)
class ReviewReport:
    """What a herd file says is to be done, section by section."""

    words: Wording
    farm: str
    herd_file: HerdFile
    sheet: DailySheet
    findings: Findings
    figures: KeyFigures
    sensitivity: Sensitivity | None

    @classmethod
    def open(
        cls, workbench: Workbench, dataset: str, *, language: str, days: int, targets: Mapping[str, float]
    ) -> Self:
        """Read the herd file, and hold what the farm aims at against it.

        Parameters
        ----------
        workbench : Workbench
            Of the farm.
        dataset : str
            Id or name.
        language : str
        days : int
            How far ahead the lists look, 0…60.
        targets : mapping of str to float
            What the farm aims at; where empty, as its sheet says.

        Raises
        ------
        NotFoundError, ParameterError
        """
        found = workbench.datasets.find(dataset)
        herd_file = workbench.datasets.load(found.id)
        aims = FarmTargets.of(targets) if targets else workbench.targets()
        return cls(
            words=wording(language),
            farm=farm_label(workbench.farms.current(), found),
            herd_file=herd_file,
            sheet=workbench.daily_sheet(herd_file, aims, days=days),
            findings=workbench.findings(herd_file, aims),
            figures=workbench.kpis(herd_file, aims),
            sensitivity=_sensitivity(workbench, herd_file),
        )

    def opening(self) -> ReportPart:
        """How many animals are on the lists, and how many a rule catches."""
        words, caught = self.words, self.findings.any_deviation
        headline = words.text(
            "review_story", n=len({row.animal for row in self.sheet.rows}), caught=caught.n, of=caught.of[0]
        )
        facts = Facts(
            title=words.text("report_review"),
            farm=self.farm,
            report_date=self.sheet.as_of,
            headline=headline,
            origin=f"{__version__} · {self.herd_file.sha256[:12]}",
            language=words.language,
        )
        return opening(facts)

    def work(self) -> ReportPart:
        """Every list, whole, and the table to take along."""
        words, title = self.words, self.words.text("work_title", day=self.sheet.as_of)
        parts = [note(words.text("work_ahead", n=self.sheet.days))]
        for name in WorkListName:
            rows = list_table(self.sheet, name, words)
            label = f"{words.text(f'work_list.{name}')} ({len(rows.rows)})"
            shown = (
                table(rows.columns, rows.rows, label, css_class="worded")
                if rows.rows
                else note(words.text("work_none"))
            )
            parts += [heading(label), shown]
        file_name = f"sheet-{self.sheet.as_of.isoformat()}.csv"
        parts.append(download(words.text("todo.table"), file_name, sheet_csv(self.sheet, words)))
        return section("work", title, *parts)

    def rules(self) -> ReportPart:
        """How often each rule catches an animal, and which."""
        words, found = self.words, self.findings
        title = words.text("rule_title", day=found.as_of)
        rates, hits = rates_table(found, words), hits_table(found.hits[:MOST_HITS], words)
        more = len(found.hits) - MOST_HITS
        return section(
            "rules",
            title,
            *map(note, cluster_texts(found, words)),
            table(rates.columns, rates.rows, title, css_class="worded"),
            table(hits.columns, hits.rows, words.text("rule_head.animal"), css_class="worded")
            if hits.rows
            else "",
            note(words.text("review_more", n=more)) if more > 0 else "",
            note(words.text("rule_not_told", rules=", ".join(not_evaluated(found, words)))),
        )

    def key_figures(self) -> ReportPart:
        """All key figures, with the farm's own past and what is aimed at."""
        words, title = self.words, self.words.text("kpi_title", day=self.figures.as_of)
        columns = [words.text(f"kpi_head.{name}") for name in _COLUMNS]
        rows = [[str(getattr(each, name)) for name in _COLUMNS] for each in kpi_words(self.figures, words)]
        return section("figures", title, table(columns, rows, title, css_class="worded"))

    def levers(self) -> ReportPart:
        """What one step of each lever does to the cows in milk of two years on, or why nobody can tell."""
        words, found = self.words, self.sensitivity
        if found is None:
            return section("levers", words.text("section_levers"), note(words.text("review_no_levers")))
        chart = tornado(found, language=words.language)
        return picture("levers", words.text("section_levers"), chart, words)

    def provenance(self) -> ReportPart:
        """Which file it is."""
        words, found = self.words, self.herd_file
        line = words.text("quality_file", name=found.name, hash=found.sha256)
        return folded("provenance", words.text("section_provenance"), line)


def _sensitivity(workbench: Workbench, herd_file: HerdFile) -> Sensitivity | None:
    """Return what moves the cows in milk; None where the file has too little for rates of its own."""
    try:
        return workbench.sensitivity(herd_file)
    except HerdDataError:
        return None
