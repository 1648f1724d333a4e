"""What of the whole system does not work just now, what that means for a visitor, and why."""

from collections.abc import Sequence
from html import escape

from herd_engine.workbench.answer_types import PartReport
from widgets.texts import Texts
from widgets.views.common.markup import tag

TOLD = ("scheduler", "workers", "runner", "apps", "lab", "schedule", "api")


def standing_html(parts: Sequence[PartReport], texts: Texts) -> str:
    """Return a notice about parts that are down; nothing where there are none."""
    if not parts:
        return ""
    means = (texts.t(f"down.{part.name if part.name in TOLD else 'other'}", name=part.name) for part in parts)
    why = "".join(tag("p", str(part), "herd-note") for part in parts)
    return (
        '<div class="herd-notice" role="status">'
        + tag("p", texts.t("down.title"))
        + "".join(tag("p", sentence) for sentence in dict.fromkeys(means))
        + f"<details><summary>{escape(texts.t('down.why'))}</summary>{why}</details></div>"
    )
