"""Every error that this package raises on purpose.

HerdError
├── ParameterError            a parameter of a scenario is outside its range
│   └── UnknownParameterError a parameter of this name does not exist
├── ScenarioError             a scenario has problems; all of them are listed
├── HerdDataError             the herd file (or what is in it) makes a forecast impossible
├── OutputError              a result cannot be written where it was asked for
├── ClusterError             the Dask cluster cannot be reached or used; worth a retry
├── BatchError               a batch of replicates cannot be simulated; a retry would not help
├── ContractError            a contract of herd files has problems; all of them are listed
├── YamlError                a YAML file cannot be read, or says what is read in two ways
├── PlanError                a plan of reports has problems; all of them are listed
├── ChannelsError            the file of channels has problems; all of them are listed
├── PoliciesError            a file of alert policies has problems; all of them are listed
├── PrintError               a report's page cannot be printed
├── DeliveryError            a report cannot be brought to a destination
├── ServiceError             a part of `herd up` cannot be kept running
├── StorageError              the database or the file store cannot be used
├── NotFoundError             nothing of this id exists, or it belongs to another farm
│   └── FarmNotFoundError     no farm is called so; how to add one
├── ForbiddenError            somebody's role on a farm does not allow this
├── ConflictError             what is stored already does not allow this
├── ForecastCanceled          somebody asked a running forecast to stop
└── InvariantError            the engine contradicts itself: animals in ≠ animals out + present

Each class has a stable ``code``. Callers catch a branch of the tree, never a text. Every argument reaches
``super().__init__`` so that an error survives pickling on its way back from another process.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from herd_engine.model.answers import Question
    from herd_engine.model.quality import QualityIssue


class HerdError(Exception):
    """Base of all errors of this package; ``code`` is stable and fit for programs."""

    code: ClassVar[str] = "HERD_ERROR"


class ParameterError(HerdError):
    """A parameter breaks its rule."""

    code = "PARAMETER_INVALID"

    def __init__(self, name: str, value: object, rule: str) -> None:
        super().__init__(name, value, rule)
        self.name, self.value, self.rule = name, value, rule

    def __str__(self) -> str:
        return f"`{self.name}` must {self.rule}; got {self.value!r}."

    @classmethod
    def of_finding(cls, name: str, found: Mapping[str, Any]) -> Self:
        """Word what pydantic found about a value: its ``type``, ``msg`` and ``input``."""
        message = str(found["msg"])
        if found["type"] == "missing":
            return cls(name, None, "be given")
        if found["type"] == "extra_forbidden":
            return cls(name, found["input"], "not be there: nothing is called so")
        rule = message.removeprefix("Input should ")
        if rule == message:  # a validator's own sentence
            rule = f"be right: {message.removeprefix('Value error, ')}"
        return cls(name, found["input"], rule)


class UnknownParameterError(ParameterError):
    """A parameter of this name does not exist; the nearest known name is suggested."""

    code = "PARAMETER_UNKNOWN"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        known = tuple(known)
        HerdError.__init__(self, name, known)
        self.name, self.known = name, known
        self.suggestion = next(iter(difflib.get_close_matches(name, known, n=1)), None)

    def __str__(self) -> str:
        hint = f" Did you mean `{self.suggestion}`?" if self.suggestion else ""
        return f"`{self.name}` is not a parameter.{hint} Known: {', '.join(self.known)}."


class ScenarioError(HerdError):
    """A scenario has problems; ``problems`` lists all of them as (path of the field, message)."""

    code = "SCENARIO_INVALID"

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(f"`{path}`: {message}" if path else message for path, message in self.problems)


class HerdDataError(HerdError):
    """The herd file makes a forecast impossible; ``issues`` lists all that was found wrong.

    ``questions`` lists what must be answered before it can be read.
    """

    code = "HERD_DATA_INVALID"

    def __init__(
        self, message: str, issues: tuple[QualityIssue, ...] = (), questions: tuple[Question, ...] = ()
    ) -> None:
        super().__init__(message, issues, questions)
        self.message, self.issues, self.questions = message, issues, questions

    def __str__(self) -> str:
        return self.message


class OutputError(HerdError):
    """A result cannot be written where it was asked for; nothing has changed there."""

    code = "OUTPUT_NOT_WRITTEN"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} cannot be written: {self.reason}."


class ClusterError(HerdError):
    """The Dask cluster cannot be reached or used; the same run may succeed later."""

    code = "CLUSTER_UNAVAILABLE"


class BatchError(HerdError):
    """A batch of replicates cannot be simulated; trying again would not help."""

    code = "BATCH_FAILED"

    def __init__(self, first_run: int, reason: str) -> None:
        super().__init__(first_run, reason)
        self.first_run, self.reason = first_run, reason

    def __str__(self) -> str:
        return f"The batch of replicates from {self.first_run} cannot be simulated: {self.reason}."


class ServiceError(HerdError):
    """A part of `herd up` cannot be started or kept running."""

    code = "SERVICE_FAILED"

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(part, reason)
        self.part, self.reason = part, reason

    def __str__(self) -> str:
        return f"{self.part}: {self.reason}."


class YamlError(HerdError):
    """A YAML file cannot be read, or says what people and programs read differently.

    ``line`` begins with 1; it is 0 where the whole file is meant.
    """

    code = "YAML_INVALID"

    def __init__(self, name: str, line: int, reason: str) -> None:
        super().__init__(name, line, reason)
        self.name, self.line, self.reason = name, line, reason

    def __str__(self) -> str:
        where = f"{self.name}, line {self.line}" if self.line else self.name
        return f"{where}: {self.reason}."


class PlanError(HerdError):
    """A plan of reports has problems; ``problems`` lists all of them as (path of the field, message)."""

    code = "PLAN_INVALID"

    def __init__(self, plan: str, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__(plan, problems)
        self.plan, self.problems = plan, problems

    def __str__(self) -> str:
        lines = (f"`{path}`: {message}" if path else message for path, message in self.problems)
        return "\n".join([f"The plan {self.plan} cannot be used:", *lines])


class PoliciesError(HerdError):
    """A file of alert policies has problems; ``problems`` lists them as (path of the field, message)."""

    code = "POLICIES_INVALID"

    def __init__(self, name: str, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__(name, problems)
        self.name, self.problems = name, problems

    def __str__(self) -> str:
        lines = (f"`{path}`: {message}" if path else message for path, message in self.problems)
        return "\n".join([f"The policies of {self.name} cannot be used:", *lines])


class ContractError(HerdError):
    """A contract has problems; ``problems`` lists all of them as (line, path of the field, message)."""

    code = "CONTRACT_INVALID"

    def __init__(self, contract: str, problems: tuple[tuple[int, str, str], ...]) -> None:
        super().__init__(contract, problems)
        self.contract, self.problems = contract, problems

    def __str__(self) -> str:
        lines = (
            f"line {line}: `{path}`: {message}" if path else f"line {line}: {message}"
            for line, path, message in self.problems
        )
        return "\n".join([f"The contract {self.contract} cannot be used:", *lines])


class ChannelsError(HerdError):
    """The file of channels has problems; ``problems`` lists them as (path of the field, message)."""

    code = "CHANNELS_INVALID"

    def __init__(self, name: str, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__(name, problems)
        self.name, self.problems = name, problems

    def __str__(self) -> str:
        lines = (f"`{path}`: {message}" if path else message for path, message in self.problems)
        return "\n".join([f"The channels of {self.name} cannot be used:", *lines])


class PrintError(HerdError):
    """A report's page cannot be printed as PDF."""

    code = "PDF_NOT_MADE"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"The report could not be printed as PDF: {self.reason}."


class DeliveryError(HerdError):
    """A report cannot be brought to a destination; ``again``: whether another try may help."""

    code = "NOT_DELIVERED"

    def __init__(self, destination: str, reason: str, again: bool = True) -> None:
        super().__init__(destination, reason, again)
        self.destination, self.reason, self.again = destination, reason, again

    def __str__(self) -> str:
        return f"{self.destination} did not take the report: {self.reason}."


class StorageError(HerdError):
    """The database or the file store cannot be used; nothing was half written."""

    code = "STORAGE_UNAVAILABLE"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place, self.reason = place, reason

    def __str__(self) -> str:
        return f"{self.place} cannot be used: {self.reason}."


class NotFoundError(HerdError):
    """Nothing of this id exists, or it belongs to another farm: the two look alike on purpose."""

    code = "NOT_FOUND"

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(kind, id)
        self.kind, self.id = kind, id

    def __str__(self) -> str:
        return f"There is no {self.kind} {self.id}."


class FarmNotFoundError(NotFoundError):
    """There is no farm of this name; whoever named it can add it. Without a name: none that may be seen."""

    def __init__(self, name: str) -> None:
        HerdError.__init__(self, name)
        self.kind, self.id = "farm", name

    def __str__(self) -> str:
        if not self.id:
            return "No farm is open to you; ask whoever manages one."
        return f'There is no farm {self.id}. Add it with: herd farms add "{self.id}"'


class ForbiddenError(HerdError):
    """The role that somebody has on a farm does not allow this; ``scope`` would."""

    code = "FORBIDDEN"

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope

    def __str__(self) -> str:
        return f"This needs another right: {self.scope}."


class ConflictError(HerdError):
    """What is stored already does not allow this.

    ``case`` is stable too: it says which conflict it is, and what it is called in the catalogues;
    ``name`` is what it is about.
    """

    code = "CONFLICT"

    def __init__(self, message: str, case: str, name: str = "") -> None:
        super().__init__(message, case, name)
        self.message, self.case, self.name = message, case, name

    def __str__(self) -> str:
        return self.message


class ForecastCanceled(HerdError):  # noqa: N818 - a request that was granted, not a fault
    """Somebody asked a running forecast to stop; nothing was written."""

    code = "FORECAST_CANCELED"

    def __str__(self) -> str:
        return "The forecast was canceled; nothing was written."


class InvariantError(HerdError):
    """The engine contradicts itself; please report it with the run's seed and data hash."""

    code = "INVARIANT_BROKEN"

    def __init__(self, rule: str, run: int, month: int) -> None:
        super().__init__(rule, run, month)
        self.rule, self.run, self.month = rule, run, month

    def __str__(self) -> str:
        return f"Broken in run {self.run}, month {self.month}: {self.rule}. This is a defect of the engine."
