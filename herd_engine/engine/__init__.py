"""What happens next: the compiled kernel, one run, many runs, summaries; no files, no clock, no Dask."""
