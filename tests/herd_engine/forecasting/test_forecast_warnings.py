"""What bends a forecast is said with it."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.engine.simulate import simulate
from herd_engine.errors import OutputError, ParameterError
from herd_engine.exports.atomic_write import write_atomically
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.i18n.wording import wording
from herd_engine.model.scenario import Mode, Scenario
from herd_engine.sample import make_sample
from tests.herds import heifer, herd, tables

YEAR = Scenario(horizon_months=12)


@pytest.fixture(scope="module")
def export() -> bytes:
    return make_sample(animals=200, seed=2).csv


def warnings_of(herd_file: HerdFile, runs: int = 100, scenario: Scenario = YEAR) -> str:
    return "\n".join(map(wording("en").say, make_forecast(herd_file, scenario, runs, 1).meta.warnings))


def test_pregnancies_that_the_file_hides_are_warned_of_where_they_are_not_estimated(export: bytes) -> None:
    herd_file, taken_at_its_word = read_herd_bytes(export, "a.csv"), replace(YEAR, mode=Mode.EMPIRICAL)
    told = "calvings nine to ten months ahead come out too low"

    assert told in warnings_of(herd_file, scenario=taken_at_its_word)
    assert told not in warnings_of(herd_file)


def test_a_missing_archive_column_is_warned_of(export: bytes) -> None:
    renamed = export.replace("Дата архива".encode(), b"?")

    assert "archive_date" in warnings_of(read_herd_bytes(renamed, "a.csv"))


def test_inseminations_that_are_not_on_file_are_warned_of(export: bytes) -> None:
    renamed = export.replace("Дата осеменения".encode(), b"?")

    assert "Export the date of the last insemination" in warnings_of(read_herd_bytes(renamed, "a.csv"))


def test_too_few_runs_for_the_band_are_warned_of(export: bytes) -> None:
    herd_file = read_herd_bytes(export, "a.csv")

    # Beyond each end of a 90 % band lie 5 %: of 99 runs 4.95, of 100 runs 5.
    assert "99 simulated futures are few for this band" in warnings_of(herd_file, 99)
    assert "few for this band" not in warnings_of(herd_file, 100)


def test_rows_left_out_for_an_unreadable_birth_date_are_an_error(export: bytes) -> None:
    lines = export.decode("utf-8-sig").splitlines()
    cells = lines[50].split(";")
    cells[1] = '"31.2.2020"'
    herd_file = read_herd_bytes("\n".join([*lines[:50], ";".join(cells), *lines[51:]]).encode(), "a.csv")

    (issue,) = [issue for issue in herd_file.issues if issue.code == "unreadable_birth_date"]
    assert (issue.severity, issue.sample_rows) == ("error", (51,))


def test_excels_own_first_line_is_no_header(export: bytes) -> None:
    plain = read_herd_bytes(export, "a.csv")
    hinted = read_herd_bytes(b"sep=;\n" + export.removeprefix(b"\xef\xbb\xbf"), "a.csv")

    assert hinted.herd.counts() == plain.herd.counts()


@pytest.mark.parametrize("seed", [1.5, True, -1, 2**53])
def test_a_seed_is_a_whole_number_that_every_program_can_read(seed: float) -> None:
    with pytest.raises(ParameterError, match="`seed` must be within"):
        simulate(herd(heifer(100)), tables(), YEAR, 1, seed)  # type: ignore[arg-type]


def test_runs_may_be_counted_by_numpy() -> None:
    result = simulate(herd(heifer(100)), tables(), YEAR, np.int64(3), 1)  # type: ignore[arg-type]

    assert len(result.counts) == 3


def test_an_output_replaces_what_a_link_points_to_and_nothing_but_files(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target.csv", tmp_path / "link.csv", tmp_path / "pipe"
    target.write_bytes(b"old")
    link.symlink_to(target)
    os.mkfifo(pipe)

    write_atomically(link, b"new")

    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    with pytest.raises(OutputError, match="no regular file"):
        write_atomically(pipe, b"new")
