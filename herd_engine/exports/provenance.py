"""Where the numbers of a forecast come from, in words: everything that it takes to make it again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from herd_engine.exports.cells import Cell
from herd_engine.i18n.setting_words import setting_label, setting_value
from herd_engine.i18n.wording import Wording
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.scenario import scenario_values, unread_by

HERD = {
    "milking": Metric.MILKING_COUNT,
    "dry": Metric.DRY_COUNT,
    "heifer": Metric.HEIFER_COUNT,
    "pregnant_heifer": Metric.PREGNANT_HEIFER_COUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is known of a forecast besides itself: whose it is, and how it was checked."""

    farm: str = ""
    fine_print: str = ""


def provenance_rows(forecast: Forecast, words: Wording, origin: Origin) -> Iterator[Sequence[Cell]]:
    """Yield names and values, then what is assumed, warned of and was checked, in words."""
    meta = forecast.meta
    yield from fact_rows(forecast, words, origin.farm)
    said = {"assumption": meta.assumptions, "warning": meta.warnings}
    for name, messages in said.items():
        yield from ([words.text(f"origin_{name}"), words.say(message)] for message in messages)
    if meta.stability is not None:
        yield [words.text("origin_stability"), words.say(meta.stability.said)]
    if origin.fine_print:
        yield [words.text("origin_check"), origin.fine_print]


def fact_rows(forecast: Forecast, words: Wording, farm: str = "") -> Iterator[Sequence[Cell]]:
    """Yield names and values of all that a forecast is made of."""
    meta = forecast.meta
    told: list[tuple[str, str]] = [
        ("farm", farm),
        ("file", meta.dataset_name),
        ("sha256", meta.dataset_sha256),
        ("day", words.day(meta.report_date)),
    ]
    yield from ([words.text(f"origin_{name}"), value] for name, value in told if value)
    for name, metric in HERD.items():
        yield [words.metric(metric, "name"), meta.herd_counts[name]]
    reasons = ", ".join(_reason(reason, n, words) for reason, n in meta.excluded.items() if n)
    if reasons:
        yield [words.text("origin_left_out"), reasons]
    yield from _settings(forecast, words)
    yield [setting_label("mc_runs", words), meta.runs]
    yield [setting_label("seed", words), meta.seed]
    yield [words.text("origin_program"), f"{meta.engine} {meta.engine_version}, {meta.random_scheme}"]


def _settings(forecast: Forecast, words: Wording) -> Iterator[Sequence[Cell]]:
    """Yield what the scenario says; of the model what its mode reads."""
    scenario = forecast.meta.scenario
    values = scenario_values(scenario)
    model, purchases = values.pop("model"), values.pop("purchases")
    unread = unread_by(scenario.mode)
    values |= {f"model.{name}": value for name, value in model.items() if name not in unread}
    for path, value in values.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        told = value if is_number else setting_value(path, _plain(value), words)
        yield [setting_label(path, words), told]
    for purchase in purchases:
        key = "origin_purchase" if purchase["days_pregnant"] is None else "origin_purchase_pregnant"
        yield [words.text("plan.title"), words.text(key, **purchase)]


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case _:
            return value


def _reason(reason: str, count: int, words: Wording) -> str:
    """Return why rows were left out, and how many; a reason without words says its code."""
    key = f"excluded_{reason}"
    return words.text(key, count=count) if key in words.texts else f"{reason} {words.number(count)}"
