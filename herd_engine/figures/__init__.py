"""Forecast → plotly figure; pure."""
