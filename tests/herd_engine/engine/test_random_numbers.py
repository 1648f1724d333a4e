import numpy as np
import pytest

from herd_engine.engine.kernel.random_numbers import (
    bought_key,
    calf_key,
    file_animal_key,
    philox,
    uniform,
    words,
)

# Known answers that the authors of Philox publish with their library (Random123, kat_vectors).
KNOWN_ANSWERS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(
    counter: tuple[int, ...], key: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    result = philox(*(np.uint64(word) for word in (*counter, *key)))

    assert tuple(int(word) for word in result) == expected


def test_every_part_of_a_draws_name_changes_the_draw() -> None:
    name = (7, 1, 2**40 + 3, 2, 0)  # seed, run, animal, lactation, block
    base = words(*(np.uint64(part) for part in name))

    for position in range(len(name)):
        other = list(name)
        other[position] += 1
        assert words(*(np.uint64(part) for part in other)) != base


def test_the_high_bits_of_seed_and_animal_count() -> None:
    low = words(np.uint64(5), np.uint64(0), np.uint64(9), np.uint64(0), np.uint64(0))
    seed = words(np.uint64(5 + 2**52), np.uint64(0), np.uint64(9), np.uint64(0), np.uint64(0))
    animal = words(np.uint64(5), np.uint64(0), np.uint64(9 + 2**63), np.uint64(0), np.uint64(0))

    assert len({low, seed, animal}) == 3


def test_a_uniform_is_never_0_and_never_1() -> None:
    assert uniform(np.uint64(0)) == 2.0**-33
    assert uniform(np.uint64(2**32 - 1)) == 1 - 2.0**-33


def test_uniforms_fill_the_unit_interval_evenly() -> None:
    draws = np.array(
        [[uniform(word) for word in words(*map(np.uint64, (1, run, 2, 3, 0)))] for run in range(20_000)]
    )

    # Counts in 20 equal cells, all words together: chi-square with 19 degrees of freedom, 99.99 % at 50.8.
    counts = np.histogram(draws, bins=20, range=(0, 1))[0]
    expected = draws.size / 20
    assert ((counts - expected) ** 2 / expected).sum() < 50.8
    # Words of one block are independent: |r| < 4.5 / sqrt(n).
    correlations = np.corrcoef(draws.T)[np.triu_indices(4, 1)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(20_000)


def test_keys_of_calves_and_purchases_do_not_collide() -> None:
    dams = [np.uint64(file_animal_key(str(number))) for number in range(2000)]
    calves = [calf_key(dam, np.uint64(lactation)) for dam in dams for lactation in range(1, 11)]
    bought = [
        bought_key(np.uint64(policy), np.uint64(period), np.uint64(ordinal))
        for policy in range(3)
        for period in range(121)
        for ordinal in range(50)
    ]

    keys = [int(key) for key in (*dams, *calves, *bought)]
    assert len(set(keys)) == len(keys)


def test_an_animals_key_depends_on_its_id_alone() -> None:
    # `printf 128 | b2sum -l 64`
    assert file_animal_key("128") == int.from_bytes(bytes.fromhex("dbd7cff8e346e379"), "little")
    assert file_animal_key("128") != file_animal_key("0128")
