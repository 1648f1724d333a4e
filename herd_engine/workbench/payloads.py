"""What a run can be asked for: payloads (``herd_m5_v2``) checked, completed, told apart."""

from herd_engine.forecasting.forecast import check_dates
from herd_engine.runs.kept_backtest import plan_of as backtest_plan
from herd_engine.scenarios import short_form
from herd_engine.scenarios.differences import differences
from herd_engine.scenarios.identity import payload_of, sha256_of
from herd_engine.scenarios.presets import BUILT_IN, HOLD_THE_PLACES, apply_preset, built_in, text_key
from herd_engine.scenarios.schema import (
    complete,
    complete_model,
    parse_scenario,
    payload_schema,
    to_scenario,
    without_unread,
)

__all__ = [
    "BUILT_IN",
    "HOLD_THE_PLACES",
    "apply_preset",
    "backtest_plan",
    "built_in",
    "check_dates",
    "complete",
    "complete_model",
    "differences",
    "parse_scenario",
    "payload_of",
    "payload_schema",
    "sha256_of",
    "short_form",
    "text_key",
    "to_scenario",
    "without_unread",
]
