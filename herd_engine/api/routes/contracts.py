"""What a herd file may hold."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from herd_engine.api.asking import Bench, PageOf, json_bytes, needs, tag_of, tagged
from herd_engine.api.problems import Refusal
from herd_engine.workbench.contracts import (
    ContractAnswer,
    ContractDifference,
    ContractVersion,
    WholeContract,
    find_contract,
    list_contracts,
)

router = APIRouter(prefix="/api/v1", tags=["contracts"])
READ = needs("herd:read")


@router.get("/contracts", operation_id="contracts_list", summary="List contracts", dependencies=[READ])
def list_all() -> PageOf[ContractAnswer]:
    """By which files are read: whole herds, events, sheets of farms, milk tests."""
    return PageOf(items=list(list_contracts()), next_cursor=None)


@router.get(
    "/contracts/{contract_id}",
    operation_id="contracts_get",
    summary="Show a contract",
    dependencies=[READ],
    response_model=WholeContract,
)
def get_contract(request: Request, contract_id: str) -> Response:
    """Columns, aliases, types, words, limits and rules."""
    return answered(request, find_contract(contract_id))


@router.get(
    "/contracts/{contract_id}/versions",
    operation_id="contracts_versions",
    summary="List the versions of a contract",
    dependencies=[READ],
)
def versions(bench: Bench, contract_id: str) -> PageOf[ContractVersion]:
    """Newest first; 0 is the program's own, over which a farm lays its words and rules."""
    return PageOf(items=list(bench.contracts.versions(contract_id)), next_cursor=None)


@router.get(
    "/contracts/{contract_id}/versions/{version}",
    operation_id="contracts_version",
    summary="Show a version of a contract",
    dependencies=[READ],
    response_model=WholeContract,
)
def get_version(bench: Bench, request: Request, contract_id: str, version: str) -> Response:
    """The whole of it, as files of the farm were read by it."""
    if not (version.isascii() and version.isdigit()):
        raise Refusal(404, "NOT_FOUND", "There is nothing here.")
    return answered(request, bench.contracts.get(int(version), contract_id), int(version))


@router.get(
    "/contracts/{contract_id}/diff",
    operation_id="contracts_diff",
    summary="What differs between two versions",
    dependencies=[READ],
)
def diff(
    bench: Bench,
    contract_id: str,
    old: Annotated[int, Query(alias="from", ge=0)],
    new: Annotated[int, Query(alias="to", ge=0)],
) -> PageOf[ContractDifference]:
    """What is breaking may refuse files that passed before."""
    return PageOf(items=bench.contracts.differences(old, new, contract_id), next_cursor=None)


def answered(request: Request, found: WholeContract, version: int = 0) -> Response:
    """Answer what never changes under its tag."""
    document = {**asdict(found), "date": found.date.isoformat()}
    tag = f'"{tag_of(document, version, request.app.state.package)}"'
    return tagged(request, tag, lambda: json_bytes(document), "application/json")
