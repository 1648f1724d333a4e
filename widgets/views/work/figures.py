"""The key figures: what the file tells, from how many animals, the farm's own past, and a target."""

from html import escape

import ipywidgets

from herd_engine.presentation.key_figures import kpi_words
from widgets.page import Page
from widgets.view_models.work import FarmWork
from widgets.views.common.markup import html, table_markup, tag

_COLUMNS = ("name", "value", "counted", "history", "target")


def figure_table(page: Page, work: FarmWork) -> ipywidgets.Widget:
    """Return the table of key figures; what each means, and does not tell, can be unfolded below."""
    words = page.texts.words
    content = html(css_class="herd-card")

    def draw() -> None:
        if work.figures is None:
            return
        title = words.text("kpi_title", day=work.figures.as_of)
        said = kpi_words(work.figures, words)
        columns = tuple(words.text(f"kpi_head.{name}") for name in _COLUMNS)
        rows = [tuple(str(getattr(each, name)) for name in _COLUMNS) for each in said]
        about = "".join(
            f"<dt>{escape(each.name)}</dt><dd>{escape(' '.join((each.definition, each.notes)).strip())}</dd>"
            for each in said
        )
        content.value = (
            tag("h2", title)
            + table_markup(columns, rows, title)
            + f"<details><summary>{escape(page.texts.t('todo.about'))}</summary><dl>{about}</dl></details>"
        )

    page.draw_on(work.changed, draw)
    return content
