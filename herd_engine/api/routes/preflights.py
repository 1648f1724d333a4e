"""Herd files that were examined: what came of each, how that goes over time, which rules are broken."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from herd_engine.api.asking import IMMUTABLE, Bench, PageOf, attachment, needs
from herd_engine.api.kinds import BYTES, answered_with
from herd_engine.api.problems import Refusal
from herd_engine.workbench import Workbench
from herd_engine.workbench.preflight import (
    BrokenRule,
    PreflightRow,
    RuleMoment,
    RuleRow,
    TrendPoint,
)

router = APIRouter(prefix="/api/v1/diagnostics/preflight", tags=["preflight"])
LOOK = needs("diagnostics:read")
Source = Literal["herd_export"]
Newest = Annotated[int, Query(ge=1, le=100, description="So many, newest first.")]
Part = Literal["validation.json", "semantic.json", "manifest.json", "quarantine.csv", "unified.csv",
               "unified.parquet"]  # fmt: skip


class PreflightShown(BaseModel):
    """A preflight, and what each rule of its contract found."""

    preflight: PreflightRow
    rules: list[RuleRow]


class PreflightStats(BaseModel):
    """How many preflights came out in which way."""

    total_runs: int
    pass_count: int
    warn_count: int
    fail_count: int
    skipped_count: int


class PreflightFile(BaseModel):
    """A file that a preflight may have left, and where it is."""

    name: str
    download_url: str


@router.get("/runs", operation_id="preflight_runs", summary="List preflights", dependencies=[LOOK])
def preflight_runs(bench: Bench, limit: Newest = 20) -> PageOf[PreflightRow]:
    """Of the farm, newest first."""
    return PageOf(items=list(bench.preflights.latest(limit)), next_cursor=None)


@router.get(
    "/runs/{preflight_id}", operation_id="preflight_get", summary="Show a preflight", dependencies=[LOOK]
)
def preflight_get(bench: Bench, preflight_id: str) -> PreflightShown:
    """With what each rule found."""
    return _shown(bench, bench.preflights.get(preflight_id))


@router.get(
    "/latest", operation_id="preflight_latest", summary="Show the newest preflight", dependencies=[LOOK]
)
def preflight_latest(bench: Bench) -> PreflightShown:
    """404 where no file was examined yet."""
    found = bench.preflights.latest(1)
    if not found:
        raise Refusal(404, "NOT_FOUND", "There is nothing here.")
    return _shown(bench, found[0])


@router.get(
    "/latest/{source}",
    operation_id="preflight_latest_of",
    summary="Show the newest preflight of a source",
    dependencies=[LOOK],
)
def preflight_latest_of(bench: Bench, source: Source) -> PreflightShown:
    """Herd files are the one source that there is."""
    return preflight_latest(bench)


@router.get("/stats", operation_id="preflight_stats", summary="Count preflights", dependencies=[LOOK])
def preflight_stats(bench: Bench) -> PreflightStats:
    """All that are kept of the farm."""
    counts = bench.preflights.counts()
    ways = {f"{way.lower()}_count": counts.get(way, 0) for way in ("PASS", "WARN", "FAIL", "SKIPPED")}
    return PreflightStats(total_runs=sum(counts.values()), **ways)


@router.get(
    "/trends", operation_id="preflight_trends", summary="Count preflights by day", dependencies=[LOOK]
)
def preflight_trends(bench: Bench) -> list[TrendPoint]:
    """Days of the farm, oldest first; those without a preflight are left out."""
    return list(bench.preflights.trend())


@router.get(
    "/rules/top",
    operation_id="preflight_rules_top",
    summary="List the rules that are broken",
    dependencies=[LOOK],
)
def preflight_rules_top(bench: Bench, limit: Newest = 10) -> list[BrokenRule]:
    """Most often first."""
    return list(bench.preflights.top_rules()[:limit])


@router.get(
    "/rules/{rule_id}/history",
    operation_id="preflight_rule_history",
    summary="What a rule found over time",
    dependencies=[LOOK],
)
def preflight_rule_history(bench: Bench, rule_id: str, limit: Newest = 50) -> list[RuleMoment]:
    """Newest first; none of a rule that was never asked."""
    return list(bench.preflights.rule_history(rule_id, limit))


@router.get(
    "/snapshots/compare",
    operation_id="preflight_snapshots_compare",
    summary="Compare two herd files",
    dependencies=[LOOK],
)
def preflight_snapshots_compare(bench: Bench, old: str, new: str) -> dict[str, Any]:
    """Ids of datasets, the older first: who appeared, who left without a word, what contradicts."""
    return bench.changes_document(old, new)


@router.get(
    "/runs/{preflight_id}/sources/{source}/artifacts",
    operation_id="preflight_artifacts",
    summary="Files of a preflight",
    dependencies=[LOOK],
)
def preflight_artifacts(bench: Bench, preflight_id: str, source: Source) -> PageOf[PreflightFile]:
    """Those that there are: of a file that could not be read there is its validation alone."""
    row = bench.preflights.get(preflight_id)
    base = f"{router.prefix}/runs/{row.id}/sources/{source}/download/"
    names = bench.preflights.artifacts(row.id)
    return PageOf(
        items=[PreflightFile(name=name, download_url=base + name) for name in names], next_cursor=None
    )


@router.get(
    "/runs/{preflight_id}/sources/{source}/download/{name}",
    operation_id="preflight_artifact",
    summary="One file of a preflight",
    response_class=Response,
    responses=answered_with(BYTES),
    dependencies=[LOOK],
)
def preflight_artifact(bench: Bench, preflight_id: str, source: Source, name: Part) -> Response:
    """Names are of a list alone: nothing else of the machine can be asked for."""
    kind = "application/json" if name.endswith(".json") else "application/octet-stream"
    headers = {"content-disposition": attachment(name), "cache-control": IMMUTABLE}
    return Response(bench.preflights.artifact(preflight_id, name), media_type=kind, headers=headers)


@router.get(
    "/runs/{preflight_id}/sources/{source}/{part}",
    operation_id="preflight_part",
    summary="What a preflight found, as JSON",
    dependencies=[LOOK],
)
def preflight_part(
    bench: Bench, preflight_id: str, source: Source, part: Literal["validation", "semantic", "manifest"]
) -> dict[str, Any]:
    """Of the reading, of the rules, or of the files that were made."""
    found: dict[str, Any] = json.loads(bench.preflights.artifact(preflight_id, f"{part}.json"))
    return found


def _shown(bench: Workbench, row: PreflightRow) -> PreflightShown:
    return PreflightShown(preflight=row, rules=list(bench.preflights.rules(row.id)))
