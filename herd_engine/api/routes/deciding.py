"""What to do about a herd: key figures, rules, work lists, plans."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from herd_engine.api.asking import Bench, needs
from herd_engine.i18n.catalogue import ENGLISH, known_language
from herd_engine.i18n.wording import wording
from herd_engine.presentation.daily_sheet import sheet_csv, sheet_page
from herd_engine.workbench.work_lists import WorkListName

router = APIRouter(prefix="/api/v1", tags=["decisions"])
READ = needs("herd:read")


@router.get(
    "/datasets/{dataset_id}/kpis",
    operation_id="datasets_kpis",
    summary="Key figures of a herd file",
    dependencies=[READ],
)
def kpis(bench: Bench, dataset_id: str) -> dict[str, Any]:
    """`herd-kpis/1`: what is not known is null, with the reason; a bracket has `low` and `high`."""
    return bench.kpis(bench.datasets.load(bench.datasets.get(dataset_id).id)).document()


@router.get(
    "/datasets/{dataset_id}/detective",
    operation_id="datasets_detective",
    summary="What is not as the farm wants it",
    dependencies=[READ],
)
def detective(
    bench: Bench,
    dataset_id: str,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> dict[str, Any]:
    """`herd-detective/1`: rates of the rules, a page of the animals that they catch, what cannot be told."""
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    return bench.findings(herd_file).document(offset=offset, limit=limit)


@router.get(
    "/datasets/{dataset_id}/sheet",
    operation_id="datasets_sheet",
    summary="The daily sheet",
    dependencies=[READ],
)
def sheet(
    bench: Bench,
    dataset_id: str,
    days: Annotated[int, Query(ge=0, le=60, description="How far ahead.")] = 7,
    lists: Annotated[list[WorkListName] | None, Query(alias="list")] = None,
    form: Annotated[Literal["json", "csv", "html"], Query(alias="format")] = "json",
    language: Annotated[str, Query(description="Of CSV and page.")] = ENGLISH,
) -> Any:
    """Which animals to breed, check, dry off, calve, look at and sell: `herd-sheet/1`, CSV, or a page."""
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    found = bench.daily_sheet(herd_file, days=days).only(frozenset(lists or ()))
    words = wording(known_language(language))
    if form == "csv":
        return Response(sheet_csv(found, words), media_type="text/csv")
    if form == "html":
        return Response(sheet_page(found, herd_file.name, words), media_type="text/html")
    return found.document()
