"""Forecast a dairy herd from its own records: every animal, day by day, with honest bands."""

__version__ = "0.2.0"
