"""How strict a home is with its farms' files, as a file of it says: by farm and profile."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herd_engine.errors import ParameterError, YamlError
from herd_engine.guarded_yaml.reader import read_yaml
from herd_engine.model.gate import GateMode

FILE_NAME = "preflight.yaml"


class _Section(BaseModel):
    """A mode, and those of single profiles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: GateMode | None = None
    profiles: dict[str, GateMode] = Field(default_factory=dict)


class GateConfig(_Section):
    """What the file says: for all farms, and for some by name."""

    farms: dict[str, _Section] = Field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return what a file says; nothing where there is none.

        Raises
        ------
        ParameterError
            It is no YAML, or says what it cannot; with the line.
        """
        if not path.is_file():
            return cls()
        try:
            document = read_yaml(path.read_bytes(), path.name)
        except YamlError as error:
            raise ParameterError(path.name, f"line {error.line}", f"be YAML: {error.reason}") from error
        try:
            return cls.model_validate(document.values or {})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            line = document.line(first["loc"])
            raise ParameterError(
                f"{path.name}, line {line}: {where}", first["input"], first["msg"]
            ) from error

    def mode_of(self, farm: str, profile: str) -> tuple[GateMode, str] | None:
        """Return the mode of a farm and profile, and the words of the file that say so; the nearest wins."""
        of_farm = {name.casefold(): section for name, section in self.farms.items()}.get(farm.casefold())
        for name, section in ((f"farms.{farm}.", of_farm), ("", self)):
            if section is not None and profile in section.profiles:
                return section.profiles[profile], f"{name}profiles.{profile}"
            if section is not None and section.mode is not None:
                return section.mode, f"{name}mode"
        return None
