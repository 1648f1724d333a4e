"""The compiled part: numba only."""
