"""Charts: a figure and its table twin in one object, for whoever shows them: pages, notebooks, commands."""

from herd_engine.charts.audit import (
    audit_table,
    audited_exits,
)
from herd_engine.charts.chart import Chart
from herd_engine.charts.convergence import convergence
from herd_engine.charts.counts_by_day import counts_by_day
from herd_engine.charts.days_in_milk import days_in_milk_distribution
from herd_engine.charts.delta_chart import delta_chart
from herd_engine.charts.events_by_month import (
    events_by_month,
    month_of_period,
)
from herd_engine.charts.fan_at_once import fan_at_once
from herd_engine.charts.fan_chart import fan_chart
from herd_engine.charts.fitted import (
    exit_rates,
    fitted_distributions,
)
from herd_engine.charts.headline import (
    growth,
    headline,
    left_out,
)
from herd_engine.charts.herd_over_time import herd_over_time
from herd_engine.charts.herd_structure import herd_structure
from herd_engine.charts.hindcast import hindcast
from herd_engine.charts.layout import MarkedLevel, mark_past
from herd_engine.charts.parity import parity_pyramid
from herd_engine.charts.preset_panels import preset_panels
from herd_engine.charts.scenario_overlay import scenario_overlay
from herd_engine.charts.stability import (
    spread_sentence,
    stability_sentence,
)
from herd_engine.charts.table import (
    LEVELS,
    Table,
    digits_of,
)
from herd_engine.charts.theme import (
    DARK,
    FONT_FAMILY,
    LIGHT,
    css_variables,
    light_to_dark,
)
from herd_engine.charts.tornado import tornado, tornado_table, tornado_title

__all__ = [
    "DARK",
    "FONT_FAMILY",
    "LEVELS",
    "LIGHT",
    "Chart",
    "MarkedLevel",
    "Table",
    "audit_table",
    "audited_exits",
    "convergence",
    "counts_by_day",
    "css_variables",
    "days_in_milk_distribution",
    "delta_chart",
    "digits_of",
    "events_by_month",
    "exit_rates",
    "fan_at_once",
    "fan_chart",
    "fitted_distributions",
    "growth",
    "headline",
    "herd_over_time",
    "herd_structure",
    "hindcast",
    "left_out",
    "light_to_dark",
    "mark_past",
    "month_of_period",
    "parity_pyramid",
    "preset_panels",
    "scenario_overlay",
    "spread_sentence",
    "stability_sentence",
    "tornado",
    "tornado_table",
    "tornado_title",
]
