"""A farm's own limits and columns count when its files are read, and are part of what a dataset is."""

import pytest

from herd_engine.datasets.contract.layer import laid_over, read_layer
from herd_engine.datasets.contract.loading import BASE, shipped_contract
from herd_engine.datasets.contract.model import Contract
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.errors import ContractError, HerdDataError
from tests.herd_engine.datasets.reader.test_reading import COWS, HEIFERS, written

BROKEN = [[*COWS[0][:1], "soon", *COWS[0][2:]], *COWS[1:], *HEIFERS]
"""One animal in thirty has no birth date: more than two in a hundred."""


def farm_contract(text: str) -> Contract:
    return laid_over(shipped_contract(BASE), read_layer(text.encode(), "layer.yaml"), "layer.yaml")


def test_a_farm_may_lose_more_than_others() -> None:
    with pytest.raises(HerdDataError, match="accept-losses"):
        read_herd_bytes(written(BROKEN), "farm.csv")
    file = read_herd_bytes(written(BROKEN), "farm.csv", contract=farm_contract("limits: {lost_share: 0.05}"))

    assert file.herd.n_animals == 29


def test_a_farm_may_be_stricter_about_lactations() -> None:
    strict = farm_contract("limits: {highest_lactation: 1}")

    with pytest.raises(HerdDataError, match="accept-losses"):
        read_herd_bytes(written([*COWS, *HEIFERS]), "farm.csv", contract=strict)


def test_a_column_that_the_farm_requires_must_be_there() -> None:
    with pytest.raises(HerdDataError, match="insemination_date"):
        read_herd_bytes(
            written([*COWS, *HEIFERS]), "farm.csv", contract=farm_contract("require: [insemination_date]")
        )


def test_the_contract_is_part_of_what_a_dataset_is() -> None:
    data = written([*COWS, *HEIFERS])
    plain = read_herd_bytes(data, "farm.csv")
    one, other = (
        read_herd_bytes(data, "farm.csv", contract=farm_contract(f"limits: {{lost_share: {share}}}"))
        for share in (0.05, 0.06)
    )

    assert len({plain.sha256, one.sha256, other.sha256}) == 3
    assert one.answers.contract.startswith("herd_export@1.0.0+")
    again = read_herd_bytes(data, "farm.csv", contract=farm_contract("limits: {lost_share: 0.05}"))
    assert again.sha256 == one.sha256


@pytest.mark.parametrize("text", ["limits: {rows: 20000000}", "limits: {lost_share: 2}", "require: [colour]"])
def test_what_protects_the_machine_is_no_limit_of_a_farm(text: str) -> None:
    with pytest.raises(ContractError):
        farm_contract(text)
