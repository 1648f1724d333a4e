"""Herd facts as tables: what they say is counted from the sample file's own rows."""

import csv
import io
import json
from collections import Counter
from contextlib import closing
from datetime import date

import pytest

from herd_engine.errors import ParameterError
from herd_engine.runs.kept import KeptRuns
from herd_engine.sample import make_sample
from herd_engine.storage.outputs import herd_facts
from herd_engine.storage.outputs.herd_facts import HerdFactsTables
from herd_engine.workbench.herd_facts import HerdFacts


def months_in(data: bytes, column: str) -> Counter[tuple[date, int]]:
    """Count the dates of a column of a sample by month and lactation."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")
    found: Counter[tuple[date, int]] = Counter()
    for row in rows:
        if row[column]:
            _, month, year = map(int, row[column].split("."))
            found[date(year, month, 1), int(row["Лактация"])] += 1
    return found


def test_views_say_what_the_file_says_each_animal_once(kept: KeptRuns) -> None:
    data = make_sample(animals=200, seed=2).csv
    kept.add_dataset(data, "farm.csv")
    kept.add_dataset(data + b"\n", "again.csv")  # the same animals, other bytes
    facts = HerdFacts(kept)

    calvings = {(r["month"], r["parity"]): r["animals"] for r in facts.rows("calvings_by_month")}
    exits = Counter[tuple[date, int]]()
    for row in facts.rows("exits_by_month"):
        exits[row["month"], row["parity"]] += row["animals"]

    assert calvings == months_in(data, "Дата начала тек.лакт")
    assert exits == months_in(data, "Дата архива")
    (first, *_) = kept.catalog.datasets.list().items
    assert {r["state"]: r["animals"] for r in facts.rows("counts")} == first.counts
    assert len(facts.frame("counts")) == 2 * len(first.counts)
    assert facts.check() == ()
    with pytest.raises(ParameterError, match="be one of counts"):
        facts.rows("milk")


OWN = b"own:\n  milk_kg: {type: number, words: [Milk]}\n  seen_date: {type: date, words: [Seen]}\n"


def test_columns_of_a_farms_own_are_with_the_animals(kept: KeptRuns) -> None:
    header, *lines = make_sample(animals=60, seed=2).csv.decode("utf-8-sig").splitlines()
    told = ["12,5;01.02.2026", ";03.02.2026", *["0;"] * (len(lines) - 2)]
    rows = [f"{header};Milk;Seen", *(f"{line};{more}" for line, more in zip(lines, told, strict=True))]
    kept.catalog.contracts.save(OWN, "layer.yaml", "milk")
    kept.add_dataset("\n".join(rows).encode(), "farm.csv")
    facts = HerdFacts(kept)
    facts.refresh()

    with closing(HerdFactsTables(kept.store.database, kept.store.files)) as tables:
        animals = tables.rows("herd_animal", kept.scope.farm_id)
    own = dict(zip(animals["animal_id"].to_pylist(), animals["own"].to_pylist(), strict=True))
    first, second, third = (line.split(";")[0].strip('"') for line in lines[:3])
    assert json.loads(own[first]) == {"milk_kg": 12.5, "seen_date": "2026-02-01"}
    assert json.loads(own[second]) == {"seen_date": "2026-02-03"}
    assert json.loads(own[third]) == {"milk_kg": 0}
    assert facts.check() == ()


def test_a_table_of_an_earlier_version_gets_the_new_column(
    kept: KeptRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = herd_facts.SCHEMAS["herd_animal"]
    monkeypatch.setitem(herd_facts.SCHEMAS, "herd_animal", whole.remove(whole.get_field_index("own")))
    kept.add_dataset(make_sample(animals=60, seed=2).csv, "old.csv")
    assert (HerdFacts(kept).refresh(), HerdFacts(kept).check()) == (1, ())

    monkeypatch.setitem(herd_facts.SCHEMAS, "herd_animal", whole)
    facts = HerdFacts(kept)
    assert facts.check() == ()
    kept.add_dataset(make_sample(animals=60, seed=3).csv, "new.csv")
    assert (facts.refresh(), facts.check()) == (1, ())
    assert sum(row["animals"] for row in facts.rows("calvings_by_month"))


def test_tables_that_were_changed_or_lag_behind_are_found(kept: KeptRuns) -> None:
    row = kept.add_dataset(make_sample(animals=60).csv, "farm.csv")
    facts = HerdFacts(kept)
    assert len(facts.check()) == 3  # nothing is there yet
    assert (facts.refresh(), facts.refresh(), facts.check()) == (1, 0, ())

    with closing(HerdFactsTables(kept.store.database, kept.store.files)) as tables:
        tables.remove([row.id])
    assert "farm.csv: herd_animal has 0 rows that differ from the file's" in facts.check()
    assert (facts.refresh(), facts.check()) == (1, ())
    kept.catalog.datasets.archive(row.id)
    assert facts.refresh() == 1
    assert HerdFacts(kept).check() == ()
