"""What to do: the work lists, the rules and the key figures of the farm's newest herd file."""

from collections.abc import Mapping
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
    row, herd_file, sheet, findings, figures
        The herd file that is shown, and what it says; None without any, and until it is read.
    is_reading : bool
        Whether a file is on its way.
    has_none : bool
        Whether the farm has no file.
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
        self.is_reading, self.has_none = False, False
        self.sheet: DailySheet | None = None
        self.findings: Findings | None = None
        self.figures: KeyFigures | None = None
        self.days, self.shown = DAYS_AHEAD[0], WorkListName.BREED
        self.aims: dict[str, float | None] = dict.fromkeys(item.name for item in fields(FarmTargets))
        self._kept: dict[str, float | None] = dict(self.aims)
        self._wanted: str | None = None
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
        """Keep what was changed in the farm's sheet, and hold it against the herd; ParameterError.

        What somebody else has set meanwhile stays: only fields that were changed here are kept.
        """
        farms = self.page.workbench.farms
        changes = {f"targets.{name}": _whole(value) for name, value in self._changes().items()}
        farms.change_sheet(farms.current().name, changes)
        self.aims = dict(self._kept)
        if self.row is not None:
            self._read(self.row)

    def age(self, today: date | None = None) -> int:
        """Return how many days old the file is; 0 where there is none."""
        if self.row is None:
            return 0
        return ((today or datetime.now(UTC).date()) - self.row.report_date).days

    def _changes(self) -> dict[str, float | None]:
        return {name: value for name, value in self.aims.items() if value != self._kept[name]}

    def _look(self) -> None:
        """Take a newer file, where somebody has added one meanwhile."""
        if self.page.visit.dataset is None:
            latest = self.page.workbench.datasets.latest()
            if latest is not None and latest.id != self._wanted:
                self._take(latest)

    def _take(self, row: Dataset | None) -> None:
        self.has_none, self.is_reading = row is None, row is not None
        self.changed.emit()
        if row is not None:
            self._wanted = row.id
            self.page.later(lambda: self._read(row))

    def _read(self, row: Dataset) -> None:
        """Read a file and all that is said of it; what is shown changes at once, or not at all."""
        workbench = self.page.workbench
        try:
            herd_file = workbench.datasets.load(row.id)
            sheet_of_farm = workbench.farms.sheet(workbench.farms.current().name)
            targets = sheet_of_farm.farm_targets()
            sheet = workbench.daily_sheet(herd_file, targets, days=self.days)
            findings, figures = workbench.findings(herd_file, targets), workbench.kpis(herd_file, targets)
            if row.id == self._wanted:
                self._take_up(sheet_of_farm.targets or {})
                self.row, self.herd_file = row, herd_file
                self.sheet, self.findings, self.figures = sheet, findings, figures
        finally:
            self.is_reading = self.is_reading and row.id != self._wanted
            self.changed.emit()

    def _take_up(self, kept: Mapping[str, float]) -> None:
        """Show the targets that are kept now; what was typed and is not kept yet stays."""
        typed = self._changes()
        self._kept = {name: kept.get(name) for name in self._kept}
        self.aims = self._kept | typed


def _whole(value: float | None) -> float | None:
    """Return days as a whole number: browsers send every number as a fraction."""
    return int(value) if value is not None and value == int(value) else value
