"""What an export must hold is said from the contract itself."""

import pytest

from herd_engine.datasets.contract.loading import BASE, shipped_contract
from herd_engine.presentation.export_guide import export_guide


@pytest.mark.parametrize(("language", "needed"), [("en", "yes"), ("ru", "да")])
def test_every_column_and_status_of_the_contract_is_told(language: str, needed: str) -> None:
    contract, told = shipped_contract(BASE), export_guide(language)

    assert [row[1] == needed for row in told.columns.rows] == [c.required for c in contract.columns]
    assert all(c.heading in row[2] for c, row in zip(contract.columns, told.columns.rows, strict=True))
    assert len(told.statuses.rows) == len(contract.statuses)
    assert all("*" not in words for _, words in told.statuses.rows)


def test_markdown_has_a_line_a_row() -> None:
    told = export_guide("en")
    lines = told.markdown().splitlines()

    n_rows = len(told.columns.rows) + len(told.statuses.rows)
    assert sum(line.startswith("| ") for line in lines) == n_rows + 4
    assert lines[0] == "# What your export must hold"
