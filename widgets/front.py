"""The pages that are words alone: the cards of all apps, and the help. No kernel is started for them."""

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlencode

from herd_engine.i18n.catalogue import help_page, language_name, languages
from widgets.icons import HELP, ICONS, icon_svg
from widgets.texts import Texts

LANDING = "landing"


def front_page(name: str, language: str, apps: Sequence[str], query: Mapping[str, str]) -> str:
    """Return a page.

    Parameters
    ----------
    name : str
        ``landing`` or ``help``.
    language : str
    apps : sequence of str
        Names of the apps that there are.
    query : mapping
        What the address says, and links take along.
    """
    texts = Texts(language)
    t = texts.t
    names = [app for app in ICONS if app in apps or app == HELP]
    template = Template((files("widgets") / "front.html").read_text("utf-8"))
    return template.substitute(
        language=language,
        title=escape(f"{t(f'front.{name}_title')} – {t('product')}"),
        product=escape(t("product")),
        home=_address(".", query),
        languages="".join(_language(other, language, query) for other in languages()),
        languages_label=escape(t("shell.language")),
        theme_label=escape(t("shell.theme")),
        themes="".join(
            f'<option value="{value}">{escape(t(f"shell.theme_{name}"))}</option>'
            for value, name in (("", "auto"), ("light", "light"), ("dark", "dark"))
        ),
        rail_label=escape(t("shell.apps")),
        rail="".join(_rail_link(app, t(f"app.{app}"), name, query) for app in names),
        heading=escape(t(f"front.{name}_title")),
        lead=escape(t(f"front.{name}_lead")),
        content=_cards(texts, names, query) if name == LANDING else _help(language),
    )


def _address(page: str, query: Mapping[str, str]) -> str:
    return escape(f"{page}?{urlencode(query)}")


def _language(other: str, current: str, query: Mapping[str, str]) -> str:
    name = escape(language_name(other))
    if other == current:
        return f'<span aria-current="true">{name}</span>'
    target = escape(f"?{urlencode({**query, 'lang': other})}")
    return f'<a href="{target}" hreflang="{other}" lang="{other}">{name}</a>'


def _rail_link(app: str, label: str, current: str, query: Mapping[str, str]) -> str:
    here = ' aria-current="page"' if app == current else ""
    icon = f'<span class="herd-icon">{icon_svg(app)}</span>'
    return f'<a href="{_address(app, query)}"{here}>{icon}<span>{escape(label)}</span></a>'


def _cards(texts: Texts, names: Sequence[str], query: Mapping[str, str]) -> str:
    cards = "".join(
        f'<li><a class="herd-card" href="{_address(app, query)}">'
        f'<span class="herd-icon">{icon_svg(app)}</span><strong>{escape(texts.t(f"app.{app}"))}</strong>'
        f"<span>{escape(texts.t(f'front.{app}'))}</span></a></li>"
        for app in names
    )
    return f'<ul class="herd-cards">{cards}</ul>'


def _help(language: str) -> str:
    text = help_page(language)
    return f'<article class="herd-help-text">{text}</article>'
