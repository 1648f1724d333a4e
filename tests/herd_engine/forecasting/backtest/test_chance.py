"""How many outcomes bands hold by chance: binomial where forecasts do not overlap, or are the same."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from herd_engine.forecasting.backtest.chance import inside_by_chance
from herd_engine.model.forecast import Metric

MILKING = Metric.MILKING_COUNT


def fold(back: int, horizon: int, unknown: int = 0) -> Any:
    happened = np.zeros(horizon)
    happened[:unknown] = np.nan
    return SimpleNamespace(months_back=back, horizon=horizon, happened={MILKING: happened})


@pytest.mark.parametrize(
    ("folds", "ends"),
    [
        ([fold(1, 1)], (0, 1)),  # 0 of 1 has a chance of 0.2
        # Each in a month of its own: binomial (2, 0.8) has 0, 1, 2 with 0.04, 0.32, 0.64.
        ([fold(2, 1), fold(1, 1)], (1, 2)),
        # Binomial (10, 0.8): at most 5 with 0.033, at most 6 with 0.121, at most 9 with 0.893, 10.
        ([fold(back, 1) for back in range(1, 11)], (6, 10)),
        # The same forecast twice: both or neither.
        ([fold(1, 1), fold(1, 1)], (0, 2)),
        ([fold(2, 2, unknown=1)], (0, 1)),  # what is not known is not counted
    ],
)
def test_the_range_is_that_of_the_binomial_where_there_is_one(
    folds: list[Any], ends: tuple[int, int]
) -> None:
    assert inside_by_chance(folds, MILKING) == ends


def test_of_three_six_and_nine_months_back_chance_gives_nine_to_eighteen_of_eighteen() -> None:
    assert inside_by_chance([fold(3, 3), fold(6, 6), fold(9, 9)], MILKING) == (9, 18)
