"""Colours and type of everything people see, in a light and a dark theme."""

from dataclasses import dataclass

from herd_engine.model.forecast import Metric

FONT_FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One set of colours, each ``#rrggbb``; ``series`` holds the colour of every metric."""

    background: str
    surface: str
    ink: str
    muted: str
    line: str
    accent: str
    warning: str
    error: str
    series: dict[Metric, str]


LIGHT = Theme(
    background="#fbfaf7",
    surface="#ffffff",
    ink="#1d2327",
    muted="#5f6b73",
    line="#e3dfd6",
    accent="#1f6f5c",
    warning="#b26a00",
    error="#b3372f",
    series={
        Metric.MILKING_COUNT: "#1f6f5c",
        Metric.DRY_COUNT: "#c58b2a",
        Metric.HEIFER_COUNT: "#4f7cac",
        Metric.PREGNANT_HEIFER_COUNT: "#8e6c8a",
        Metric.AVG_DAYS_IN_MILK: "#2d3e50",
        Metric.CALVINGS: "#3a8f6f",
        Metric.DRYOFFS: "#c58b2a",
        Metric.CULLS: "#b5533c",
        Metric.PURCHASES_IN: "#6c7a89",
        Metric.HEIFER_INTROS: "#8e6c8a",
    },
)

# The same hues, lightened until they stand out from the dark surface.
DARK = Theme(
    background="#14171a",
    surface="#1c2126",
    ink="#e8e6e1",
    muted="#9aa5ad",
    line="#2c333a",
    accent="#57b79c",
    warning="#e0a458",
    error="#ef7d74",
    series={
        Metric.MILKING_COUNT: "#57b79c",
        Metric.DRY_COUNT: "#d9a441",
        Metric.HEIFER_COUNT: "#7fa6d1",
        Metric.PREGNANT_HEIFER_COUNT: "#b694b2",
        Metric.AVG_DAYS_IN_MILK: "#a9bccf",
        Metric.CALVINGS: "#63b795",
        Metric.DRYOFFS: "#d9a441",
        Metric.CULLS: "#e08a73",
        Metric.PURCHASES_IN: "#9fadbb",
        Metric.HEIFER_INTROS: "#b694b2",
    },
)

SCENARIO_METRICS = (
    Metric.MILKING_COUNT,
    Metric.HEIFER_COUNT,
    Metric.CULLS,
    Metric.DRY_COUNT,
    Metric.PREGNANT_HEIFER_COUNT,
    Metric.PURCHASES_IN,
)
"""Scenarios borrow the colours of these, first to last: those that are told apart best."""

_TOKENS = ("background", "surface", "ink", "muted", "line", "accent", "warning", "error")


def translucent(color: str, opacity: float) -> str:
    """Return the colour ``#rrggbb`` with an opacity of 0…1 as ``#rrggbbaa``.

    Examples
    --------
    >>> translucent("#1f6f5c", 0.18)
    '#1f6f5c2e'
    """
    return f"{color}{round(opacity * 255):02x}"


def scenario_colors(theme: Theme) -> tuple[str, ...]:
    """Return the colours of up to six scenarios in one chart."""
    return tuple(theme.series[metric] for metric in SCENARIO_METRICS)


def css_variables(theme: Theme) -> str:
    """Return the theme as CSS custom properties, ``--ink`` or ``--milking_count`` for example."""
    colors = {token: getattr(theme, token) for token in _TOKENS}
    colors |= {metric.value: color for metric, color in theme.series.items()}
    return " ".join(f"--{name}: {color};" for name, color in colors.items())


def light_to_dark() -> dict[str, str]:
    """Return the dark colour that replaces each light one; no dark colour is also a light one."""
    pairs = {getattr(LIGHT, token): getattr(DARK, token) for token in _TOKENS}
    return pairs | {color: DARK.series[metric] for metric, color in LIGHT.series.items()}
