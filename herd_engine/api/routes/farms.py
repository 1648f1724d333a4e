"""Farms."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import Bench, PageOf, needs
from herd_engine.workbench.answers import Farm

router = APIRouter(prefix="/api/v1", tags=["farms"])


class NewFarm(BaseModel):
    """A farm to be added."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100)


@router.get("/farms", operation_id="farms_list", summary="List farms", dependencies=[needs("herd:read")])
def list_farms(bench: Bench, *, archived: bool = False) -> PageOf[Farm]:
    """All farms by name."""
    return PageOf(items=list(bench.farms.list(archived=archived)), next_cursor=None)


@router.post(
    "/farms",
    operation_id="farms_create",
    summary="Add a farm",
    status_code=201,
    dependencies=[needs("herd:admin")],
)
def add_farm(bench: Bench, farm: NewFarm) -> Farm:
    """409 where the name is taken."""
    return bench.farms.add(farm.name)


@router.patch(
    "/farms/{farm_id}",
    operation_id="farms_update",
    summary="Rename a farm",
    dependencies=[needs("herd:admin")],
)
def rename_farm(bench: Bench, farm_id: str, farm: NewFarm) -> Farm:
    """409 where the name is taken."""
    return bench.farms.rename(bench.farms.find(farm_id).name, farm.name)
