"""How the kernel is compiled."""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

compiled: Callable[[Function], Function] = njit(  # type: ignore[call-overload]
    cache=True, nogil=True, _nrt=False
)
"""Compile to machine code, kept on disk, that runs without Python's lock and allocates nothing.

Without ``_nrt=False`` every array that a function is handed costs two atomic operations a call, which
made a run 20 times slower here (numba issues 2345, 2350); the kernel therefore gets all its arrays
from outside.
"""
