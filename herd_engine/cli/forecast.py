"""`herd forecast`: a herd's future with bands."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from herd_engine.cli.asking import (
    AcceptLosses,
    Dates,
    ReportDate,
    SexMap,
    Sheet,
    StatusMap,
    answers_of,
    read_bytes,
    read_or_ask,
)
from herd_engine.cli.options import (
    REPLICATES,
    ColumnMap,
    Farm,
    HerdPath,
    Home,
    Json,
    PageLanguage,
    Threads,
    available_cores,
    file_path,
    levers_by_mode,
    parse_date,
    parse_purchase,
    parse_settings,
)
from herd_engine.cli.output import TERMINAL, check_outputs, write_file, write_text
from herd_engine.cli.printing import err, new_table, out, print_issues, print_paths, progress_bar
from herd_engine.errors import HerdDataError, ParameterError
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.gate import GateMode
from herd_engine.model.quality import Severity
from herd_engine.model.scenario import Mode, PurchasePolicy, Scenario
from herd_engine.presentation.charts import headline
from herd_engine.presentation.shown_forecast import ShownForecast
from herd_engine.workbench import (
    DEFAULT_REPLICATES,
    DEFAULT_SEED,
    MOST_REPLICATES,
    Execution,
    HerdFile,
    ReplicateCount,
    Workbench,
)
from herd_engine.workbench.forecast_files import forecast_csv, forecast_json

MONTHS_A_ROW = 3
BANDS = (" [dim]{low}–{high}[/]", "\n[dim]{low}–{high}[/]", "\n[dim]{low}–[/]\n[dim]{high}[/]")
"""How a band stands beside its median, in the widest terminals first: no number is ever broken."""
LEVELS = {
    Metric.MILKING_COUNT: "milking",
    Metric.DRY_COUNT: "dry",
    Metric.HEIFER_COUNT: "heifers",
    Metric.PREGNANT_HEIFER_COUNT: "pregnant\nheifers",
    Metric.AVG_DAYS_IN_MILK: "days in\nmilk",
}
EVENTS = {Metric.CALVINGS: "calvings", Metric.CULLS: "leave", Metric.PURCHASES_IN: "bought"}

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
        "--set",
        metavar="NAME=VALUE",
        help=f"A lever of the model, such as culling_intensity=0.9; repeat. {levers_by_mode()}",
    ),
]
Policy = Annotated[
    PurchasePolicy,
    typer.Option(
        help="Who buys pregnant heifers: manual, the list of --purchase; auto_counter buys when animals are "
        "missing; auto_forecast buys when milking cows will be missing."
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse a file with any error, also where only rows are lost.")
]
Futures = Annotated[
    str,
    typer.Option(
        *REPLICATES, metavar="N|auto", help="Simulated futures, 1 to 50000; auto: until bands are stable."
    ),
]
FutureDate = Annotated[str | None, typer.Option(metavar="DATE", help="A month start that results speak of.")]
Gate = Annotated[
    GateMode | None,
    typer.Option(help="What is done where the file breaks its contract; as `herd preflight run --mode`."),
]
Csv = Annotated[Path | None, typer.Option(metavar="OUT", parser=file_path, help="Write CSV.")]
Xlsx = Annotated[Path | None, typer.Option(metavar="OUT", parser=file_path, help="Write an Excel workbook.")]
Html = Annotated[Path | None, typer.Option(metavar="OUT", parser=file_path, help="Write a page with charts.")]
Excel = Annotated[bool, typer.Option("--excel", help="CSV with byte order mark and semicolons.")]
MaxRuns = Annotated[
    int | None, typer.Option(help=f"Where --runs auto stops at the latest; {MOST_REPLICATES} by default.")
]
Plain = Annotated[
    bool, typer.Option("--plain", help="CSV as one table of numbers, without the block of parameters.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPaths:
    """Files to write; None: not wanted."""

    json: Path | None
    csv: Path | None
    xlsx: Path | None
    html: Path | None
    excel: bool
    plain: bool = False
    farm: str = ""
    language: str

    @property
    def paths(self) -> tuple[Path, ...]:
        """Files, in the order of writing."""
        return tuple(p for p in (self.json, self.csv, self.xlsx, self.html) if p not in (None, TERMINAL))


ForecastMode = Annotated[Mode, typer.Option(help="How the herd's records become rates: see README, `mode`.")]
Beside = Annotated[
    list[Mode] | None, typer.Option(help="Draw this mode too, in one figure of the page; repeatable.")
]


def forecast(  # noqa: PLR0913 - one argument an option
    file: HerdPath,
    *,
    mode: ForecastMode = Mode.CALIBRATED,
    beside: Beside = None,
    policy: Policy = PurchasePolicy.MANUAL,
    months: Annotated[int, typer.Option(help="Month starts to forecast, 1 to 120.")] = 36,
    runs: Futures = str(DEFAULT_REPLICATES),
    max_runs: MaxRuns = None,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = DEFAULT_SEED,
    confidence: Annotated[float, typer.Option(help="Share of futures inside the band, 0.5 to 0.99.")] = 0.90,
    lead_time: Annotated[int, typer.Option(help="Days that auto_forecast looks ahead.")] = 90,
    future_date: FutureDate = None,
    purchase: Purchases = None,
    setting: Settings = None,
    column_map: ColumnMap = None,
    map_status: StatusMap = None,
    map_sex: SexMap = None,
    dates: Dates = None,
    sheet: Sheet = "",
    accept_losses: AcceptLosses = False,
    report_date: ReportDate = None,
    home: Home = None,
    farm: Farm = None,
    threads: Threads = None,
    strict: Strict = False,
    preflight: Gate = None,
    json: Json = None,
    csv: Csv = None,
    excel: Excel = False,
    plain: Plain = False,
    xlsx: Xlsx = None,
    html: Html = None,
    language: PageLanguage = ENGLISH,
) -> None:
    """Forecast a herd: simulate every animal forward, many times, and summarize with bands."""
    outputs = OutputPaths(
        json=json, csv=csv, xlsx=xlsx, html=html, excel=excel, plain=plain, language=language
    )
    check_outputs(json, csv, xlsx, html, source=file)
    wished = _wished_runs(runs, max_runs)
    scenario = Scenario(
        horizon_months=months,
        mode=mode,
        purchase_policy=policy,
        lead_time_days=lead_time,
        confidence_central=confidence,
        future_date=None if future_date is None else parse_date(future_date, "--future-date"),
        purchases=tuple(parse_purchase(text) for text in purchase or ()),
        **parse_settings(setting),
    )
    workbench = Workbench.open(home, farm=farm)
    answers = answers_of(column_map, map_status, map_sex, dates, sheet, accept_losses, report_date)
    workbench.require_rules({file.name: read_bytes(file)}, answers, preflight)
    herd_file = read_or_ask(workbench, file, answers, json, of_farm=farm is not None)
    tell_errors(herd_file, strict=strict)
    modes = _other_modes(workbench, herd_file, scenario, beside or [], html)
    with progress_bar(wished.most, threads or available_cores()) as execution:
        result, draws = _simulated(workbench, herd_file, scenario, wished, seed, execution)
    _tell(workbench, herd_file, result, outputs, draws, _in_other_modes(workbench, herd_file, result, modes))


def _tell(
    workbench: Workbench,
    herd_file: HerdFile,
    result: Forecast,
    outputs: OutputPaths,
    draws: Draws | None,
    others: Mapping[str, Forecast],
) -> None:
    """Write and print a forecast."""
    tell_warnings(result)
    shown = ShownForecast(
        workbench=workbench, forecast=result, herd_file=lambda: herd_file, draws=draws, others=others
    )
    write_outputs(shown, outputs)
    if outputs.json != TERMINAL:
        print_forecast(shown)
        if outputs.paths:
            print_paths("\nWritten:", *outputs.paths)


def _other_modes(
    workbench: Workbench, herd_file: HerdFile, scenario: Scenario, beside: list[Mode], page: Path | None
) -> list[Mode]:
    """Return the modes to draw beside; refuse, before the long work, one that the file has no records for."""
    if beside and page is None:
        raise ParameterError("--beside", " ".join(beside), "come with --html: modes are drawn in its figures")
    modes = [mode for mode in dict.fromkeys(beside) if mode is not scenario.mode]
    for mode in modes:
        workbench.require_fit(herd_file, scenario.in_mode(mode))
        if note := wording(ENGLISH).unread_note(mode, scenario.model):
            err.print(f"[yellow]warning[/] {escape(note)}", soft_wrap=True)
    return modes


def _in_other_modes(
    workbench: Workbench, herd_file: HerdFile, result: Forecast, modes: list[Mode]
) -> dict[str, Forecast]:
    """Return the same forecast in other modes, by mode."""
    meta = result.meta
    return {
        str(mode): workbench.forecast(herd_file, meta.scenario.in_mode(mode), runs=meta.runs, seed=meta.seed)
        for mode in modes
    }


def _wished_runs(text: str, most: int | None) -> ReplicateCount:
    """Return how many runs the options ask for."""
    if text.lower() == "auto":
        return ReplicateCount(MOST_REPLICATES if most is None else most, until_stable=True)
    if most is not None:
        raise ParameterError("--max-runs", most, "stand with --runs auto alone")
    try:
        return ReplicateCount(int(text))
    except ValueError:
        raise ParameterError("--runs", text, "be a whole number or auto") from None


def _simulated(
    workbench: Workbench,
    herd_file: HerdFile,
    scenario: Scenario,
    runs: ReplicateCount,
    seed: int,
    execution: Execution,
) -> tuple[Forecast, Draws | None]:
    """Forecast with so many runs, or until the bands are stable: the page then shows how they settled."""
    wishes: dict[str, Any] = {"seed": seed, "execution": execution}
    if runs.until_stable:
        return workbench.forecast_until_stable(herd_file, scenario, most_runs=runs.most, **wishes)
    return workbench.forecast(herd_file, scenario, runs=runs.most, **wishes), None


def tell_errors(herd_file: HerdFile, *, strict: bool) -> None:
    """Print the errors of a file of which a forecast can be made; refuse it if that is wanted."""
    errors = tuple(issue for issue in herd_file.issues if issue.severity is Severity.ERROR)
    if errors and strict:
        raise HerdDataError(f"{herd_file.name} has errors.", herd_file.issues)
    if errors:
        err.print(f"{escape(herd_file.name)} has errors; the forecast does without what they spoil:")
        print_issues(errors, err)


def tell_warnings(result: Forecast) -> None:
    """Print what the forecast warns of, besides the file's errors, and how much more there is to read."""
    for warning in result.meta.warnings:
        if warning.severity is not Severity.ERROR:
            err.print(f"[yellow]warning[/] {escape(wording(ENGLISH).say(warning))}", soft_wrap=True)
    more = sum(issue.severity is Severity.WARNING for issue in result.meta.quality)
    if more:
        err.print(f"[dim]`herd inspect` tells all that is remarkable about the file ({more} warnings).[/]")


def write_outputs(shown: ShownForecast, outputs: OutputPaths) -> None:
    """Write the wanted files, each whole or not at all."""
    result, language = shown.forecast, outputs.language
    if outputs.json is not None:
        write_text(outputs.json, forecast_json(result))
    if outputs.csv is not None:
        write_file(outputs.csv, forecast_csv(result, excel=outputs.excel, plain=outputs.plain))
    if outputs.xlsx is not None:
        write_file(outputs.xlsx, shown.workbook(language, outputs.farm))
    if outputs.html is not None:
        write_file(outputs.html, shown.page(language))


def print_forecast(shown: ShownForecast) -> None:
    """Print the headline, a table of every third month, and what else there is to say."""
    result = shown.forecast
    meta = result.meta
    out.print(f"[bold]{headline(result)}[/]")
    scenario = meta.scenario
    about = f"{scenario.mode}, {scenario.purchase_policy}; median and {scenario.confidence_central:.0%} band"
    out.print(f"[dim]{escape(meta.dataset_name)}, {meta.runs:,} replicates, seed {meta.seed}, {about}[/]")
    if meta.stability is not None and meta.stability.is_stable:
        out.print(f"[dim]{wording(ENGLISH).say(meta.stability.said)}[/]")
    out.print(_fitting_table(result))
    out.print(
        "[dim]Calvings, animals that leave the herd, bought: since the row above, mean of all futures.[/]"
    )
    if checked := shown.check():
        out.print(f"[dim]{escape(checked)}[/]")


def _fitting_table(result: Forecast) -> Table:
    """Return the table with bands set to fit the terminal; in the narrowest, without the last columns."""
    all_columns = [*LEVELS, *EVENTS]
    tables = [
        *(_table(result, all_columns, band) for band in BANDS),
        *(_table(result, all_columns[:-dropped], BANDS[-1]) for dropped in range(1, len(all_columns))),
    ]
    unlimited = out.options.update(max_width=1000)
    fits = (table for table in tables if out.measure(table, options=unlimited).maximum <= out.width)
    return next(fits, tables[-1])


def _table(result: Forecast, metrics: list[Metric], band: str) -> Table:
    """Return every third month; columns as wide as their numbers."""
    table = new_table("date", *((LEVELS | EVENTS)[metric] for metric in metrics))
    for column in table.columns:
        column.no_wrap = True
    last = len(result.dates) - 1
    shown = [*range(0, last, MONTHS_A_ROW), last]
    for before, point in zip([None, *shown], shown, strict=False):
        cells = (
            _cell(result, metric, point, band) if metric in LEVELS else _sum(result, metric, before, point)
            for metric in metrics
        )
        table.add_row(str(result.dates[point]), *cells)
    return table


def _cell(result: Forecast, metric: Metric, point: int, band: str) -> str:
    middle, low, high = (result.value(metric, name, point) for name in ("p50", "p_low", "p_high"))
    if middle is None or low is None or high is None:
        return "-"
    return f"{middle:,.0f}" + ("" if low == high else band.format(low=f"{low:,.0f}", high=f"{high:,.0f}"))


def _sum(result: Forecast, metric: Metric, before: int | None, point: int) -> str:
    if before is None:
        return "-"
    return f"{result.series[metric].mean[before + 1 : point + 1].sum():,.0f}"
