"""Uniform numbers named by an animal and a purpose, for what an export no longer shows."""

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.kernel.random_numbers import file_animal_key, philox_uniforms
from herd_engine.model.animals import AnimalRecords

LACTATIONS = 0
"""Purpose: earlier lactations; further imputations of them take the purposes 16, 32, 48 …"""
WAITING = 1
"""Purpose: inseminations and marks for culling at an earlier date."""
NEXT_IMPUTATION = 16


def keyed_uniforms(records: AnimalRecords, n: int, purpose: int) -> NDArray[np.float64]:
    """Return ``n`` uniform numbers of each animal, shape (n_animals, n); they depend on its id alone."""
    keys = np.array([file_animal_key(name) for name in records.animal_ids], np.uint64)
    return philox_uniforms(keys, n, purpose)
