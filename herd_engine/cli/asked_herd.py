"""The herd file that a command is about: its path, how to read it, whose it is; one set of options for all.

A command takes ``asked``, an ``AskedHerd``, and its own options; ``about_a_herd`` gives it the shared ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path

from herd_engine.cli.asking import (
    AcceptLosses,
    Dates,
    ReportDate,
    SexMap,
    Sheet,
    StatusMap,
    answers_of,
    read_or_ask,
)
from herd_engine.cli.options import ColumnMap, Farm, HerdPath, Home, Json, parse_targets
from herd_engine.model.answers import Answers
from herd_engine.model.prices import PriceSet
from herd_engine.model.targets import FarmTargets
from herd_engine.workbench import HerdFile, Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedHerd:
    """A herd file as it was asked for.

    Attributes
    ----------
    file : Path
    answers : Answers
        That options give to what the file does not say itself.
    json : Path or None
        Where the answer, or what the file asks, goes for programs.
    farm : str or None
        That was named.
    workbench : Workbench
        Of that farm.
    """

    file: Path
    answers: Answers
    json: Path | None
    farm: str | None
    workbench: Workbench

    def read(self) -> HerdFile:
        """Read it, by what was answered about the files of its farm where one was named; HerdDataError."""
        return read_or_ask(self.workbench, self.file, self.answers, self.json, of_farm=self.farm is not None)

    def aims(self, said: list[str] | None) -> FarmTargets:
        """Return what is said that the farm aims at, over what its sheet says where a farm was named."""
        return parse_targets(said, None if self.farm is None else self.workbench.targets())

    def prices(self, name: str | None) -> PriceSet | None:
        """Return the set of prices of a name, else the one that a named farm uses; None without either."""
        kept = self.workbench.prices
        return kept.find(name) if name else kept.used() if self.farm else None

    def curve(self, name: str | None) -> str | None:
        """Return the lactation curve that is said, else the one of a named farm's sheet."""
        return name or (self.workbench.milk_curve() if self.farm else None)


def asked_herd(  # noqa: PLR0913 - one argument an option
    file: HerdPath,
    column_map: ColumnMap = None,
    json: Json = None,
    *,
    map_status: StatusMap = None,
    map_sex: SexMap = None,
    dates: Dates = None,
    worksheet: Sheet = "",
    accept_losses: AcceptLosses = False,
    report_date: ReportDate = None,
    home: Home = None,
    farm: Farm = None,
) -> AskedHerd:
    """Return what these options, which every command about a herd file has, ask for."""
    answers = answers_of(column_map, map_status, map_sex, dates, worksheet, accept_losses, report_date)
    workbench = Workbench.open(home, farm=farm)
    return AskedHerd(file=file, answers=answers, json=json, farm=farm, workbench=workbench)


def about_a_herd(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command whose first parameter is ``asked`` take the options of ``asked_herd`` in its place."""
    shared = signature(asked_herd).parameters
    own = list(signature(command).parameters.values())[1:]

    @wraps(command)
    def run(**given: object) -> None:
        asked = asked_herd(**{name: given.pop(name) for name in shared})  # type: ignore[arg-type]
        command(asked, **given)

    places = [each for each in shared.values() if each.kind is Parameter.POSITIONAL_OR_KEYWORD]
    named = [each for each in shared.values() if each.kind is Parameter.KEYWORD_ONLY]
    whole = [*places, *own, *named]
    run.__dict__["__signature__"] = signature(command).replace(parameters=whole)
    run.__annotations__ = {each.name: each.annotation for each in whole}
    return run
