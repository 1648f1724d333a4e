"""`herd reportcard`: what was forecast, and what the next exports of the farm say that happened."""

from typing import Annotated

import typer

from herd_engine.cli.options import Farm, Home, Json
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.i18n.wording import wording
from herd_engine.model.verdicts import JudgedForecast, RecordOfForecasts, VerdictTally
from herd_engine.workbench import Workbench


def reportcard(
    *,
    judge: Annotated[
        str, typer.Option(metavar="RUN", help="Judge this forecast too, by the newest export.")
    ] = "",
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Show the forecasts that later exports of the farm have judged: how many numbers held."""
    workbench = Workbench.open(home, farm=farm)
    if judge:
        workbench.judge(workbench.runs.get(judge).id)
    record = workbench.report_card()
    if json is not None:
        write_text(json, record.document())
        return
    _print(record)


def _print(record: RecordOfForecasts) -> None:
    if record.tally is None:
        out.print(
            "No forecast was judged yet. Star one (herd runs star RUN), then add the farm's next export; "
            "or judge one now: herd reportcard --judge RUN"
        )
        return
    words = wording("en")
    low, high = record.tally.interval
    out.print(
        f"{record.tally.inside} of {record.tally.of} numbers happened within their bands "
        f"({low:.0%} to {high:.0%} of such, with 95 % confidence).\n"
    )
    if record.tally.skill is not None:
        out.print(
            f"Skill against saying that all stays as it was: {record.tally.skill:.0%} (100 % is perfect).\n"
        )
    table = new_table("", "inside", "of", "happened - median", "mean distance", "skill")
    for metric, tally in record.by_metric().items():
        name = words.metric(metric, "name")
        table.add_row(
            name, f"{tally.inside}", f"{tally.of}", f"{tally.bias:+.1f}", f"{tally.mae:.1f}", _skill(tally)
        )
    out.print(table)
    for forecast in record.forecasts:
        _print_forecast(forecast)


def _skill(tally: VerdictTally) -> str:
    return "—" if tally.skill is None else f"{tally.skill:.0%}"


def _print_forecast(forecast: JudgedForecast) -> None:
    words = wording("en")
    out.print(f"\nForecast {forecast.run_id[:8]} of {forecast.made}, judged by {forecast.judged_by}")
    table = new_table("day", "", "median", f"{forecast.band:.0%} band", "happened", "")
    for one in forecast.verdicts:
        name, band = words.metric(one.metric, "name"), f"{one.low:.1f} … {one.high:.1f}"
        numbers = (f"{one.p50:.1f}", band, f"{one.happened:.1f}")
        table.add_row(one.day.isoformat(), name, *numbers, "" if one.is_inside else "outside")
    out.print(table)
