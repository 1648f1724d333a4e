"""What to do: the work lists, the rules and the key figures of the farm's newest herd file."""

from dataclasses import fields
from datetime import UTC, date, datetime

from psygnal import Signal

from herd_engine.model.kpi import KeyFigures
from herd_engine.model.targets import FarmTargets
from herd_engine.model.visitor import WRITE
from herd_engine.workbench import HerdFile
from herd_engine.workbench.answers import Dataset
from herd_engine.workbench.work_lists import DailySheet, Findings, WorkListName
from widgets.view_models.page_model import PageModel

DAYS_AHEAD = (7, 14, 30)
FRESH_DAYS = 7
"""The work of a week: what is due is not on the sheet of an older file."""


class FarmWork:
    """What the page of work knows.

    Attributes
    ----------
    row, herd_file
        The herd file that is shown; None without any, and until it is read.
    is_read : bool
        Whether it is known that there is a file, or none.
    sheet, findings, figures
        Of that file.
    days : int
        How far ahead the sheet looks.
    shown : WorkListName
        The list that is looked at.
    aims : dict of str to float or None
        What is in the fields of targets, by name; kept only by ``keep_targets``. None: not set.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self.page = page
        self.row: Dataset | None = None
        self.herd_file: HerdFile | None = None
        self.is_read = False
        self.sheet: DailySheet | None = None
        self.findings: Findings | None = None
        self.figures: KeyFigures | None = None
        self.days, self.shown = DAYS_AHEAD[0], WorkListName.BREED
        self.aims: dict[str, float | None] = dict.fromkeys(item.name for item in fields(FarmTargets))
        page.seen.connect(self._look)

    @property
    def may_aim(self) -> bool:
        """Whether the visitor may say what the farm aims at."""
        return WRITE in self.page.workbench.scopes

    def open(self) -> None:
        """Begin with the file that the address names, else with the newest."""
        wanted = self.page.visit.dataset
        datasets = self.page.workbench.datasets
        self._take(datasets.latest() if wanted is None else datasets.get(wanted))

    def look_ahead(self, days: int) -> None:
        """Show what is due within so many days."""
        self.days = days
        if self.herd_file is not None:
            workbench = self.page.workbench
            self.sheet = workbench.daily_sheet(self.herd_file, workbench.targets(), days=days)
        self.changed.emit()

    def look_at(self, name: WorkListName) -> None:
        """Show a list."""
        self.shown = name
        self.changed.emit()

    def aim_at(self, name: str, value: float | None) -> None:
        """Take what was typed into a field; empty: not set."""
        self.aims[name] = value if isinstance(value, int | float) else None

    def keep_targets(self) -> None:
        """Keep what is in the fields in the farm's sheet, and hold it against the herd; ParameterError."""
        farms = self.page.workbench.farms
        farm = farms.current().name
        farms.change_sheet(farm, {f"targets.{name}": _whole(value) for name, value in self.aims.items()})
        if self.row is not None:
            self._read(self.row)

    def age(self, today: date | None = None) -> int:
        """Return how many days old the file is; 0 where there is none."""
        if self.row is None:
            return 0
        return ((today or datetime.now(UTC).date()) - self.row.report_date).days

    def _look(self) -> None:
        """Take a newer file, where somebody has added one meanwhile."""
        if self.page.visit.dataset is None and self.is_read:
            latest = self.page.workbench.datasets.latest()
            if latest is not None and (self.row is None or latest.id != self.row.id):
                self._take(latest)

    def _take(self, row: Dataset | None) -> None:
        self.row = row
        if row is None:
            self.is_read = True
            self.changed.emit()
        else:
            self.page.later(lambda: self._read(row))

    def _read(self, row: Dataset) -> None:
        workbench = self.page.workbench
        herd_file = workbench.datasets.load(row.id)
        targets = workbench.targets()
        self.aims |= dict(workbench.farms.sheet(workbench.farms.current().name).targets or {})
        sheet = workbench.daily_sheet(herd_file, targets, days=self.days)
        self.findings, self.figures = (
            workbench.findings(herd_file, targets),
            workbench.kpis(herd_file, targets),
        )
        self.herd_file, self.sheet, self.is_read = herd_file, sheet, True
        self.changed.emit()


def _whole(value: float | None) -> float | None:
    """Return days as a whole number: browsers send every number as a fraction."""
    return int(value) if value is not None and value == int(value) else value
