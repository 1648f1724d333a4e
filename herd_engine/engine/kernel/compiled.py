"""How the kernel is compiled."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

compiled: Callable[[Function], Function] = njit(  # type: ignore[call-overload]
    cache=True, nogil=True, forceinline=True, _nrt=False
)
"""Compile to machine code, kept on disk, that runs without Python's lock and allocates nothing.

Without ``_nrt=False`` every array that a function is handed costs two atomic operations a call, which
made a replicate 12 times slower (numba issues 2345, 2350); the kernel therefore gets all its arrays from
outside. ``forceinline``: a call would copy the descriptors of all arrays, which doubles the time again.
"""

inlined: Callable[[Function], Function] = njit(  # type: ignore[call-overload]
    nogil=True, forceinline=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True
)
"""As ``compiled``, for the kernel's own use: not callable from Python, which halves compilation."""

apart: Callable[[Function], Function] = njit(  # type: ignore[call-overload]
    nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True
)
"""As ``inlined``, but called: for what most forecasts never do, so that it does not stand in their way."""


def kernel_digest() -> int:
    """Return a digest of the engine's source files.

    numba renews compiled code on disk only when the file of the entry point itself changes. An entry
    point that closes over this number is renewed when any part of the kernel changes.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:4], "little")
