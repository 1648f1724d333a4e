"""How forecasts are judged, for who judges them without a herd file of what happened."""

from herd_engine.forecasting.backtest.scores import judge

__all__ = ["judge"]
