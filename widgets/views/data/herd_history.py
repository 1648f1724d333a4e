"""The exports of a farm one after the other: the herd over time, and who came, left and calved in between."""

from html import escape

import ipywidgets

from herd_engine.model.changes import Changes, Export, History
from herd_engine.presentation.charts import herd_over_time
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.herd_history import HerdHistory
from widgets.views.common.markup import box, html, table_markup, tag

SHOWN_EXPORTS = 12
LISTED = 400
"""So many animals of a list are shown; `herd changes` and the service list all."""
COUNTED = ("calved", "conceived", "dried_off", "vanished")
LISTS = ("sold", "dead", "moved", "left", "vanished", "undated", "born", "bought", "reappeared", "calved",
         "calved_and_left", "conceived", "lost", "dried_off", "flagged", "skipped", "id_reused")  # fmt: skip


def herd_history(page: Page, state: HerdHistory) -> ipywidgets.Widget:
    """Return the part; it is not seen before the farm has an export."""
    t, words = page.texts.t, page.texts.words
    texts = {"table": words.text("show_table"), "picture": words.text("save_picture")}
    head, plot = html(), Plot(name="over-time", kind=t("timeline.title"), texts=texts)
    lists = html()
    whole = box([head, plot, lists], "herd-card", "herd-timeline")

    def draw() -> None:
        found = state.found
        has_any = found is not None and bool(found.exports)
        whole.layout.display = None if has_any else "none"
        if found is None or not has_any:
            return
        head.value = tag("h2", t("timeline.title")) + tag("p", _freshness(page, found, state.age or 0))
        plot.layout.display = None if len(found.exports) > 1 else "none"
        plot.show(herd_over_time(found, language=page.texts.language))
        lists.value = _table(page, found) + _latest(page, found.exports[-1].changes)

    page.draw_on(state.changed, draw)
    return whole


def _freshness(page: Page, found: History, age: int) -> str:
    told = page.texts.t("timeline.fresh", days=page.texts.count("timeline.days", age))
    if len(found.exports) == 1:
        return f"{told} {page.texts.t('timeline.one')}"
    return told


def _table(page: Page, found: History) -> str:
    """Return a row an export, the newest first: what changed since the one before."""
    t = page.texts.t
    columns = ("", *(t(f"timeline.{name}") for name in ("animals", "came", "gone", *COUNTED, "corrected")))
    rows = [_row(page, export) for export in reversed(found.exports[-SHOWN_EXPORTS:])]
    return table_markup(columns, rows, t("timeline.title"))


def _row(page: Page, export: Export) -> tuple[str, ...]:
    words, changes = page.texts.words, export.changes
    animals = words.number(sum(export.counts.values()))
    if changes is None:
        return (words.day(export.report_date), animals, *[""] * (3 + len(COUNTED)))
    counts = (changes.entered, changes.gone, *(len(getattr(changes, name)) for name in COUNTED))
    births = len(_births(changes))
    return (words.day(export.report_date), animals, *map(words.number, counts), words.number(births))


def _births(changes: Changes) -> list[str]:
    """Return the animals whose birth date is another now, with both."""
    return [f"{one.animal} ({one.old} → {one.new})" for one in changes.corrected if one.field == "birth"]


def _latest(page: Page, changes: Changes | None) -> str:
    """Return the lists of animals between the last two exports, each folded away."""
    if changes is None:
        return ""
    t, words = page.texts.t, page.texts.words
    lists = {name: list(getattr(changes, name)) for name in LISTS} | {"corrected": _births(changes)}
    title = t("timeline.who", first=words.day(changes.from_date), last=words.day(changes.to_date))
    parts = [
        f"<details><summary>{escape(t(f'timeline.{name}'))}: {words.number(len(animals))}</summary>"
        + tag("p", ", ".join(animals[:LISTED]) + (" …" if len(animals) > LISTED else ""))
        + "</details>"
        for name, animals in lists.items()
        if animals
    ]
    warning = tag("p", t("timeline.other_farm"), "herd-warning") if changes.is_of_another_farm else ""
    return tag("h3", title) + warning + "".join(parts)
