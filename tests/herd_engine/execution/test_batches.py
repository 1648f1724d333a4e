"""How runs are cut into batches."""

from hypothesis import given
from hypothesis import strategies as st

from herd_engine.execution.batches import batches_of


@given(
    runs=st.integers(1, 50_000),
    n_animals=st.integers(0, 100_000),
    months=st.integers(1, 120),
    threads=st.integers(1, 64),
)
def test_every_run_is_in_one_batch(runs: int, n_animals: int, months: int, threads: int) -> None:
    batches = batches_of(runs, n_animals, months, threads)

    assert [first.stop for first in batches[:-1]] == [second.start for second in batches[1:]]
    assert (batches[0].start, batches[-1].stop) == (0, runs)
    assert all(len(batch) for batch in batches)


def test_the_first_and_the_last_batches_are_short() -> None:
    sizes = [len(batch) for batch in batches_of(10_000, 2_800, 36, 2)]

    # 0.5 ms a run by the assumed speed: 297 runs last 0.15 s, 1388 runs 0.7 s.
    assert sizes[:3] == [297, 297, 1388]
    assert max(sizes) == 1388
    assert sizes[-2] < 500
