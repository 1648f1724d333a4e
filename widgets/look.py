"""The style sheet of all pages: the colours of the figures, and rules for the rest."""

from importlib.resources import files

from herd_engine.presentation.charts import DARK, FONT_FAMILY, LIGHT, css_variables


def stylesheet() -> str:
    """Return the style sheet; dark where the visitor chose so, or prefers it and chose nothing."""
    light, dark = css_variables(LIGHT), css_variables(DARK)
    tokens = (
        f":root {{ {light} --font: {FONT_FAMILY}; color-scheme: light; }}\n"
        f"@media screen {{ :root[data-theme=dark] {{ {dark} color-scheme: dark; }} }}\n"
        "@media screen and (prefers-color-scheme: dark) "
        f"{{ :root:not([data-theme]) {{ {dark} color-scheme: dark; }} }}\n"
    )
    return tokens + (files("widgets") / "style.css").read_text("utf-8")
