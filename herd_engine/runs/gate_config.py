"""How strict a home is with its farms' files, as a file of it says: by farm and profile."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herd_engine.datasets.contract.loading import BASE
from herd_engine.errors import ParameterError, YamlError
from herd_engine.guarded_yaml.reader import read_yaml
from herd_engine.model.gate import GateMode, WishedMode
from herd_engine.settings import Settings, is_given

FILE_NAME = "preflight.yaml"
MODE = "HERD_PREFLIGHT_MODE"


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
            raise ParameterError.of_finding(f"{path.name}, line {line}: {where}", first) from error

    def mode_of(self, farm: str, profile: str) -> tuple[GateMode, str] | None:
        """Return the mode of a farm and profile, and the words of the file that say so; the nearest wins."""
        of_farm = {name.casefold(): section for name, section in self.farms.items()}.get(farm.casefold())
        for name, section in ((f"farms.{farm}.", of_farm), ("", self)):
            if section is not None and profile in section.profiles:
                return section.profiles[profile], f"{name}profiles.{profile}"
            if section is not None and section.mode is not None:
                return section.mode, f"{name}mode"
        return None


def wished_mode(home: Path, farm: str, told: GateMode | None = None, profile: str = BASE) -> WishedMode:
    """Return the mode of a farm's files of a profile, and who says so.

    What was told (on the command line) stands above ``HERD_PREFLIGHT_MODE``, that above ``preflight.yaml`` of
    the home, where the farm's profile stands above the farm, and that above all farms; else ``report_only``.

    Raises
    ------
    ParameterError
        The environment or the file says what is no mode.
    """
    if told is not None:
        return WishedMode(mode=told, source="--mode")
    if is_given("preflight_mode") and (text := Settings.read().preflight_mode):
        return WishedMode(mode=_mode(text), source=MODE)
    found = GateConfig.read(home / FILE_NAME).mode_of(farm, profile)
    if found is not None:
        return WishedMode(mode=found[0], source=f"{FILE_NAME}: {found[1]}")
    return WishedMode(mode=GateMode.REPORT_ONLY, source="default")


def _mode(text: str) -> GateMode:
    try:
        return GateMode(text)
    except ValueError:
        raise ParameterError(MODE, text, f"be one of {', '.join(GateMode)}") from None
