"""Farms."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import Bench, PageOf, needs
from herd_engine.workbench.answers import Farm
from herd_engine.workbench.farms import MergedFarms

router = APIRouter(prefix="/api/v1", tags=["farms"])


class NewFarm(BaseModel):
    """A farm to be added."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100)


class FarmMerge(BaseModel):
    """The farm that stays."""

    model_config = ConfigDict(extra="forbid")
    into: str = Field(min_length=1, max_length=100, description="Name or id.")


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


@router.post(
    "/farms/{farm_id}/merge",
    operation_id="farms_merge",
    summary="Merge a farm into another one",
    dependencies=[needs("herd:admin")],
)
def merge_farm(bench: Bench, farm_id: str, wish: FarmMerge) -> MergedFarms:
    """Files, scenarios, answers and sheet come to `into`; the farm is archived with its forecasts.

    409 where they are one farm, or where it is the default farm.
    """
    return bench.farms.merge(bench.farms.find(farm_id).name, bench.farms.find(wish.into).name)
