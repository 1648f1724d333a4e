"""What to do: which animal needs what, what is not as it should be, and the key figures."""

from collections.abc import Sequence

import ipywidgets

from widgets.page import Page
from widgets.pages.opening import for_visitors
from widgets.view_models.cow_card import ChosenCard
from widgets.view_models.goal import FarmGoal
from widgets.view_models.influence import HerdInfluence
from widgets.view_models.page_model import PageModel
from widgets.view_models.work import FRESH_DAYS, FarmWork
from widgets.views.common.heading import heading, set_heading
from widgets.views.common.links import link
from widgets.views.common.markup import box, html, tag
from widgets.views.work.card import cow_card
from widgets.views.work.figures import figure_table
from widgets.views.work.goal import goal_card
from widgets.views.work.influence import influence_card
from widgets.views.work.lists import work_lists
from widgets.views.work.rules import rule_table
from widgets.views.work.targets import target_form


@for_visitors("work")
def work(model: PageModel) -> Page:
    """Return the page for whoever opened it."""
    state = FarmWork(model)
    model.guarded(state.open)()
    goal, influence = FarmGoal(state), HerdInfluence(state)
    card = ChosenCard(state)
    return Page("work", model, lambda page: _build(page, state, card, goal, influence))


def _build(
    page: Page, state: FarmWork, card: ChosenCard, goal: FarmGoal, influence: HerdInfluence
) -> Sequence[ipywidgets.Widget]:
    t, words = page.texts.t, page.texts.words
    title, none = heading(t("app.work")), html(css_class="herd-card")
    none.value = tag("p", t("todo.no_file")) + f"<p>{link(page, 'data', t('app.data'), 'herd-button')}</p>"
    lists, rules, figures = work_lists(page, state), rule_table(page, state), figure_table(page, state)
    cards = [goal_card(page, goal), influence_card(page, influence)]
    parts = [lists, cow_card(page, state, card), *cards, rules, figures, target_form(page, state)]

    def draw() -> None:
        none.layout.display = None if state.has_none else "none"
        for part in parts:
            part.layout.display = None if state.herd_file is not None else "none"
        if state.row is None or state.sheet is None:
            set_heading(title, t("app.work"), t("todo.reading") if state.is_reading else t("todo.lead"))
        else:
            age = state.age()
            old = [page.texts.count("todo.old", age)] if age > FRESH_DAYS else []
            said = words.text("work_title", day=state.sheet.as_of)
            set_heading(title, said, t("todo.of_file", name=state.row.name), warnings=old)
        page.tell(report_date=state.row.report_date if state.row else None, dataset=page.model.visit.dataset)

    page.draw_on(state.changed, draw)
    return [title, none, box(parts, "herd-column", "herd-work")]
