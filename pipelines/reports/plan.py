"""A plan: which reports, of which farms, where to, and when. YAML; unknown keys are refused."""

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from herd_engine.errors import HerdError, ParameterError, PlanError, YamlError
from herd_engine.guarded_yaml.reader import YamlDocument, read_yaml_file
from herd_engine.guarded_yaml.variables import filled_in
from herd_engine.i18n.catalogue import ENGLISH, catalogue
from herd_engine.model.scenario import MAX_SEED
from pipelines.reports.cron import require_cron
from pipelines.reports.deliver.folder import Folder
from pipelines.reports.deliver.mail import Mail
from pipelines.reports.deliver.webhook import Webhook
from pipelines.reports.parameters import find_notebook

Destination = Annotated[Folder | Mail | Webhook, Field(discriminator="kind")]
Format = Literal["html", "pdf", "xlsx", "csv", "json"]
LONGEST_SECONDS = 86_400
LONGEST_NAME, LONGEST_NAME_BYTES = 64, 200
"""What is known of a plan stands in a file of its name."""
NOT_IN_NAMES = '/\\:*?"<>|'


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(_Part):
    """When a plan is due.

    Attributes
    ----------
    cron : str
        Minute, hour, day of month (``L``: the last one), month, weekday.
    time_zone : str
        IANA name.
    missed : str
        ``once``: times that went by while nothing ran are made up for by one run; ``skip``: they are not.
    """

    cron: str
    time_zone: str = "UTC"
    missed: Literal["once", "skip"] = "once"

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, cron: str) -> str:
        _fits(require_cron, cron)
        return cron

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError("is no time zone; use a name such as Europe/Berlin") from error
        return name


class FarmQuery(_Part):
    """Whose reports.

    Attributes
    ----------
    files : str, optional
        Pattern of herd files, such as ``/data/*.csv``: a farm a file, named as the file.
    latest : list of str or ``all``, optional
        The newest herd file of each of these farms, or of every farm that has one.
    """

    files: str | None = None
    latest: Literal["all"] | list[str] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.files is None) == (self.latest is None):
            raise ValueError("give either files or latest")
        return self


class ReportWish(_Part):
    """One report; of each farm, or of all together where it is a report of many farms.

    Attributes
    ----------
    report : str
        Name of the notebook.
    parameters : dict
    formats : list of str
    to : list of str, optional
        Names of destinations; all by default.
    time_limit_seconds, cell_limit_seconds : float
        Wall time.
    """

    report: str
    parameters: dict[str, Any] = {}
    formats: list[Format] = ["html", "pdf"]
    to: list[str] | None = None
    time_limit_seconds: float = Field(default=900, gt=0, le=LONGEST_SECONDS)
    cell_limit_seconds: float = Field(default=600, gt=0, le=LONGEST_SECONDS)

    @field_validator("report")
    @classmethod
    def _exists(cls, name: str) -> str:
        _fits(find_notebook, name)
        return name


class Plan(_Part):
    """What is made at each occasion.

    Attributes
    ----------
    name : str
    language : str
    seed : int
        Every farm gets a seed of its own from it, so that farms do not share their luck.
    payload : dict
        Scenario of all forecasts (``herd_m5_v2``), seed left out.
    schedule : Schedule, optional
    farms : FarmQuery
    reports : list of ReportWish
    destinations : dict of str to Folder, Mail or Webhook
    parallel : int
        Reports at a time.
    unchanged : str
        ``skip``: what would be the same as a finished edition is not made again; ``run``: it is.
    keep : int
        Editions of each report and farm that stay here; destinations are never deleted from.
    attempts : int
        Of a delivery, each after twice the pause of the one before.
    pause_seconds : float
        After the first attempt.
    """

    name: str
    language: str = ENGLISH
    seed: int = Field(default=42, ge=0, le=MAX_SEED)
    payload: dict[str, Any] = {}
    schedule: Schedule | None = None
    farms: FarmQuery
    reports: list[ReportWish] = Field(min_length=1)
    destinations: dict[str, Destination] = {}
    parallel: int = Field(default=2, ge=1, le=16)
    unchanged: Literal["skip", "run"] = "skip"
    keep: int = Field(default=60, ge=1)
    attempts: int = Field(default=4, ge=1, le=10)
    pause_seconds: float = Field(default=2.0, ge=0, le=LONGEST_SECONDS)

    @field_validator("name")
    @classmethod
    def _names_a_file(cls, name: str) -> str:
        name = unicodedata.normalize("NFC", name)
        if (
            not 1 <= len(name) <= LONGEST_NAME
            or not name.isprintable()
            or len(name.encode()) > LONGEST_NAME_BYTES
            or name != name.strip(" .")
            or set(name) & set(NOT_IN_NAMES)
        ):
            raise ValueError(
                f"must have 1 … {LONGEST_NAME} letters, digits and signs, none of {NOT_IN_NAMES}"
            )
        return name

    @field_validator("language")
    @classmethod
    def _is_spoken(cls, language: str) -> str:
        _fits(catalogue, language)
        return language

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if "seed" in self.payload:
            raise ValueError("payload.seed: give the plan's own seed instead")
        for wish in self.reports:
            for name in wish.to or ():
                if name not in self.destinations:
                    raise ValueError(f"reports.to: there is no destination {name}")
            notebook = find_notebook(wish.report)
            _fits(notebook.checked, {**self._own(notebook.parameters), **wish.parameters})
        return self

    def _own(self, declared: dict[str, Any]) -> dict[str, Any]:
        return {name: self.values[name] for name in ("payload", "language") if name in declared}

    @property
    def values(self) -> dict[str, Any]:
        """What every report gets, where it declares it, unless it says otherwise."""
        return {"language": str(self.language), "payload": {**self.payload, "seed": self.seed}}

    def destinations_of(self, wish: ReportWish) -> dict[str, Any]:
        """Return where a report goes, by name."""
        names = self.destinations if wish.to is None else wish.to
        return {name: self.destinations[name] for name in names}


def read_plan(path: Path) -> Plan:
    """Read and check a plan; ``${NAME}`` and ``${NAME:-otherwise}`` stand for environment variables.

    Raises
    ------
    PlanError
        All that is wrong with it.
    """
    try:
        document = read_yaml_file(path)
        return Plan.model_validate(filled_in(document.values))
    except YamlError as error:
        raise PlanError(str(path), (("", _at(error.reason, error.line)),)) from error
    except ValidationError as error:
        raise PlanError(str(path), tuple(_problems(error, document))) from error
    except ParameterError as error:
        raise PlanError(str(path), ((error.name, str(error)),)) from error


def _problems(error: ValidationError, document: YamlDocument) -> Iterator[tuple[str, str]]:
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        message = item["msg"].removeprefix("Value error, ")
        yield ".".join(str(part) for part in item["loc"]), _at(message, document.line(item["loc"]))


def _at(message: str, line: int) -> str:
    return f"{message} (line {line})" if line else message


def _fits(check: Callable[[Any], object], value: Any) -> None:
    """Let a check of ours speak as pydantic's own do."""
    try:
        check(value)
    except HerdError as error:
        raise ValueError(str(error)) from error
