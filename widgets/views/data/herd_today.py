"""The chosen herd: its numbers, each with what it means, and its pictures."""

from html import escape

import ipywidgets

from herd_engine.i18n.wording import UNKNOWN
from herd_engine.presentation.charts import (
    audited_exits,
    days_in_milk_distribution,
    fitted_distributions,
    parity_pyramid,
)
from herd_engine.presentation.outlook_charts import level
from herd_engine.presentation.tiles import usual_html
from widgets.controls.plot import Plot
from widgets.page import Page
from widgets.view_models.holdings import Holdings
from widgets.view_models.key_figures import KeyFigure, key_figures
from widgets.views.common.markup import box, html, tag


def herd_today(page: Page, holdings: Holdings) -> ipywidgets.Widget:
    """Return the tiles of the herd on its report date."""
    tiles = html(css_class="herd-tiles")

    def draw() -> None:
        herd_file = holdings.data.herd_file
        tiles.layout.display = "none" if herd_file is None else None
        if herd_file is None:
            return
        herd, words = herd_file.herd, page.texts.words
        title = page.texts.t("herd.today", day=words.day(herd.report_date))
        shown = "".join(_tile(page, item) for item in key_figures(herd))
        left = ", ".join(
            words.text(f"excluded_{reason}", count=words.number(n)) for reason, n in herd.excluded.items()
        )
        note = tag("p", words.text("excluded", reasons=left), "herd-note") if left else ""
        tiles.value = tag("h2", title) + f'<ul class="tiles">{shown}</ul>' + note

    page.draw_on(holdings.data.chosen, draw)
    return tiles


def herd_figures(page: Page, holdings: Holdings) -> ipywidgets.Widget:
    """Return the charts of the herd, and of what its records say."""
    words, language = page.texts.words, page.texts.language
    texts = {"table": words.text("show_table"), "picture": words.text("save_picture")}
    plots = {
        name: Plot(name=name, kind=page.texts.t(f"herd.{name}"), texts=texts)
        for name in ("dim", "parity", "audit", "fitted")
    }
    whole = box(
        [
            box([plots["dim"], plots["parity"]], "herd-columns"),
            plots["audit"],
            plots["fitted"],
        ],
        "herd-pictures",
    )

    def draw() -> None:
        herd_file, fit = holdings.data.herd_file, holdings.fit
        whole.layout.display = "none" if herd_file is None else None
        if herd_file is None or fit is None:
            return
        herd = herd_file.herd
        drawn = {
            "dim": days_in_milk_distribution(herd, language=language),
            "parity": parity_pyramid(herd, language=language),
            "audit": audited_exits(holdings.audit, language=language),
            "fitted": fitted_distributions(fit, language=language),
        }
        level(drawn["dim"], drawn["parity"])
        for name, chart in drawn.items():
            plots[name].show(chart)

    page.draw_on(holdings.fitted, draw)
    return whole


def _tile(page: Page, item: KeyFigure) -> str:
    t, words = page.texts.t, page.texts.words
    unit = t(f"herd.unit_{item.unit}") if item.unit else ""
    about = escape(t(f"herd.{item.name}.about"))
    number = UNKNOWN if item.value is None else words.number(item.value, item.digits)
    return (
        f'<li class="tile" tabindex="0" aria-describedby="about-{item.name}">'
        f"<h3>{escape(t(f'herd.{item.name}'))}</h3>"
        f'<p class="big">{number} <small>{escape(unit)}</small></p>'
        f"{usual_html(item.value, item.usual, words, item.digits)}"
        f'<p class="definition" role="tooltip" id="about-{item.name}">{about}</p>'
        "</li>"
    )
