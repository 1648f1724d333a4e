"""What the runs of a farm say: pages of rows, or CSV of any length in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from herd_engine.api.asking import (
    CHANGING,
    Bench,
    Cursor,
    Limit,
    PageOf,
    attachment,
    flagged,
    matches,
    needs,
    page,
    tag_of,
    unchanged,
)
from herd_engine.api.kinds import CSV, answered_with
from herd_engine.api.room import refuse_what_is_off
from herd_engine.model.service_limits import ServiceFlag
from herd_engine.workbench import Workbench
from herd_engine.workbench.outputs import Output, OutputView

router = APIRouter(prefix="/api/v1", tags=["outputs"])
READ, ON = needs("herd:read"), flagged(ServiceFlag.OUTPUTS)
AS_CSV = answered_with(CSV, description="A page of rows, or all of them as CSV.")
Several = Annotated[list[str] | None, Query(description="Several are any of them.")]


def of_any_scenario(  # noqa: PLR0913, PLR0917 - one argument a filter
    run_id: Several = None,
    tag: Annotated[list[str] | None, Query(description="Of the scenario; several are all of them.")] = None,
    metric: Several = None,
    month_from: date | None = None,
    month_to: date | None = None,
    statistic: Annotated[str, Query(description="Whose value is meant.")] = "p50",
    value_from: float | None = None,
    value_to: float | None = None,
) -> dict[str, Any]:
    """Return the filters of a list of outputs, but for the scenario."""
    several = {"run_ids": run_id, "tags": tag, "metrics": metric}
    return {
        **{name: tuple(values or ()) for name, values in several.items()},
        "month_from": month_from,
        "month_to": month_to,
        "statistic": statistic,
        "value_from": value_from,
        "value_to": value_to,
    }


Others = Annotated[dict[str, Any], Depends(of_any_scenario)]


def chosen(others: Others, scenario_id: Several = None) -> dict[str, Any]:
    """Return the filters of a list of outputs."""
    return {**others, "scenario_ids": tuple(scenario_id or ())}


def form(
    format: Annotated[Literal["json", "csv"] | None, Query(description="Or by `Accept`.")] = None,
    excel: Annotated[bool, Query(description="CSV as spreadsheets of many countries want it.")] = False,
    end: Annotated[bool, Query(description="CSV ends with `END,<rows>`: all of it has come.")] = False,
    accept: Annotated[str | None, Header()] = None,
) -> dict[str, bool]:
    """Return in which form rows are wanted."""
    wants_csv = format == "csv" or (format is None and "text/csv" in (accept or ""))
    return {"csv": wants_csv, "excel": excel, "end": end}


Chosen = Annotated[dict[str, Any], Depends(chosen)]
Form = Annotated[dict[str, bool], Depends(form)]


@dataclass(frozen=True, slots=True)
class OutputsQuery:
    """What is asked of any list of outputs: by whom, in which form, and which page."""

    bench: Workbench
    request: Request
    response: Response
    form: dict[str, bool]
    cursor: str | None
    limit: int

    def rows(self, view: OutputView, filters: dict[str, Any]) -> Any:
        """Answer a page of rows, or all of them as CSV; a tag tells what is unchanged."""
        outputs, filtered, formed = self.bench.outputs, sorted(filters.items()), sorted(self.form.items())
        tag = tag_of(view, filtered, formed, self.cursor, self.limit)
        tag = f'W/"{outputs.version()}.{tag}"'
        if matches(self.request.headers.get("if-none-match"), tag):
            return unchanged(tag, CHANGING)
        headers = {"etag": tag, "cache-control": CHANGING, "vary": "Accept"}
        if not self.form["csv"]:
            self.response.headers.update(headers)
            return page(outputs.page(view, self.cursor, self.limit, **filters), self.request, self.response)
        pieces = outputs.csv(view, excel=self.form["excel"], **filters)
        # What is wrong with the filters is found out before anything is sent.
        body = _whole(next(pieces), pieces, with_end=self.form["end"])
        headers["content-disposition"] = attachment("outputs.csv")
        return StreamingResponse(body, media_type=CSV, headers=headers)


async def asked_by(
    bench: Bench,
    request: Request,
    response: Response,
    wanted: Form,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> OutputsQuery:
    """Return what is asked of a list of outputs."""
    if wanted["csv"]:
        await refuse_what_is_off(request, ServiceFlag.CSV, bench.farms.current().id)
    return OutputsQuery(bench, request, response, wanted, cursor, limit)


Wanted = Annotated[OutputsQuery, Depends(asked_by)]


@router.get(
    "/outputs",
    operation_id="outputs_list",
    summary="Search the numbers of all runs",
    responses=AS_CSV,
    dependencies=[READ, ON],
    response_model=PageOf[Output],
)
def list_outputs(asked: Wanted, filters: Chosen) -> Any:
    """By scenario, metric, report date, run and month. A broken body means that rows are missing."""
    return asked.rows(OutputView.ALL, filters)


@router.get(
    "/outputs/latest",
    operation_id="outputs_latest",
    summary="The numbers of the newest runs",
    responses=AS_CSV,
    dependencies=[READ, ON],
    response_model=PageOf[Output],
)
def latest(asked: Wanted, filters: Chosen) -> Any:
    """Of every scenario and report date the run that was published last."""
    return asked.rows(OutputView.LATEST, filters)


@router.get(
    "/outputs/latest-by-metric",
    operation_id="outputs_latest_by_metric",
    summary="The newest number of each metric",
    responses=AS_CSV,
    dependencies=[READ, ON],
    response_model=PageOf[Output],
)
def latest_by_metric(asked: Wanted, filters: Chosen) -> Any:
    """One row of every scenario and metric; `month_to` asks for the value of a month."""
    return asked.rows(OutputView.LATEST_BY_METRIC, filters)


@router.get(
    "/scenarios/{scenario_id}/outputs",
    operation_id="scenarios_outputs",
    summary="The numbers of a scenario's runs",
    responses=AS_CSV,
    dependencies=[READ, ON],
    response_model=PageOf[Output],
)
def of_scenario(asked: Wanted, scenario_id: str, filters: Others) -> Any:
    """As `/outputs`, of one scenario."""
    filters["scenario_ids"] = (asked.bench.scenarios.get(scenario_id).id,)
    return asked.rows(OutputView.ALL, filters)


@router.get(
    "/scenarios/{scenario_id}/metrics/latest",
    operation_id="scenarios_metrics_latest",
    summary="The newest number of each metric of a scenario",
    responses=AS_CSV,
    dependencies=[READ, ON],
    response_model=PageOf[Output],
)
def latest_of_scenario(asked: Wanted, scenario_id: str, filters: Others) -> Any:
    """As `/outputs/latest-by-metric`, of one scenario."""
    filters["scenario_ids"] = (asked.bench.scenarios.get(scenario_id).id,)
    return asked.rows(OutputView.LATEST_BY_METRIC, filters)


def _whole(first: bytes, pieces: Iterator[bytes], *, with_end: bool) -> Iterator[bytes]:
    """Yield all pieces; an error cuts the body, and whoever reads it notices."""
    yield first
    rows = 0
    for piece in pieces:
        rows += piece.count(b"\n")  # cells have no line ends
        yield piece
    if with_end:
        yield f"END,{rows}\n".encode()
