"""How much waits, is under way, and is kept, in six numbers."""

from html import escape

import ipywidgets

from herd_engine.workbench.system import SystemState
from widgets.page import Page
from widgets.view_models.system import SystemView
from widgets.views.common.markup import html
from widgets.views.common.run_words import moment_text

GIGABYTE = 10**9


def glance(page: Page, system: SystemView) -> ipywidgets.Widget:
    """Return the tiles."""
    content = html(css_class="herd-tiles")

    def draw() -> None:
        state = system.state
        shown = [] if state is None else _facts(page, state)
        content.value = f'<ul class="tiles">{"".join(_tile(*fact) for fact in shown)}</ul>'

    page.draw_on(system.changed, draw)
    return content


def _facts(page: Page, state: SystemState) -> list[tuple[str, str, str]]:
    """Return names, numbers, and what is said beside them."""
    t, words = page.texts.t, page.texts.words
    oldest = state.oldest_queued_at
    waited = "" if oldest is None else t("system.oldest", moment=moment_text(page, oldest))
    total = words.number(state.disk_bytes / GIGABYTE)
    return [
        (t("system.waiting"), words.number(state.queued), waited),
        (t("system.running"), words.number(state.running), ""),
        (t("system.farms"), words.number(state.farms), ""),
        (t("system.files"), words.number(state.herd_files), ""),
        (t("system.animals"), words.number(state.animals), ""),
        (t("system.disk"), words.number(state.free_bytes / GIGABYTE), t("system.gigabytes", total=total)),
    ]


def _tile(name: str, number: str, beside: str) -> str:
    small = f" <small>{escape(beside)}</small>" if beside else ""
    return f'<li class="tile"><h3>{escape(name)}</h3><p class="big">{escape(number)}{small}</p></li>'
