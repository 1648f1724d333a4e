"""The report of one herd file: what is in it, what is wrong with it, what calibration makes of it."""

from dataclasses import dataclass
from typing import Self

from herd_engine import __version__
from herd_engine.calibration.audit import estimator_audit
from herd_engine.calibration.fit import Fit, fit_herd
from herd_engine.charts.audit import audited_exits
from herd_engine.charts.fitted import (
    fitted_distributions,
)
from herd_engine.charts.parity import parity_pyramid
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.quality import Severity
from herd_engine.presentation.evidence import quality_html
from herd_engine.presentation.reports.farm_label import farm_label
from herd_engine.presentation.reports.parts import Facts, ReportPart, folded, opening, picture, section, table
from herd_engine.workbench import Workbench


@dataclass(frozen=True, kw_only=True)
class QualityReport:
    """A herd file, section by section."""

    words: Wording
    farm: str
    herd_file: HerdFile
    fit: Fit

    @classmethod
    def open(cls, workbench: Workbench, dataset: str, *, language: str) -> Self:
        """Read the herd file; ``dataset`` is its id or name."""
        found = workbench.datasets.find(dataset)
        herd_file = workbench.datasets.load(found.id)
        return cls(
            words=wording(language),
            farm=farm_label(workbench.farms.current(), found),
            herd_file=herd_file,
            fit=fit_herd(herd_file.records),
        )

    def opening(self) -> ReportPart:
        """How many animals there are, and how much is remarkable."""
        words, found = self.words, self.herd_file
        issues = (*found.issues, *self.fit.issues)
        counts = {
            severity: words.number(sum(issue.severity is severity for issue in issues))
            for severity in Severity
        }
        sentence = words.text(
            "quality_story_errors" if counts[Severity.ERROR] != words.number(0) else "quality_story",
            herd=words.number(found.herd.n_animals),
            rows=words.number(found.n_rows),
            errors=counts[Severity.ERROR],
            warnings=counts[Severity.WARNING],
        )
        facts = Facts(
            title=words.text("report_quality"),
            farm=self.farm,
            report_date=found.herd.report_date,
            headline=f"{sentence}.",
            origin=f"{__version__} · {found.sha256[:12]}",
            language=words.language,
        )
        return opening(facts)

    def quality(self) -> ReportPart:
        """All that was found, errors first."""
        issues = (*self.herd_file.issues, *self.fit.issues)
        shown = quality_html(issues, self.herd_file.herd.excluded, self.words)
        return section("quality", self.words.text("section_quality"), shown)

    def statuses(self) -> ReportPart:
        """Rows by the status that the file gives them."""
        words = self.words
        title = words.text("section_statuses")
        rows = [(status, words.number(n)) for status, n in self.herd_file.status_counts.items()]
        columns = (words.text("quality_status"), words.text("quality_rows"))
        return section("statuses", title, table(columns, rows, title))

    def today(self) -> ReportPart:
        """The herd on the report date."""
        herd, language = self.herd_file.herd, self.words.language
        chart = parity_pyramid(herd, language=language)
        return picture("parity", self.words.text("section_today"), chart, self.words)

    def fitted(self) -> ReportPart:
        """Ages and intervals, as recorded and as fitted."""
        language = self.words.language
        chart = fitted_distributions(self.fit, language=language)
        return picture("fitted", self.words.text("section_fitted"), chart, self.words)

    def exits(self) -> ReportPart:
        """How animals leave."""
        language = self.words.language
        audit = estimator_audit(self.herd_file.records)
        chart = audited_exits(audit, language=language)
        return picture("exits", self.words.text("section_exits"), chart, self.words)

    def provenance(self) -> ReportPart:
        """Which file it is."""
        words, found = self.words, self.herd_file
        line = words.text("quality_file", name=found.name, hash=found.sha256)
        return folded("provenance", words.text("section_provenance"), line)
