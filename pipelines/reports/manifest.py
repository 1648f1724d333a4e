"""What is known of one edition of a report: how it ended, what it was made of, where it went."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

MANIFEST, NOTEBOOK, PAGE, PAPER = "manifest.json", "report.ipynb", "report.html", "report.pdf"


class ReportStatus(StrEnum):
    """How the making of a report ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    DIED = "died"

    @property
    def exit_code(self) -> int:
        """What a command that makes this one report ends with."""
        return _EXIT_CODES[self]


_EXIT_CODES = {
    ReportStatus.SUCCEEDED: 0,
    ReportStatus.FAILED: 3,
    ReportStatus.TIMEOUT: 4,
    ReportStatus.CANCELED: 5,
    ReportStatus.DIED: 138,
}


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReportFailure(_Record):
    """Why a report could not be made.

    Attributes
    ----------
    code : str
        Stable: an error's code, or the name of its class.
    message : str
        For people.
    section : str
        Id of the cell that it stopped at.
    details : str
        Traceback.
    """

    code: str
    message: str
    section: str = ""
    details: str = ""


class KeptFile(_Record):
    """A file of an edition."""

    sha256: str
    n_bytes: int


class Delivery(_Record):
    """What became of one destination; ``error`` is empty where the edition arrived."""

    destination: str
    attempts: int
    error: str = ""
    at: datetime


class Manifest(_Record):
    """One edition.

    Attributes
    ----------
    id : str
        Of what it is made of: the same notebook, parameters, data and versions have the same id.
    report : str
        Name of the notebook.
    series : str
        Editions of one series are about the same thing: the one before is looked for here.
    title, farm, headline : str
        In the report's language; a report that failed early has no headline.
    language : str
    date : date
        That it was made for.
    status : ReportStatus
    parameters : dict
    datasets : dict of str to str
        SHA-256 of the herd files, by farm.
    runs : list of str
        Ids of the runs that its numbers are of.
    versions : dict of str to str
    started_at : datetime
    seconds : dict of str to float
        By stage.
    error : Failure, optional
    notes : list of str
        What could not be had, such as a PDF without a browser.
    files : dict of str to KeptFile
    deliveries : list of Delivery
        The last one of each destination.
    """

    id: str
    report: str
    series: str
    title: str
    farm: str
    headline: str = ""
    language: str
    date: date
    status: ReportStatus
    parameters: dict[str, Any]
    datasets: dict[str, str]
    runs: list[str] = []
    versions: dict[str, str]
    started_at: datetime
    seconds: dict[str, float] = {}
    error: ReportFailure | None = None
    notes: list[str] = []
    files: dict[str, KeptFile] = {}
    deliveries: list[Delivery] = []

    @property
    def name(self) -> str:
        """Where it stands in the journal and at destinations: ``{report}/{date}/{id}``."""
        return f"{self.report}/{self.date}/{self.id}"
