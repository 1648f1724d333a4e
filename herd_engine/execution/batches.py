"""How runs are cut into batches; the cut never changes a result."""

LONG_SECONDS = 0.7
"""Length of a batch: long against Dask's overhead of some 10 ms, short for whoever cancels."""
SHORT_SECONDS = 0.15
"""Length of the first batches, so that progress is seen soon, and of the last: threads end together."""
SECONDS_PER_ANIMAL_MONTH = 5e-9
"""Measured by `herd bench`; only the length of batches depends on it."""


def batches_of(runs: int, n_animals: int, months: int, threads: int) -> list[range]:
    """Cut runs into batches: a short one per thread, then long ones, shorter towards the end."""
    seconds_a_run = max(n_animals, 1) * months * SECONDS_PER_ANIMAL_MONTH
    short, long = (max(1, int(seconds / seconds_a_run)) for seconds in (SHORT_SECONDS, LONG_SECONDS))
    batches: list[range] = []
    first = 0
    while first < runs:
        fair = (runs - first) // (2 * threads)
        size = short if len(batches) < threads else min(long, max(short, fair))
        batches.append(range(first, min(first + size, runs)))
        first += size
    return batches
