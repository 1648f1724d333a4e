"""How good forecasts of a herd have been: the herd at earlier dates, forecast from there, and scored."""
