"""Settings to begin with."""

from collections.abc import Mapping, Sequence
from typing import Any

from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.run_rows import Deleted
from herd_engine.workbench.answers import Listed, PresetAnswer, answer, listed


class Presets:
    """Settings to begin with: the built-in ones and the caller's own."""

    def __init__(self, kept: KeptRuns) -> None:
        self._rows = kept.catalog.presets

    def list(
        self, cursor: str | None = None, limit: int = 20, *, name: str | None = None
    ) -> Listed[PresetAnswer]:
        """Return a page of presets; ``name`` is part of theirs."""
        return listed(PresetAnswer, self._rows.list(name, cursor, limit))

    def find(self, text: str) -> PresetAnswer:
        """Return the one preset of this name or with an id that begins so."""
        return answer(PresetAnswer, self._rows.find(text))

    def rename(self, preset_id: str, name: str) -> PresetAnswer:
        """Give a preset of one's own another name; ConflictError for a built-in one."""
        return answer(PresetAnswer, self._rows.rename(preset_id, name))

    def save(self, name: str, payload: Mapping[str, Any]) -> PresetAnswer:
        """Keep settings under a name; equal content returns the preset that has it already."""
        return answer(PresetAnswer, self._rows.save(name, payload))

    def put(self, name: str, payload: Mapping[str, Any]) -> tuple[PresetAnswer, bool]:
        """Keep settings as ``save``; tell whether they are new."""
        found, is_new = self._rows.put(name, payload)
        return answer(PresetAnswer, found), is_new

    def get(self, preset_id: str) -> PresetAnswer:
        """Return a preset, built in or the caller's own; NotFoundError."""
        return answer(PresetAnswer, self._rows.get(preset_id))

    def edit(
        self, preset_id: str, *, name: str | None = None, payload: Mapping[str, Any] | None = None
    ) -> PresetAnswer:
        """Change what is named of a preset of the caller's own; ConflictError for a built-in one."""
        return answer(PresetAnswer, self._rows.edit(preset_id, name=name, params=payload))

    def delete(self, ids: Sequence[str]) -> Deleted:
        """Delete presets; tell which, and which not and why."""
        return self._rows.delete(ids)
