"""Forecasts from earlier dates, judged by what happened."""
