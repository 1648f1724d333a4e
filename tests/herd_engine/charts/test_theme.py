import pytest

from herd_engine.charts.theme import DARK, LIGHT, css_variables, light_to_dark
from herd_engine.model.forecast import Metric


def luminance(color):
    """Relative luminance of WCAG 2.2."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("token", ["ink", "muted", "accent", "error"])
def test_text_is_readable_on_every_surface(theme, token):
    for surface in (theme.surface, theme.background):
        assert contrast(getattr(theme, token), surface) >= 4.5


@pytest.mark.parametrize("metric", list(Metric))
def test_dark_series_stand_out(metric):
    assert contrast(DARK.series[metric], DARK.surface) >= 4.5


def test_no_dark_color_is_a_light_one():
    pairs = light_to_dark()

    assert not set(pairs) & set(pairs.values())


def test_every_light_color_has_one_dark_twin():
    for metric in Metric:
        assert light_to_dark()[LIGHT.series[metric]] == DARK.series[metric]


def test_css_names_tokens_and_metrics():
    css = css_variables(LIGHT)

    assert "--ink: #1d2327;" in css
    assert "--milking_count: #1f6f5c;" in css
