"""`herd prices`: stated, changed, listed, checked, chosen; as YAML and back."""

import json
from pathlib import Path

import pytest

from tests.herd_engine.cli.commands import Herd


@pytest.fixture(autouse=True)
def home(folder: Path, monkeypatch: pytest.MonkeyPatch, herd: Herd) -> Path:
    monkeypatch.setenv("HERD_HOME", str(folder / "home"))
    assert herd("farms", "add", "North").code == 0
    return folder / "home"


def stated(herd: Herd) -> None:
    said = ("currency=EUR", "valid_from=2026-03-01", "milk_per_kg=0.45", "feed.heifer_day.365=2")
    options = [option for each in said for option in ("--set", each)]
    assert herd("prices", "new", "Spring", *options, "--farm", "North").code == 0


def test_prices_are_kept_by_version_and_go_through_yaml(herd: Herd, folder: Path) -> None:
    stated(herd)
    herd("prices", "new", "spring", "--set", "milk_per_kg=0.47", "--farm", "North")
    shown = json.loads(herd("prices", "show", "SPRING", "--farm", "North", "--json", "-").out)

    assert shown["set"]["milk_per_kg"] == 0.47
    assert [each["version"] for each in shown["versions"]] == [2, 1]
    assert shown["versions"][1]["set"]["milk_per_kg"] == 0.45
    assert herd("prices", "show", "spring", "--farm", "North", "--export", "spring.yaml").code == 0
    assert herd("prices", "new", "Copy", "--import", "spring.yaml", "--farm", "North").code == 0
    listed = json.loads(herd("prices", "list", "--farm", "North", "--json", "-").out)["price_sets"]
    assert [each["name"] for each in listed] == ["Copy", "Spring"]
    assert listed[0]["set"] == shown["set"] | {"name": "Copy"}


def test_another_farm_has_no_part_in_them(herd: Herd) -> None:
    stated(herd)
    herd("farms", "add", "South")

    assert json.loads(herd("prices", "list", "--farm", "South", "--json", "-").out) == {"price_sets": []}
    assert herd("prices", "show", "spring", "--farm", "South").code == 2
    merged = herd("farms", "merge", "North", "South")
    assert "1 price sets" in merged.out
    assert herd("prices", "show", "spring", "--farm", "South").code == 0


def test_what_is_missing_is_told(herd: Herd) -> None:
    stated(herd)
    told = json.loads(herd("prices", "check", "spring", "--farm", "North", "--json", "-").out)

    assert told["missing"]["plan_cost"] == ["springer_price", "discount_rate_year"]
    assert "milk_per_kg" not in told["missing"]["worth"]
    assert "springer_price" in herd("prices", "check", "spring", "--farm", "North").out


def test_a_set_that_is_used_stands_in_the_sheet(herd: Herd) -> None:
    stated(herd)
    assert herd("prices", "use", "spring", "--farm", "North").code == 0

    sheet = json.loads(herd("farms", "sheet", "North", "--json", "-").out)["sheet"]
    assert sheet == {"price_set": "Spring"}
    assert herd("prices", "use", "autumn", "--farm", "North").code == 2


@pytest.mark.parametrize(
    "said",
    ["currency=XXQ", "currency=eur", "milk_per_kg=-1", "milk_per_kg=much", "milk=1", "valid_from=soon"],
)
def test_what_is_no_price_is_refused(herd: Herd, said: str) -> None:
    stated(herd)

    assert herd("prices", "new", "Spring", "--set", said, "--farm", "North").code == 2


def test_a_set_needs_a_currency_and_a_day(herd: Herd) -> None:
    assert herd("prices", "new", "Bare", "--set", "milk_per_kg=1", "--farm", "North").code == 2
    assert herd("prices", "new", "Bare", "--farm", "North").code == 2
    assert "No prices" in herd("prices", "list", "--farm", "North").out


PRICES = """\
currency: EUR
valid_from: 2026-03-01
milk_per_kg: 0.45
feed: {maintenance_milking_day: 3.0, per_kg_milk: 0.12, dry_day: 3.0}
springer_price: 1900
cull_cow: {per_head: 900}
calf: {heifer: 150, bull: 150}
discount_rate_year: 0.06
"""


@pytest.mark.parametrize("language", ["en", "ru"])
def test_animals_are_worth_what_the_prices_say(herd: Herd, folder: Path, farm: Path, language: str) -> None:
    (folder / "spring.yaml").write_text(PRICES, "utf-8")
    herd("prices", "new", "spring", "--import", "spring.yaml")
    said = ("--prices", "spring", "--curve", "wood_us_2006")
    document = json.loads(herd("value", farm, *said, "--json", "-").out)
    told = herd("value", farm, *said, "--language", language)
    card = herd("cards", farm, *said, "--list", "sell", "--html", "sell.html", "--language", language)

    assert document["currency"] == "EUR"
    assert document["unknown"] == {"insemination_value": "needs_prices", "rear_value": "needs_prices"}
    assert (told.code, card.code) == (0, 0)
    assert "EUR" in told.out
    assert "EUR" in (folder / "sell.html").read_text("utf-8")


def test_without_prices_no_page_names_a_currency(herd: Herd, folder: Path, farm: Path) -> None:
    told = herd("value", farm)
    document = json.loads(herd("value", farm, "--json", "-").out)
    herd("cards", farm, "--limit", "5", "--html", "cards.html")

    assert told.code == 0
    assert "needs prices" in told.out
    assert document["currency"] is None
    assert set(document["unknown"].values()) == {"needs_prices"}
    page = (folder / "cards.html").read_text("utf-8")
    assert not [sign for sign in ("EUR", "USD", "€", "$", "₽") if sign in page + told.out]


def test_an_unknown_set_or_curve_is_refused(herd: Herd, folder: Path, farm: Path) -> None:
    (folder / "spring.yaml").write_text(PRICES, "utf-8")
    herd("prices", "new", "spring", "--import", "spring.yaml")

    assert herd("value", farm, "--prices", "autumn").code == 2
    assert herd("value", farm, "--prices", "spring", "--curve", "gompertz").code == 2


def test_a_plan_tells_what_its_heifers_cost(herd: Herd, folder: Path, farm: Path) -> None:
    (folder / "spring.yaml").write_text(PRICES, "utf-8")
    herd("prices", "new", "spring", "--import", "spring.yaml")
    goal = ("--keep", "milking>=130", "--from", "4", "--to", "8", "--runs", "100", "--prices", "spring")
    document = json.loads(herd("optimize", farm, *goal, "--json", "-").out)
    told = herd("optimize", farm, *goal, "--language", "ru")

    cost = document["expected_cost"]
    assert cost["undiscounted"] == 1900 * document["total_bought"] > cost["value"] > 0
    assert told.code == 0
    assert "EUR" in told.out


def test_prices_and_curve_of_the_sheet_are_meant_where_none_is_named(
    herd: Herd, folder: Path, farm: Path
) -> None:
    (folder / "spring.yaml").write_text(PRICES, "utf-8")
    herd("farms", "sheet", "North", "--set", "price_set=spring")
    bare = json.loads(herd("value", farm, "--farm", "North", "--json", "-").out)
    herd("prices", "new", "spring", "--import", "spring.yaml", "--farm", "North")
    priced = json.loads(herd("value", farm, "--farm", "North", "--json", "-").out)
    assert herd("farms", "sheet", "North", "--set", "milk_curve=wood_us_2006").code == 0
    told = json.loads(herd("value", farm, "--farm", "North", "--json", "-").out)

    assert [each["unknown"].get("rpo") for each in (bare, priced, told)] == [
        "needs_prices",
        "needs_milk",
        None,
    ]
    assert told["curve"] == "wood_us_2006"
    assert herd("farms", "sheet", "North", "--set", "milk_curve=gompertz").code == 2
