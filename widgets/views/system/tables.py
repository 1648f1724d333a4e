"""What is at work, what is done again and again, forecasts by state, farms and their animals."""

from collections.abc import Callable, Sequence
from datetime import datetime

import ipywidgets

from herd_engine.workbench.system import SystemPart, SystemState, SystemTask
from widgets.page import Page
from widgets.view_models.system import SystemView
from widgets.views.common.markup import html, table_markup, tag
from widgets.views.common.run_words import moment_text

Tell = Callable[[Page, SystemState], str]


def part_table(page: Page, system: SystemView) -> ipywidgets.Widget:
    """Return the parts of the service."""
    return _card(page, system, _parts)


def task_table(page: Page, system: SystemView) -> ipywidgets.Widget:
    """Return what is done again and again, and when it was last done."""
    return _card(page, system, _tasks)


def run_table(page: Page, system: SystemView) -> ipywidgets.Widget:
    """Return forecasts by state."""
    return _card(page, system, _runs)


def herd_table(page: Page, system: SystemView) -> ipywidgets.Widget:
    """Return farms and their animals; the version of the program below."""
    return _card(page, system, _herds)


def _card(page: Page, system: SystemView, tell: Tell) -> ipywidgets.Widget:
    content = html(css_class="herd-card")
    content.add_class("herd-system")

    def draw() -> None:
        content.value = "" if system.state is None else tell(page, system.state)

    page.draw_on(system.changed, draw)
    return content


def _titled(page: Page, name: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    t = page.texts.t
    heads = tuple(t(f"system.column_{column}") for column in columns)
    return tag("h2", t(f"system.{name}")) + table_markup(heads, rows, t(f"system.{name}"))


def _parts(page: Page, state: SystemState) -> str:
    if not state.parts:
        t = page.texts.t
        return tag("h2", t("system.parts")) + tag("p", t("system.no_parts"), "herd-note")
    rows = [_part_row(page, part) for part in state.parts]
    return _titled(page, "parts", ("part", "state", "since", "restarts", "why"), rows)


def _part_row(page: Page, part: SystemPart) -> tuple[str, ...]:
    t = page.texts.t
    since = None if part.since is None else datetime.fromisoformat(part.since)
    return (
        page.texts.get(f"system.part.{part.name}", part.name),
        t(f"system.state.{part.state}"),
        moment_text(page, since),
        page.texts.words.number(part.restarts),
        part.reason,
    )


def _tasks(page: Page, state: SystemState) -> str:
    rows = [_task_row(page, task) for task in state.tasks]
    return _titled(page, "tasks", ("task", "state", "last"), rows)


def _task_row(page: Page, task: SystemTask) -> tuple[str, ...]:
    t = page.texts.t
    how = "late" if task.is_late else "held" if task.is_held else "idle"
    last = moment_text(page, task.last_tick_at) or t("system.never")
    return page.texts.get(f"system.task.{task.name}", task.name), t(f"system.{how}"), last


def _runs(page: Page, state: SystemState) -> str:
    t, words = page.texts.t, page.texts.words
    rows = [(t(f"history.status.{status}"), words.number(n)) for status, n in state.runs.items()]
    return _titled(page, "runs", ("state", "count"), rows)


def _herds(page: Page, state: SystemState) -> str:
    words = page.texts.words
    rows = [
        (
            herd.name,
            "" if herd.report_date is None else words.day(herd.report_date),
            words.number(herd.animals),
        )
        for herd in state.herds
    ]
    version = page.texts.t("system.version", version=state.version, moment=moment_text(page, state.at))
    return _titled(page, "herds", ("farm", "report", "animals"), rows) + tag("p", version, "herd-note")
