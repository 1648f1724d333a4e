"""Pages of a few words, for visitors who cannot be shown what they asked for. They start no kernel."""

from html import escape
from importlib.resources import files
from string import Template

from widgets.look import stylesheet
from widgets.texts import Texts

AGAIN_SECONDS = 3
"""After which a page that waits asks again."""


def words_page(
    name: str, texts: Texts, base_url: str, *, content: str = "", again: str = "", **params: object
) -> str:
    """Return a page that depends on nothing else: a visitor who is kept out may get nothing else.

    Parameters
    ----------
    name : str
        Of its texts: ``door.<name>_title`` and ``door.<name>``.
    texts : Texts
    base_url : str
        Path below which everything is served.
    content : str
        HTML below the words.
    again : str
        Address that the browser goes to by itself after a moment; empty for none.
    **params : object
        What placeholders of the words stand for.
    """
    template = Template((files("widgets") / "server" / "words.html").read_text("utf-8"))
    title = texts.t(f"door.{name}_title")
    return template.substitute(
        language=texts.language,
        title=escape(f"{title} – {texts.t('product')}"),
        product=escape(texts.t("product")),
        static=escape(f"{base_url}voila/static"),
        style=stylesheet(),
        heading=escape(title),
        words=escape(texts.t(f"door.{name}", **params)),
        content=content,
        again=f'<meta http-equiv="refresh" content="{AGAIN_SECONDS}; url={escape(again)}">\n'
        if again
        else "",
    )


def login_form(texts: Texts, address: str) -> str:
    """Return the form that asks for the key and sends it to an address."""
    label, button = (escape(texts.t(f"door.{name}")) for name in ("login_key", "login_button"))
    return (
        f'<form method="post" action="{escape(address)}" class="herd-login">'
        f'<label for="key">{label}</label>'
        '<input id="key" class="herd-input" name="password" type="password"'
        ' autocomplete="current-password" required autofocus>'
        f'<button class="herd-button herd-primary">{button}</button></form>'
    )


def link(words: str, address: str) -> str:
    """Return a link that looks like a button."""
    return f'<p><a class="herd-button herd-primary" href="{escape(address)}">{escape(words)}</a></p>'
