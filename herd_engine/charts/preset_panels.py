"""What each preset makes of the milking cows of one or more herds, in one picture."""

from collections.abc import Mapping

import plotly.graph_objects as go

from herd_engine.charts.layout import add_row_title, as_label, heights, month_axis, new_figure
from herd_engine.charts.theme import LIGHT, Theme, scenario_colors
from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.scenario import Mode

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
ROW_HEIGHT = 380


def preset_panels(
    forecasts: Mapping[str, Mapping[str, Forecast]], *, language: str = "en", theme: Theme = LIGHT
) -> go.Figure:
    """Return the median of milking cows by preset, a panel a herd.

    Parameters
    ----------
    forecasts : mapping of str to mapping of str to Forecast
        By herd, then by what the preset is called. Presets that leave the calibrated mode are drawn thin
        and grey.
    language : str
    theme : Theme
    """
    words = wording(language)
    title, subtitle = words.text("presets_title"), words.text("presets_subtitle")
    height = ROW_HEIGHT * len(forecasts) + 120
    figure = new_figure(title, subtitle, height, words=words, theme=theme, rows=len(forecasts))
    colors = scenario_colors(theme)
    for row, (herd, presets) in enumerate(forecasts.items(), start=1):
        add_row_title(figure, as_label(herd), row)
        for place, (name, forecast) in enumerate(presets.items()):
            is_calibrated = forecast.meta.scenario.mode is Mode.CALIBRATED
            figure.add_scatter(
                x=forecast.dates,
                y=heights(forecast.series[Metric.MILKING_COUNT].p50),
                name=as_label(name),
                legendgroup=name,
                showlegend=row == 1,
                mode="lines",
                line={
                    "color": colors[place % len(colors)] if is_calibrated else theme.muted,
                    "dash": DASHES[place % len(DASHES)],
                    "width": 2.5 if is_calibrated else 1.5,
                },
                row=row,
                col=1,
            )
        figure.update_xaxes(month_axis(next(iter(presets.values())).dates, words), row=row, col=1)
    figure.update_layout(showlegend=True, margin_r=220)
    figure.update_yaxes(rangemode="tozero")
    return figure
