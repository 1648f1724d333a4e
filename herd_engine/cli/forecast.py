"""`herd forecast`: a herd's future with bands."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from herd_engine.cli.options import (
    ColumnMap,
    HerdPath,
    Json,
    Threads,
    available_cores,
    parse_date,
    parse_model,
    parse_purchase,
    split_pairs,
)
from herd_engine.cli.output import check_folders, write_text
from herd_engine.cli.printing import err, out, print_issues, progress_bar
from herd_engine.errors import HerdDataError
from herd_engine.figures.headline import headline
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.quality import Severity
from herd_engine.model.scenario import Mode, PurchasePolicy, Scenario
from herd_engine.runs.exports.atomic_write import write_atomically
from herd_engine.runs.exports.csv_file import forecast_csv
from herd_engine.runs.exports.document import forecast_json
from herd_engine.runs.exports.html_page import forecast_html
from herd_engine.runs.exports.xlsx_file import forecast_xlsx
from herd_engine.workbench import DEFAULT_RUNS, DEFAULT_SEED, Workbench

Purchases = Annotated[
    list[str] | None,
    typer.Option(
        "--purchase",
        metavar="DATE:COUNT:DAYS_PREGNANT",
        help="Pregnant heifers bought on a date, with the manual policy; repeat. "
        "An expected calving date may stand in place of the days pregnant.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="A parameter of the model, such as heifer_birth_prob=0.47."
    ),
]
Strict = Annotated[bool, typer.Option(help="Refuse a file with any error, also where only rows are lost.")]
Excel = Annotated[bool, typer.Option(help="CSV with byte order mark and semicolons.")]
Language = Annotated[str, typer.Option(help="Language of the HTML page: en or ru.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Files to write; None: not wanted."""

    json: Path | None
    csv: Path | None
    xlsx: Path | None
    html: Path | None
    excel: bool
    language: str


def forecast(  # noqa: PLR0913 - one argument an option
    file: HerdPath,
    *,
    mode: Annotated[Mode, typer.Option(help="How records become distributions.")] = Mode.EMPIRICAL,
    policy: Annotated[PurchasePolicy, typer.Option(help="Who decides on purchases.")] = PurchasePolicy.MANUAL,
    months: Annotated[int, typer.Option(help="Month starts to forecast, 1 to 120.")] = 36,
    runs: Annotated[int, typer.Option(help="Simulated futures, 1 to 50000.")] = DEFAULT_RUNS,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = DEFAULT_SEED,
    confidence: Annotated[float, typer.Option(help="Share of futures inside the band, 0.5 to 0.99.")] = 0.90,
    lead_time: Annotated[int, typer.Option(help="Days that auto_forecast looks ahead.")] = 90,
    future_date: Annotated[
        str | None, typer.Option(metavar="DATE", help="A month start of interest.")
    ] = None,
    purchase: Purchases = None,
    setting: Settings = None,
    column_map: ColumnMap = None,
    threads: Threads = None,
    strict: Strict = False,
    json: Json = None,
    csv: Annotated[Path | None, typer.Option(metavar="OUT", help="Write CSV.")] = None,
    excel: Excel = False,
    xlsx: Annotated[Path | None, typer.Option(metavar="OUT", help="Write an Excel workbook.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="OUT", help="Write a page with charts.")] = None,
    language: Language = "en",
) -> None:
    """Forecast a herd: simulate every animal forward, many times, and summarize with bands."""
    outputs = Outputs(json=json, csv=csv, xlsx=xlsx, html=html, excel=excel, language=language)
    check_folders(json, csv, xlsx, html)
    scenario = Scenario(
        horizon_months=months,
        mode=mode,
        purchase_policy=policy,
        lead_time_days=lead_time,
        confidence_central=confidence,
        future_date=None if future_date is None else parse_date(future_date, "--future-date"),
        model=parse_model(setting),
        purchases=tuple(parse_purchase(text) for text in purchase or ()),
    )
    workbench = Workbench.open()
    herd_file = workbench.read(file, column_map=split_pairs(column_map, "--map"))
    errors = tuple(issue for issue in herd_file.issues if issue.severity is Severity.ERROR)
    if errors and strict:
        raise HerdDataError(f"{herd_file.name} has errors.", herd_file.issues)
    if errors:
        print_issues(errors, err)
    with progress_bar(runs, threads or available_cores()) as execution:
        result = workbench.forecast(herd_file, scenario, runs=runs, seed=seed, execution=execution)
    write_outputs(result, outputs)
    if outputs.json is None or str(outputs.json) != "-":
        print_forecast(result)


def write_outputs(result: Forecast, outputs: Outputs) -> None:
    """Write the wanted files, each whole or not at all."""
    if outputs.json is not None:
        write_text(outputs.json, forecast_json(result))
    if outputs.csv is not None:
        write_atomically(outputs.csv, forecast_csv(result, excel=outputs.excel))
    if outputs.xlsx is not None:
        write_atomically(outputs.xlsx, forecast_xlsx(result))
    if outputs.html is not None:
        write_atomically(outputs.html, forecast_html(result, language=outputs.language).encode())


def print_forecast(result: Forecast) -> None:
    """Print the headline and a table of every third month."""
    meta = result.meta
    out.print(f"[bold]{headline(result)}[/]")
    scenario = meta.scenario
    about = f"{scenario.mode}, {scenario.purchase_policy}; median and {scenario.confidence_central:.0%} band"
    out.print(f"[dim]{escape(meta.dataset_name)}, {meta.runs:,} runs, seed {meta.seed}, {about}[/]")
    names = {
        Metric.MILKING_COUNT: "milking",
        Metric.DRY_COUNT: "dry",
        Metric.HEIFER_COUNT: "heifers",
        Metric.PREGNANT_HEIFER_COUNT: "pregnant heifers",
        Metric.AVG_DAYS_IN_MILK: "days in milk",
        Metric.CALVINGS: "calvings",
        Metric.CULLS: "culls",
        Metric.PURCHASES_IN: "purchases",
    }
    table = Table("date", *names.values(), box=None, pad_edge=False)
    last = len(result.dates) - 1
    for point in [*range(0, last, 3), last]:
        table.add_row(str(result.dates[point]), *(_cell(result, metric, point) for metric in names))
    out.print(table)


def _cell(result: Forecast, metric: Metric, point: int) -> str:
    middle, low, high = (result.value(metric, name, point) for name in ("p50", "p_low", "p_high"))
    if middle is None or low is None or high is None:
        return "-"
    return f"{middle:,.0f}" + ("" if low == high else f" [dim]{low:,.0f}-{high:,.0f}[/]")
