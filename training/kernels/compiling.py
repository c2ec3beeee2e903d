"""The decorator that compiles a kernel."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    """Compile a function to machine code that runs without the interpreter's lock.

    The machine code is cached for later processes, beside the module or in the user's cache folder
    (NUMBA_CACHE_DIR). Where neither can be written, each process compiles again.
    """
    try:
        return cast(F, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        return cast(F, numba.njit(nogil=True)(function))
