"""What happens next: the compiled kernel, one replicate, many, summaries; no files, no clock, no Dask."""
