"""Batch jobs: the demo and the benchmarks."""
