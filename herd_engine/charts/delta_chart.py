"""How much more of a metric runs have than the base, one small chart a run."""

import textwrap
from collections.abc import Mapping

import numpy as np

from herd_engine.charts.bands import add_bands, has_quartiles
from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import add_row_title, as_label, month_axis, new_figure, signed_axis
from herd_engine.charts.table import Table, digits_of
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import UNKNOWN, Wording, wording
from herd_engine.model.comparison import DIFFERENCE_LEVELS, MORE_IS_BETTER, ComparedRun, Comparison
from herd_engine.model.forecast import Metric

ROW_HEIGHT = 190
LONGEST_NAME = 28
"""Letters of a name above a chart; hover texts have all of it."""
EDGES_HEIGHT = 154
"""Room for the title above and the months below, pixels."""
SHARE_OF_FUTURES = DIFFERENCE_LEVELS["p_high"] - DIFFERENCE_LEVELS["p_low"]


def delta_chart(
    comparison: Comparison,
    metric: Metric,
    names: Mapping[str, str],
    *,
    language: str = "en",
    theme: Theme = LIGHT,
) -> Chart:
    """Return the differences of every compared run to the base: median and bands, around a line at 0.

    Parameters
    ----------
    comparison : Comparison
    metric : Metric
    names : mapping of str to str
        What to call the runs, by key.
    language : str
    theme : Theme
    """
    words = wording(language)
    figure = new_figure(
        _title(comparison, metric, names, words),
        _subtitle(comparison, metric, names, words),
        EDGES_HEIGHT + ROW_HEIGHT * len(comparison.runs),
        words=words,
        theme=theme,
        rows=len(comparison.runs),
    )
    for row, run in enumerate(comparison.runs, start=1):
        name = as_label(names[run.key])
        add_bands(
            figure,
            comparison.dates,
            run.differences[metric].series,
            theme.series[metric],
            hover=[
                f"<b>{name}</b>, {words.day(day)}<br>{_finding(run, metric, words, point)}"
                for point, day in enumerate(comparison.dates)
            ],
            row=row,
        )
        figure.add_hline(y=0, line={"color": theme.ink, "width": 1}, layer="below", row=row, col=1)
        short = as_label(textwrap.shorten(names[run.key], LONGEST_NAME, placeholder="…"))
        add_row_title(figure, f"{short}: {_finding(run, metric, words, -1)}", row)
    figure.update_xaxes(month_axis(comparison.dates, words) if len(comparison.dates) > 1 else {})
    figure.update_yaxes(signed_axis(*_range(comparison, metric), words))
    figure.update_layout(margin_r=16)
    return Chart(figure, _delta_chart_table(comparison, metric, names, language))


def _delta_chart_table(
    comparison: Comparison, metric: Metric, names: Mapping[str, str], language: str = "en"
) -> Table:
    """Return the numbers of ``delta_chart``: a row a date; difference, chance, and what pairing gained."""
    words = wording(language)
    better = words.text("better" if metric in MORE_IS_BETTER else "more")
    columns = [words.text("date")]
    for run in comparison.runs:
        name = names[run.key]
        columns += [name, f"{name}: {better}", f"{name}: {words.text('variance_reduction')}"]
    return Table(
        columns=tuple(columns),
        rows=tuple(
            (
                words.day(day),
                *(cell for run in comparison.runs for cell in _cells(run, metric, words, point)),
            )
            for point, day in enumerate(comparison.dates)
        ),
    )


def _cells(run: ComparedRun, metric: Metric, words: Wording, point: int) -> tuple[str, str, str]:
    return (
        _with_band(run, metric, words, point, digits_of(metric)),
        _chance(run, metric, words, point),
        words.number(float(run.differences[metric].variance_reduction[point]), 1),
    )


def _with_band(run: ComparedRun, metric: Metric, words: Wording, point: int, digits: int = 0) -> str:
    """Return a difference with its band, such as ``+14 (9 … 19)``."""
    series = run.differences[metric].series
    middle, low, high = (float(values[point]) for values in (series.p50, series.p_low, series.p_high))
    if np.isnan(middle):
        return UNKNOWN
    return f"{words.change(middle, digits)} ({words.change(low, digits)} … {words.change(high, digits)})"


def _chance(run: ComparedRun, metric: Metric, words: Wording, point: int) -> str:
    """Return a share of futures and its Monte Carlo standard error, in hundredths: ``96 ± 0.4``."""
    share, error = (100 * float(values[point]) for values in run.better(metric))
    return UNKNOWN if np.isnan(share) else f"{words.number(share)} ± {words.number(error, 1)}"


def _finding(run: ComparedRun, metric: Metric, words: Wording, point: int) -> str:
    difference, share = run.differences[metric], float(run.better(metric)[0][point])
    if np.isnan(share):
        return UNKNOWN
    if difference.more[point] == difference.less[point] == 0:
        return words.text("delta_equal")
    return words.text(
        "delta_better" if metric in MORE_IS_BETTER else "delta_more",
        difference=_with_band(run, metric, words, point),
        chance=words.number(100 * share),
    )


def _range(comparison: Comparison, metric: Metric) -> tuple[float, float]:
    """Return a range of the y axis that holds 0 and all bands of all runs."""
    edges = [
        edge
        for run in comparison.runs
        for edge in (run.differences[metric].series.p_low, run.differences[metric].series.p_high)
    ]
    known = np.concatenate([np.zeros(1), *edges])
    low, high = float(np.nanmin(known)), float(np.nanmax(known))
    margin = max(0.1 * (high - low), 1.0)
    return low - margin, high + margin


def _title(comparison: Comparison, metric: Metric, names: Mapping[str, str], words: Wording) -> str:
    last = {run.key: float(run.differences[metric].series.p50[-1]) for run in comparison.runs}
    known = {key: value for key, value in last.items() if not np.isnan(value)}
    metric_name, base = words.metric(metric, "name"), names[comparison.base]
    month = words.by_month(comparison.dates[-1])
    if not any(round(value) for value in known.values()):
        return words.text("story_delta_none", metric=metric_name, base=base, month=month)
    farthest = max(known, key=lambda key: abs(known[key]))
    return words.text(
        "story_delta" if len(last) == 1 else "story_deltas",
        metric=metric_name,
        month=month,
        name=names[farthest],
        difference=words.change(known[farthest]),
        base=base,
    )


def _subtitle(comparison: Comparison, metric: Metric, names: Mapping[str, str], words: Wording) -> str:
    both = any(has_quartiles(run.differences[metric].series) for run in comparison.runs)
    subtitle = words.text(
        "subtitle_delta",
        base=names[comparison.base],
        unit=words.metric(metric, "unit"),
        bands=words.text("two_bands" if both else "one_band", futures=words.futures(SHARE_OF_FUTURES)),
        runs=words.number(min(run.n_replicates for run in comparison.runs)),
    )
    unpaired = ", ".join(names[run.key] for run in comparison.runs if not run.is_paired)
    return subtitle + (words.text("subtitle_unpaired", names=unpaired) if unpaired else "")
