"""`herd backtest`: how good forecasts of this herd would have been."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from herd_engine.cli.asking import AcceptLosses, Dates, SexMap, Sheet, StatusMap, answers_of, read_or_ask
from herd_engine.cli.options import (
    REPLICATES,
    ColumnMap,
    Farm,
    HerdPath,
    Home,
    Json,
    Threads,
    available_cores,
)
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.errors import ParameterError
from herd_engine.model.scenario import Mode
from herd_engine.presentation.report_card import document
from herd_engine.workbench import DEFAULT_SEED, BacktestPlan, Execution, Workbench

ROBUSTNESS_PARTS = ("skill", "coverage", "bias", "stability")
LEGEND = """\
MAE, bias: of the median, in animals or days, bias = forecast - happened;
WAPE: errors / what happened; skill: 1 - CRPS / CRPS of persistence;
80 %: share of outcomes inside the 80 % band; score: 0 ... 100 of skill (S),
coverage (C), bias (B), stability (T): 100 (.4 S + .3 C + .2 B + .1 T).
"""
PLAN = BacktestPlan()
ORIGINS = ",".join(map(str, PLAN.origins))

Origins = Annotated[
    str, typer.Option(metavar="MONTHS", help="Months back from the report date to start at, as 3,6,9.")
]
Modes = Annotated[
    str | None,
    typer.Option(
        metavar="MODES", help=f"Of {', '.join(Mode)}; by default all that the file has records for."
    ),
]


def backtest(  # noqa: PLR0913 - one argument an option
    file: HerdPath,
    *,
    origins: Origins = ORIGINS,
    horizon: Annotated[int, typer.Option(help="Months to forecast, up to the report date.")] = PLAN.horizon,
    modes: Modes = None,
    runs: Annotated[int, typer.Option(*REPLICATES, help="Simulated futures of each forecast.")] = PLAN.runs,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = DEFAULT_SEED,
    column_map: ColumnMap = None,
    map_status: StatusMap = None,
    map_sex: SexMap = None,
    dates: Dates = None,
    sheet: Sheet = "",
    accept_losses: AcceptLosses = False,
    home: Home = None,
    farm: Farm = None,
    threads: Threads = None,
    json: Json = None,
) -> None:
    """Rewind the herd to earlier dates, forecast from there, and score by what happened since."""
    check_outputs(json, source=file)
    plan = BacktestPlan(
        origins=_whole_numbers(origins), horizon=horizon, modes=_modes(modes), runs=runs, seed=seed
    )
    workbench = Workbench.open(home, farm=farm)
    answers = answers_of(column_map, map_status, map_sex, dates, sheet, accept_losses)
    herd_file = read_or_ask(workbench, file, answers, json, of_farm=farm is not None)
    result = document(workbench.backtest(herd_file, plan, Execution(threads=threads or available_cores())))
    if json is not None:
        write_text(json, result)
    else:
        _print(result)


def _whole_numbers(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise ParameterError("--origins", text, "list whole months, as 3,6,9")
    return tuple(int(part) for part in parts)


def _modes(text: str | None) -> tuple[Mode, ...]:
    if text is None:
        return PLAN.modes
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in tuple(Mode):
            raise ParameterError("--modes", name, f"be of {', '.join(Mode)}")
    return tuple(Mode(name) for name in names)


def _print(result: dict[str, Any]) -> None:
    dataset = result["dataset"]
    out.print(f"[bold]{escape(dataset['name'])}[/], report date [bold]{dataset['report_date']}[/]\n")
    for fold in result["coverage_of_reconstruction"]:
        out.print(
            f"from [bold]{fold['date']}[/], {fold['horizon']} months: {fold['animals']:,} animals, "
            f"{100 * fold['share_exact']:.0f} % as filed; {fold['came_back']:,} have left since"
        )
    for note in result["left_out"].values():
        out.print(f"[yellow]{escape(note)}[/]")
    out.print("", _table(result["pooled"]), "")
    out.print(LEGEND)
    if any(row["robustness"]["verdict"] == "insufficient" for row in result["pooled"]):
        out.print("Fewer than three starting dates are insufficient for a score.\n")
    for limit in result["limits"]:
        out.print(f"[dim]· {escape(limit)}[/]")


def _table(pooled: list[dict[str, Any]]) -> Table:
    """Return a table that fits into 80 columns: a line with the metric, then a row a forecast, best first."""
    table = new_table("", "n", "MAE", "WAPE", "bias", "CRPS", "skill", "80 %", "score", "S", "C", "B", "T")
    by_metric: dict[str, list[dict[str, Any]]] = {}
    for row in pooled:
        by_metric.setdefault(row["metric"], []).append(row)
    for metric, rows in by_metric.items():
        table.add_row(f"[bold]{metric.removesuffix('_count').replace('_', ' ')}[/]")
        for row in sorted(rows, key=lambda row: row["crps"]):
            table.add_row(
                f" {row['mode'].replace('_', ' ')}",
                str(row["n"]),
                f"{row['mae']:.1f}",
                _share(row["wape"]),
                f"{row['bias']:+.1f}",
                f"{row['crps']:.1f}",
                _number(row["skill"]),
                _share(row["coverage80"]),
                *_robustness(row["robustness"]),
            )
    return table


def _robustness(rating: dict[str, Any]) -> tuple[str, ...]:
    score = "-" if rating["score"] is None else str(round(rating["score"]))
    return (score, *(_number(rating[part]) for part in ROBUSTNESS_PARTS))


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f}%"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".replace("0.", ".", 1)
