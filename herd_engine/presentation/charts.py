"""Charts with their table twins, for whoever shows them: pages, notebooks, commands."""

from herd_engine.charts.audit import (
    audit_table,
    audited_exits,
)
from herd_engine.charts.convergence import (
    convergence,
    convergence_table,
)
from herd_engine.charts.days_in_milk import (
    days_in_milk_distribution,
    days_in_milk_table,
)
from herd_engine.charts.delta_chart import (
    delta_chart,
    delta_chart_table,
)
from herd_engine.charts.events_by_month import (
    events_by_month,
    events_table,
    month_of_period,
)
from herd_engine.charts.fan_at_once import (
    fan_at_once,
    fan_at_once_table,
)
from herd_engine.charts.fan_chart import (
    fan_chart,
    fan_chart_table,
)
from herd_engine.charts.fitted import (
    exit_rates,
    fitted_distributions,
    fitted_distributions_table,
)
from herd_engine.charts.headline import (
    growth,
    headline,
    left_out,
)
from herd_engine.charts.herd_structure import (
    herd_structure,
    herd_structure_table,
)
from herd_engine.charts.hindcast import (
    hindcast,
    hindcast_table,
)
from herd_engine.charts.layout import (
    MarkedLevel,
    mark_past,
)
from herd_engine.charts.parity import (
    parity_pyramid,
    parity_table,
)
from herd_engine.charts.preset_panels import (
    preset_panels,
)
from herd_engine.charts.scenario_overlay import (
    scenario_overlay,
    scenario_overlay_table,
)
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

__all__ = [
    "DARK",
    "FONT_FAMILY",
    "LEVELS",
    "LIGHT",
    "MarkedLevel",
    "Table",
    "audit_table",
    "audited_exits",
    "convergence",
    "convergence_table",
    "css_variables",
    "days_in_milk_distribution",
    "days_in_milk_table",
    "delta_chart",
    "delta_chart_table",
    "digits_of",
    "events_by_month",
    "events_table",
    "exit_rates",
    "fan_at_once",
    "fan_at_once_table",
    "fan_chart",
    "fan_chart_table",
    "fitted_distributions",
    "fitted_distributions_table",
    "growth",
    "headline",
    "herd_structure",
    "herd_structure_table",
    "hindcast",
    "hindcast_table",
    "left_out",
    "light_to_dark",
    "mark_past",
    "month_of_period",
    "parity_pyramid",
    "parity_table",
    "preset_panels",
    "scenario_overlay",
    "scenario_overlay_table",
    "spread_sentence",
    "stability_sentence",
]
