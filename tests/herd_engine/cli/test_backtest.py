"""`herd backtest` in the terminal."""

import json
from pathlib import Path

from tests.herd_engine.cli.commands import Herd


def test_a_person_reads_one_table_and_what_it_cannot_tell(herd: Herd, farm: Path) -> None:
    ended = herd("backtest", farm, "--origins", "2,3,4", "--runs", 20)

    assert ended.code == 0
    assert "report date 2026-03-01" in ended.out
    assert "exactly as filed" in ended.out
    lines = ended.out.splitlines()
    header = next(line for line in lines if "WAPE" in line)
    assert " ".join(header.split()) == "n MAE WAPE bias CRPS skill 80 % score S C B T"
    assert {line.strip() for line in lines} >= {"milking", "calvings", "culls", "avg days in milk"}
    row = next(line.split() for line in lines if line.startswith(" empirical"))
    assert len(row) == 13  # nothing is cut or wrapped in 80 columns
    assert max(map(len, lines)) <= 100
    assert "current lactation only" in ended.out.replace("\n", " ")


def test_a_program_reads_json(herd: Herd, farm: Path) -> None:
    ended = herd("backtest", farm, "--origins", "2,3", "--modes", "empirical", "--runs", 20, "--json", "-")
    result = json.loads(ended.out)

    assert [fold["date"] for fold in result["coverage_of_reconstruction"]] == ["2026-01-01", "2025-12-01"]
    assert {row["robustness"]["verdict"] for row in result["pooled"]} == {"insufficient"}
    assert "theoretical" not in {row["mode"] for row in result["scores"]}


def test_a_mode_without_records_is_told_instead_of_refusing_all(herd: Herd, farm: Path) -> None:
    header, *rows = farm.read_text(encoding="utf-8-sig").splitlines()
    lactation, dry_off = map(header.split(";").index, ('"Лактация"', '"Дата запуска тек.лакт"'))
    cells = [row.split(";") for row in rows]
    # None ever dried off.
    young = [";".join(row) for row in cells if row[lactation] in ('"0"', '"1"') and row[dry_off] == '""']
    farm.write_text("\n".join([header, *young]), encoding="utf-8")
    common = ("backtest", farm, "--origins", "2", "--runs", 5)
    ended, asked = herd(*common), herd(*common, "--modes", "empirical,calibrated")

    assert ended.code == 0
    assert "Empirical is not judged" in ended.out
    assert " calibrated" in ended.out
    assert asked.code == 2
    assert "no conception to dry-off intervals" in asked.err


def test_wrong_options_are_explained(herd: Herd, farm: Path) -> None:
    for options, reason in (
        (("--origins", "3;6"), "list whole months"),
        (("--origins", "24"), "be within 1 … 12 months"),
        (("--modes", "best"), "be of empirical"),
        (("--runs", "0"), "be within 1"),
    ):
        ended = herd("backtest", farm, *options)

        assert ended.code == 2
        assert reason in ended.err
