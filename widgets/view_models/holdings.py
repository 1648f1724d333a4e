"""What a farm has: herd files, one of them looked at, and the farms themselves."""

from dataclasses import dataclass

from psygnal import Signal

from herd_engine.workbench.answers import Dataset, Farm
from herd_engine.workbench.fitted import Estimate, Fit
from widgets.view_models.farm_sheet import FarmSheetForm
from widgets.view_models.file_alerts import FileAlerts
from widgets.view_models.file_checks import FileChecks
from widgets.view_models.herd_data import SHOWN_DATASETS, HerdData
from widgets.view_models.herd_history import HerdHistory
from widgets.view_models.page_model import PageModel


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A herd file, and how many runs use it."""

    row: Dataset
    n_runs: int


class HerdFiles:
    """The list of herd files: find, rename, archive, delete.

    Attributes
    ----------
    files : tuple of HeldFile
        Newest first.
    has_archived : bool
        Whether archived ones are among them.
    text : str
        What their names contain.
    """

    changed = Signal()

    def __init__(self, page: PageModel, data: HerdData) -> None:
        self._data, self._rows = data, page.workbench.datasets
        self.files: tuple[HeldFile, ...] = ()
        self.has_archived = False
        self.text = ""

    def refresh(self) -> None:
        """Read the list again."""
        rows = self._rows.list(text=self.text or None, archived=self.has_archived, limit=SHOWN_DATASETS).items
        self.files = tuple(HeldFile(row, self._rows.n_runs(row.id)) for row in rows)
        self.changed.emit()

    def search(self, text: str) -> None:
        """Show the files whose name contains a text."""
        self.text = text.strip()
        self.refresh()

    def show_archived(self, *, shown: bool) -> None:
        """Show archived files too, or no longer."""
        self.has_archived = shown
        self.refresh()

    def rename(self, dataset_id: str, name: str) -> None:
        """Give a file another name."""
        row = self._rows.rename(dataset_id, name)
        self.refresh()
        self._data.refresh()
        if self._data.row is not None and self._data.row.id == dataset_id:
            self._data.row = row
            self._data.changed.emit()

    def archive(self, dataset_id: str, *, archived: bool) -> None:
        """Put a file out of sight, or back."""
        self._rows.archive(dataset_id, archived=archived)
        self.refresh()
        self._data.refresh()

    def delete(self, dataset_id: str) -> None:
        """Delete a file; ConflictError where a run uses it."""
        self._rows.delete(dataset_id)
        if self._data.row is not None and self._data.row.id == dataset_id:
            self._data.leave()
        self.refresh()
        self._data.refresh()


class FarmList:
    """The list of farms: add, rename, make default, archive.

    Attributes
    ----------
    rows : tuple of Farm
        By name, archived ones among them.
    current : Farm
        The one whose page this is.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self._farms = page.workbench.farms
        self._current: Farm | None = None
        self.rows: tuple[Farm, ...] = ()

    @property
    def current(self) -> Farm:
        """The farm whose page this is."""
        return self._current or self._farms.current()

    def refresh(self) -> None:
        """Read the list again."""
        self.rows = self._farms.list(archived=True)
        self._current = next(row for row in self.rows if row.id == self.current.id)
        self.changed.emit()

    def add(self, name: str) -> Farm:
        """Add a farm; ConflictError where the name is taken."""
        row = self._farms.add(name)
        self.refresh()
        return row

    def rename(self, farm_id: str, name: str) -> None:
        """Give a farm another name; ConflictError where that is taken."""
        self._farms.rename(self._name(farm_id), name)
        self.refresh()

    def make_default(self, farm_id: str) -> None:
        """Let this farm be meant where none is named."""
        self._farms.make_default(self._name(farm_id))
        self.refresh()

    def archive(self, farm_id: str, *, archived: bool) -> None:
        """Put a farm out of sight, or back; ConflictError for the default one."""
        self._farms.archive(self._name(farm_id), archived=archived)
        self.refresh()

    def _name(self, farm_id: str) -> str:
        """Return the name of a farm of the list; KeyError for another one."""
        return {row.id: row.name for row in self.rows}[farm_id]


class Holdings:
    """What the page of data knows.

    Attributes
    ----------
    data : HerdData
        The herd that is looked at, and the file on its way.
    files : HerdFiles
    farms : FarmList
    fit : Fit or None
        What calibration makes of the herd, taking its file at its word.
    audit : tuple of Estimate
        The same beside the estimates of the calibrated mode.
    checks : FileChecks
        What the farm's contract says of the herd's file.
    alerts : FileAlerts
        What is watched of the farm's files.
    sheet : FarmSheetForm
        What the farm says about itself.
    history : HerdHistory
        What the farm's herd files tell one after the other.
    """

    fitted = Signal()

    def __init__(self, page: PageModel) -> None:
        self.page = page
        self.data = HerdData(page)
        self.files = HerdFiles(page, self.data)
        self.farms = FarmList(page)
        self.history = HerdHistory(page)
        self.checks = FileChecks(page)
        self.alerts = FileAlerts(page)
        self.sheet = FarmSheetForm(page)
        self.fit: Fit | None = None
        self.audit: tuple[Estimate, ...] = ()
        self.data.chosen.connect(self._inspect)

    def open(self) -> None:
        """Show the herd that the address of the page asks for, else the newest one."""
        self.data.refresh()
        self.files.refresh()
        self.farms.refresh()
        self.alerts.refresh()
        self.sheet.refresh()
        wanted = self.page.visit.dataset or next((row.id for row in self.data.datasets), None)
        if wanted is not None:
            self.data.look_at(wanted)

    def _inspect(self) -> None:
        herd_file = self.data.herd_file
        workbench = self.page.workbench
        self.fit = None if herd_file is None else workbench.inspect(herd_file).fit
        self.audit = () if herd_file is None else workbench.audit(herd_file)
        self.files.refresh()
        self.history.ask()
        self.checks.ask(None if self.data.row is None else self.data.row.id)
        self.fitted.emit()
