"""The registry of runs: life cycle, catalog, outputs, reproduction; no Dask, no HTML."""
