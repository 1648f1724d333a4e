"""What to do about a herd: key figures, rules, work lists, plans."""

from typing import Any

from fastapi import APIRouter

from herd_engine.api.asking import Bench, needs

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
