"""From a herd file and a scenario to a forecast; pure: no store, no Dask."""
