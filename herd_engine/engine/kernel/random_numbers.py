"""Keyed random numbers: a draw depends on what it is for, never on what was drawn before it.

Philox 4x32-10 [1]_ turns a counter and a key into four 32-bit words. Here the counter names the draw,

====== =======================================================================
word   holds
====== =======================================================================
0, 1   key of the animal (64 bits): of a file animal its id, of a calf (dam, dam's
       lactation), of a bought heifer (policy, period, ordinal)
2      lactation number + 2**16 · block (see below)
3      replicate
====== =======================================================================

and the Philox key is the seed. One block of four words serves one lactation of one animal:

================ ======== ===================================================================
block            word     purpose
================ ======== ===================================================================
0 (LIFE)         0        patience: when culling strikes in this lactation
0                1        conception: age (lactation 0) or service period; bought heifers: days to calving
0                2        gestation
0                3        lactation 0: sex of this very animal at birth; else conception → dry-off
1 (REPEAT)       0        number of failed 21-day cycles, where the distribution has nothing left
1                1        day inside the cycle
2 (START)        0        calibrated mode, on the report date: is she pregnant, unconfirmed?
2                1        day on which a pregnancy of the report date is lost
2                2, 3     after such a loss: the next conception; patience from then on
================ ======== ===================================================================

Every variate is the inverse of its distribution function at one uniform, so a parameter that changes a
little moves a date a little, and two scenarios can be compared animal by animal.

References
----------
.. [1] Salmon, J. K. et al. (2011). Parallel random numbers: as easy as 1, 2, 3. SC '11.
   https://doi.org/10.1145/2063384.2063405
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.kernel.compiled import compiled

RANDOM_SCHEME = "philox4x32-10/1"
"""Part of a run's identity; changes whenever the same seed would give other numbers."""

PATIENCE, CONCEPTION, GESTATION, DRY_OFF = 0, 1, 2, 3
SEX = 3
LIFE_BLOCK, REPEAT_BLOCK, START_BLOCK = 0, 1, 2
FAILED_CYCLES, DAY_IN_CYCLE = 0, 1

_MASK = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_ROUNDS = 10
_PREPARED = np.uint64(1 << 31)


@compiled
def philox(counter_0, counter_1, counter_2, counter_3, key_0, key_1):
    """Return the four 32-bit words (as uint64) of Philox 4x32-10; all arguments are uint64 < 2**32."""
    for _ in range(_ROUNDS):
        product_0 = _MULTIPLIER_0 * counter_0
        product_1 = _MULTIPLIER_1 * counter_2
        counter_0 = (product_1 >> _SHIFT) ^ counter_1 ^ key_0
        counter_2 = (product_0 >> _SHIFT) ^ counter_3 ^ key_1
        counter_1 = product_1 & _MASK
        counter_3 = product_0 & _MASK
        key_0 = (key_0 + _WEYL_0) & _MASK
        key_1 = (key_1 + _WEYL_1) & _MASK
    return counter_0, counter_1, counter_2, counter_3


@compiled
def words(seed, replicate, animal_key, lactation, block):
    """Return the four words of one block of one lactation of one animal; all arguments are uint64."""
    return philox(
        animal_key & _MASK,
        animal_key >> _SHIFT,
        lactation | (block << np.uint64(16)),
        replicate,
        seed & _MASK,
        seed >> _SHIFT,
    )


@compiled
def uniform(word):
    """Return the midpoint (word + 1/2) / 2**32 of a word's interval: never 0, never 1."""
    return (np.float64(word) + 0.5) * 2.0**-32


def philox_uniforms(keys: NDArray[np.uint64], n: int, seed: int, purpose: int = 0) -> NDArray[np.float64]:
    """Return ``n`` uniform numbers for each 64-bit key, shape (len(keys), n).

    For what Python prepares, array by array; the kernel draws word by word. ``purpose`` is less than 2**31
    and stands in the counter above every replicate's number: no draw of the kernel is drawn here again.
    """
    numbers = np.empty((len(keys), -(-n // 4), 4))
    last, low, high = np.uint64(purpose) | _PREPARED, np.uint64(seed) & _MASK, np.uint64(seed) >> _SHIFT
    for block in range(numbers.shape[1]):
        # Uncompiled, the same function takes arrays.
        parts = philox.py_func(keys & _MASK, keys >> _SHIFT, np.uint64(block), last, low, high)  # type: ignore[attr-defined]
        for word, values in enumerate(parts):
            numbers[:, block, word] = (values.astype(np.float64) + 0.5) * 2.0**-32
    return numbers.reshape(len(keys), numbers.shape[1] * 4)[:, :n]


@compiled
def mix(value):
    """Scramble 64 bits, one to one (Stafford's variant 13, the finaliser of SplitMix64)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def calf_key(dam_key, dam_lactation):
    """Return the key of the calf born at the start of ``dam_lactation`` (the number after calving)."""
    return mix(dam_key + np.uint64(0x9E3779B97F4A7C15) * dam_lactation)


@compiled
def bought_key(policy, period, ordinal):
    """Return the key of a bought heifer: policy code, day or month of arrival, ordinal within it."""
    return mix(mix(policy + np.uint64(0xD1B54A32D192ED03)) + (period << _SHIFT) + ordinal)


def file_animal_key(animal_id: str) -> int:
    """Return the 64-bit key of an animal of the file: it depends on the id alone, not on its row."""
    digest = hashlib.blake2b(animal_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")
