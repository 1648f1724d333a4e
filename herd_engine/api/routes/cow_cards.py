"""What is expected of each animal of a herd."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from herd_engine.api.asking import Bench, needs
from herd_engine.api.kinds import HTML, answered_with
from herd_engine.i18n.catalogue import ENGLISH, known_language
from herd_engine.i18n.wording import wording
from herd_engine.model.prices import PriceSet
from herd_engine.presentation.cow_cards import cards_page
from herd_engine.workbench.cow_cards import MOST_CARDS
from herd_engine.workbench.values import CURVES, MOST_ROWS
from herd_engine.workbench.work_lists import WorkListName

router = APIRouter(prefix="/api/v1", tags=["decisions"])
PriceSetName = Annotated[
    str | None, Query(max_length=60, description="Prices by name; else those of the farm's sheet.")
]
Curve = Annotated[
    str | None,
    Query(description=f"Lactation curve; else that of the farm's sheet: {', '.join(CURVES)}."),
]
Conception = Annotated[float | None, Query(gt=0, le=1, description="Chance of an insemination.")]


def chosen(bench: Bench, name: str | None) -> PriceSet | None:
    """Return the prices that are meant; None where nobody has stated any."""
    return bench.prices.used() if name is None else bench.prices.find(name)


@router.get(
    "/datasets/{dataset_id}/values",
    operation_id="datasets_values",
    summary="What animals are worth",
    dependencies=[needs("herd:read")],
)
def values(  # noqa: PLR0913 - one argument a parameter of the query
    bench: Bench,
    dataset_id: str,
    *,
    prices: PriceSetName = None,
    curve: Curve = None,
    conception: Conception = None,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 500,
) -> dict[str, Any]:
    """`herd-values/1`: what is not known is null, with the reason in `unknown`."""
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    found = bench.values(
        herd_file, chosen(bench, prices), curve=curve or bench.milk_curve(), conception=conception
    )
    return found.document(offset=offset, limit=limit)


@router.get(
    "/datasets/{dataset_id}/cards",
    operation_id="datasets_cards",
    summary="What is expected of each animal",
    dependencies=[needs("herd:read")],
    responses=answered_with(HTML, description="The cards."),
)
def cards(  # noqa: PLR0913 - one argument a parameter of the query
    bench: Bench,
    dataset_id: str,
    *,
    prices: PriceSetName = None,
    curve: Curve = None,
    conception: Conception = None,
    animal: Annotated[str | None, Query(description="Only this one.")] = None,
    list_name: Annotated[WorkListName | None, Query(alias="list", description="Only a work list.")] = None,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_CARDS)] = 500,
    form: Annotated[Literal["json", "html"], Query(alias="format")] = "json",
    language: Annotated[str, Query(description="Of the page.")] = ENGLISH,
) -> Any:
    """`herd-cards/1`: exact, and they add up to the herd's expected forecast (`sum`); or a page to print."""
    herd_file = bench.datasets.load(bench.datasets.get(dataset_id).id)
    values = bench.values(
        herd_file, chosen(bench, prices), curve=curve or bench.milk_curve(), conception=conception
    )
    found = bench.cards(herd_file, bench.targets(), values=values)
    if form == "json":
        return found.document(list_name, animal=animal, offset=offset, limit=limit)
    printed = (found.card(animal),) if animal else found.page(list_name, offset=offset, limit=limit)
    words = wording(known_language(language))
    return Response(cards_page(found, printed, herd_file.name, words), media_type="text/html")
