"""Prices of a farm, by name; none is built in."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from herd_engine.api.asking import Bench, needs
from herd_engine.model.prices import FIGURES, PriceSet

router = APIRouter(prefix="/api/v1", tags=["decisions"])
Name = Annotated[str, Path(max_length=60, description="Whatever the case.")]


@router.get(
    "/prices",
    operation_id="prices_list",
    summary="Sets of prices",
    dependencies=[needs("herd:read")],
)
def list_prices(bench: Bench) -> dict[str, Any]:
    """The newest version of every set, by name."""
    return {"price_sets": [each.document() for each in bench.prices.list()]}


@router.get(
    "/prices/{name}",
    operation_id="prices_get",
    summary="A set of prices, and its versions",
    dependencies=[needs("herd:read")],
)
def get_prices(bench: Bench, name: Name) -> dict[str, Any]:
    """What was stated, which prices each figure still needs, and every version, newest first."""
    versions = bench.prices.versions(name)
    found = versions[0].prices
    return {
        "set": found.document(),
        "missing": {figure: list(found.missing(figure)) for figure in FIGURES},
        "versions": [each.document() for each in versions],
    }


@router.put(
    "/prices/{name}",
    operation_id="prices_set",
    summary="State prices",
    dependencies=[needs("herd:write")],
)
def put_prices(bench: Bench, name: Name, wished: dict[str, Any]) -> dict[str, Any]:
    """Another version of a set, in place of all that was said: `currency`, `valid_from`, and prices.

    Prices stand below their headings, as `{"feed": {"dry_day": 3.0}}`.
    """
    return bench.prices.save(PriceSet.of(wished, name)).document()
