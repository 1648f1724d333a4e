"""What a look at the levers is made of, in words."""

from herd_engine.i18n.wording import Wording
from herd_engine.model.levers import LEVERS
from herd_engine.model.sensitivity import Sensitivity


def sensitivity_notes(found: Sensitivity, words: Wording) -> tuple[str, ...]:
    """Return what hardly counts, how it was computed, and what a step is."""
    minor = [words.text(LEVERS[each.reach.name].label_key) for each in found.swings if not each.is_kept]
    how = "simulated" if found.replicates else "expected"
    return (
        *([words.text("tornado_note.minor", levers=", ".join(minor))] if minor else []),
        words.text(f"tornado_note.{how}", n=found.points, runs=found.replicates),
        words.text("tornado_note.steps"),
    )
