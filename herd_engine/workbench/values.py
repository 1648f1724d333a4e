"""What cows are worth, for those who ask the Workbench."""

from herd_engine.model.milk_curves import CURVES
from herd_engine.review.values.herd_values import LIMITS, LOSS_DAYS, MOST_ROWS, HerdValues, known_number

__all__ = ["CURVES", "LIMITS", "LOSS_DAYS", "MOST_ROWS", "HerdValues", "known_number"]
