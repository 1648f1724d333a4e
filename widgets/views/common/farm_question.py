"""The question whose farm a file is, in the place of the answer."""

from collections.abc import Callable
from functools import partial

import ipywidgets

from widgets.page import Page
from widgets.view_models.herd_data import HerdData, Stage
from widgets.views.common.links import link
from widgets.views.common.markup import box, html, tag


def farm_question(page: Page, data: HerdData) -> ipywidgets.Widget:
    """Return the card that asks: what was found, and the likely choices as buttons."""
    t = page.texts.t
    found, kept, choices = html(), html(), ipywidgets.Box()
    card = box([found, choices, kept], "herd-question")

    def button(text: str, act: Callable[[], None], *, plain: bool = False) -> ipywidgets.Button:
        made = ipywidgets.Button(description=text, layout={"width": "auto"})

        def on_click(_: object) -> None:
            page.guarded(act)()

        made.on_click(on_click)
        if plain:
            made.add_class("herd-plain")
        return made

    def keep_in(farm: str) -> None:
        dataset = data.keep_in(farm)
        words = t("farm_question.kept", farm=farm)
        kept.value = tag("p", words) + link(page, "data", t("farm_question.open"), dataset=dataset, farm=farm)

    def draw() -> None:
        doubt = data.doubt
        is_asked = data.stage is Stage.ASKED and doubt is not None
        for part in (found, choices):
            part.layout.display = None if is_asked else "none"
        if not is_asked or doubt is None:
            choices.children = ()
            return
        found.value, kept.value = _found(page, data), ""
        choices.children = (
            *(button(t("farm_question.other", farm=farm), partial(keep_in, farm)) for farm in doubt.farms),
            button(t("farm_question.here", farm=doubt.farm), data.keep_here),
            button(t("farm_question.nowhere"), data.keep_nowhere, plain=True),
        )

    page.draw_on(data.changed, draw)
    return card


def _found(page: Page, data: HerdData) -> str:
    """Return what speaks for another farm, with three of the file's animals in words."""
    doubt, t = data.doubt, page.texts.t
    if doubt is None:
        return ""
    key = f"farm_question.{doubt.case}"
    farms = ", ".join(doubt.farms) or t("farm_question.unknown")
    facts = t(key, name=doubt.name, farm=doubt.farm, farms=farms, last=doubt.last_file)
    animals = "".join(
        tag("li", t("farm_question.animal", number=number, lactation=lactation))
        for number, lactation in doubt.samples
    )
    meaning = t("farm_question.meaning", count=page.texts.words.number(doubt.n_animals))
    return tag("h3", t("farm_question.title")) + tag("p", facts) + f"<ul>{animals}</ul>" + tag("p", meaning)
