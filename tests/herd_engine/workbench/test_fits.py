"""A herd is calibrated once for all plans of it, however many ask; no plan changes the fit."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Event

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.calibration.calibrated import fit_calibrated
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.sample import make_sample
from herd_engine.workbench import fits as module
from herd_engine.workbench.fits import HERDS, Fits
from herd_engine.workbench.remembered import Remembered

FILE = read_herd_bytes(make_sample(animals=200).csv, "sample.csv")
CHANGED = ModelParameters(culling_intensity=1.6, waiting_period_change=20)


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The records that were fitted, each time that they were."""
    found: list[object] = []

    def counting(records: object) -> object:
        found.append(records)
        return fit_calibrated(records)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "fit_calibrated", counting)
    return found


def test_all_plans_of_a_herd_share_one_fit_and_no_plan_changes_it(fitted: list[object]) -> None:
    fits = Fits()
    remembering = fits.of(FILE)
    before = remembering(FILE.records, Mode.CALIBRATED, ModelParameters())
    remembering(FILE.records, Mode.CALIBRATED, CHANGED)
    again = remembering(FILE.records, Mode.CALIBRATED, ModelParameters())
    anew = calibrate(FILE.records, Mode.CALIBRATED, ModelParameters())

    assert fitted == [FILE.records]
    assert again is before
    assert again.calibrated is not None
    assert anew.calibrated is not None
    assert np.array_equal(again.calibrated.exits.years, anew.calibrated.exits.years)
    assert np.array_equal(
        again.calibrated.conceptions.daily_probability, anew.calibrated.conceptions.daily_probability
    )


def test_only_the_last_herds_are_kept(fitted: list[object]) -> None:
    fits = Fits()
    files = [replace(FILE, sha256=f"{number:064d}") for number in range(HERDS + 1)]
    for file in (*files, files[-1], files[0]):
        fits.fit(file)

    assert len(fitted) == HERDS + 2


def test_the_expectation_of_a_plan_is_made_once() -> None:
    fits = Fits()

    first = fits.expectation(FILE, Scenario(horizon_months=12))

    assert first is not None
    assert fits.expectation(FILE, Scenario(horizon_months=12)) is first
    assert fits.expectation(FILE, Scenario(horizon_months=12, mode=Mode.EMPIRICAL)) is None


def test_who_asks_while_an_answer_is_made_waits_for_it() -> None:
    remembered, made, may_end = Remembered[int](2), list[int](), Event()
    together = Barrier(4, action=may_end.set)

    def make() -> int:
        assert may_end.wait(10)
        made.append(1)
        return 7

    def ask() -> int:
        together.wait(10)
        return remembered.get("key", make)

    with ThreadPoolExecutor(4) as pool:
        answers = [each.result() for each in [pool.submit(ask) for _ in range(4)]]

    assert answers == [7, 7, 7, 7]
    assert made == [1]


def test_an_error_is_told_and_the_next_who_asks_tries_again() -> None:
    remembered = Remembered[float](2)

    with pytest.raises(ZeroDivisionError, match="division by zero"):
        remembered.get("key", lambda: 1 / 0)

    assert remembered.get("key", lambda: 1.0) == 1.0
