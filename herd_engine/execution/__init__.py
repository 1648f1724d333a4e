"""Runs are carried out: runner, attempts, heartbeat, batches; the only room with Dask."""
