"""What a farm lays over a contract: its own words for columns, statuses and sexes, its own rules."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from herd_engine.datasets.contract.loading import BASE
from herd_engine.datasets.contract.model import Contract, Text
from herd_engine.datasets.contract.rules import REPORT_DATE, ContractPart, Name, Rule
from herd_engine.errors import ContractError, YamlError
from herd_engine.guarded_yaml.reader import read_yaml
from herd_engine.model.answers import Answers

Words = dict[Name, tuple[Text, ...]]


class FarmLimits(ContractPart):
    """Limits of ``Limits`` that a farm may set; what protects the machine is not among them."""

    lost_share: float | None = Field(default=None, ge=0, le=1)
    lost_class: int | None = Field(default=None, ge=1, le=1000)
    highest_lactation: int | None = Field(default=None, ge=1, le=99)
    oldest_heifer_days: int | None = Field(default=None, ge=300, le=10_000)


class OwnColumn(ContractPart):
    """A column of the farm's own, which no forecast looks at: its type, and the headers that mean it."""

    type: Literal["text", "number", "date"]
    words: tuple[Text, ...] = Field(min_length=1, max_length=50)
    required: bool = False


class Layer(ContractPart):
    """A farm's own part.

    Attributes
    ----------
    over : str
        Name of the contract that it is laid over.
    columns, statuses, sexes : dict of str to tuple of str
        By our name of a column, status or sex, the farm's own words for it.
    own : dict of str to OwnColumn
        By a name of the farm's, a column that the contract does not know: it is kept beside the others, and
        rules may be about it. Names of days end with ``_date``, others do not.
    limits : FarmLimits
        What of a file may be left out, and what an animal can be.
    require : tuple of str
        Columns that the farm's files must have, though the contract does not ask for them.
    rules : tuple of Rule
        One with the id of a rule of the contract takes its place: that is how a threshold is changed.
    without : tuple of str
        Ids of rules that the farm is not asked.
    """

    over: Literal["herd_export"] = "herd_export"
    columns: Words = Field(default_factory=dict)
    statuses: Words = Field(default_factory=dict)
    sexes: dict[Literal["female", "male"], tuple[Text, ...]] = Field(default_factory=dict)
    own: dict[Name, OwnColumn] = Field(default_factory=dict, max_length=50)
    limits: FarmLimits = FarmLimits()
    require: tuple[Name, ...] = ()
    rules: tuple[Rule, ...] = ()
    without: tuple[Name, ...] = ()

    def answers(self) -> Answers:
        """Return the words as the reader takes them: as what was said about the farm's files."""
        return Answers.of(
            columns=_by_word(self.columns), statuses=_by_word(self.statuses), sexes=_by_word(self.sexes)
        )


def read_layer(data: bytes, name: str) -> Layer:
    """Return the layer that a YAML file holds.

    Raises
    ------
    ContractError
        It is no YAML, or says what no layer can; all problems are listed, with their lines.
    """
    try:
        document = read_yaml(data, name)
    except YamlError as error:
        raise ContractError(name, ((error.line, "", error.reason),)) from error
    try:
        return Layer.model_validate(document.values or {})
    except ValidationError as error:
        raise ContractError(
            name,
            tuple(
                (document.line(problem["loc"]), ".".join(map(str, problem["loc"])), problem["msg"])
                for problem in error.errors(include_url=False, include_input=False)
            ),
        ) from error


def laid_over(base: Contract, layer: Layer, name: str) -> Contract:
    """Return a contract with a farm's layer over it.

    Raises
    ------
    ContractError
        A word of the farm stands for something else in the contract, the layer names what the contract does
        not have, or a word is to match the beginning of longer ones (``*``), which a farm's may not.
    """
    if base.contract != BASE:
        raise ContractError(name, ((1, "over", f"a layer lies over {BASE}"),))
    problems = _unknown(base, layer)
    problems += _wrong_names(base, layer)
    problems += [
        (1, part, f"“{word}” ends with *; a farm's own words are whole")
        for part, words in _words(layer)
        for word in words
        if "*" in word
    ]
    if problems:
        raise ContractError(name, tuple(problems))
    values = base.model_dump(mode="json", by_alias=True)
    for column in values["columns"]:
        column["aliases"] = _with(column["aliases"], layer.columns.get(column["name"], ()))
    for status in values["statuses"]:
        status["words"] = _with(status["words"], layer.statuses.get(status["name"], ()))
    for sex, words in layer.sexes.items():
        values["sexes"][sex] = _with(values["sexes"][sex], words)
    values["columns"] += [
        {"name": name, "type": one.type, "required": one.required, "expected": False, "aliases": one.words}
        for name, one in layer.own.items()
    ]
    values["limits"] |= layer.limits.model_dump(exclude_none=True)
    for column in values["columns"]:
        column["required"] = column["required"] or column["name"] in layer.require
    own = {rule.id: rule.model_dump(mode="json") for rule in layer.rules}
    kept = [own.pop(rule["id"], rule) for rule in values["rules"] if rule["id"] not in layer.without]
    values["rules"] = [*kept, *own.values()]
    try:
        return Contract.model_validate(values)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        problems = [(1, ".".join(map(str, each["loc"])), each["msg"]) for each in told]
        raise ContractError(name, tuple(problems)) from error


def _unknown(base: Contract, layer: Layer) -> list[tuple[int, str, str]]:
    known: Mapping[str, set[str]] = {
        "columns": {column.name for column in base.columns},
        "statuses": {status.name for status in base.statuses},
        "require": {column.name for column in base.columns},
        "without": {rule.id for rule in base.rules},
    }
    return [
        (1, part, f"{base.contract} has no {name}")
        for part, names in known.items()
        for name in getattr(layer, part)
        if name not in names
    ]


def _wrong_names(base: Contract, layer: Layer) -> list[tuple[int, str, str]]:
    """Return what is wrong with the names of the farm's own columns."""
    known = {column.name for column in base.columns} | {REPORT_DATE, "presence"}
    problems = [
        (1, "own", f"{name} is a column of {base.contract}; give its words in columns")
        for name in layer.own
        if name in known
    ]
    return problems + [
        (1, "own", f"{name}: the name of a date ends with _date, that of nothing else does")
        for name, one in layer.own.items()
        if name.endswith("_date") != (one.type == "date")
    ]


def _words(layer: Layer) -> Iterator[tuple[str, tuple[str, ...]]]:
    for part in ("columns", "statuses", "sexes"):
        yield from ((part, words) for words in getattr(layer, part).values())
    yield from (("own", one.words) for one in layer.own.values())


def _with(words: list[Any], more: tuple[str, ...]) -> list[Any]:
    return [*words, *(word for word in more if word not in words)]


def _by_word(words: Mapping[Any, tuple[str, ...]]) -> dict[str, str]:
    return {word: str(name) for name, of_name in words.items() for word in of_name}
