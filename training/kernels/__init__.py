"""Compiled kernels: loops over numbers that numpy cannot express, each module loaded at first use.

numba takes half a second to load, and commands that only look up or check need none of it. So
`from training import kernels` loads nothing, and `kernels.neighbours.query(...)` loads numba and
that one module.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.kernels import lists, neighbours, ranking, readers, release, terms, words
else:
    from importlib import import_module
    from types import ModuleType

    def __getattr__(name: str) -> ModuleType:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return import_module(f"{__name__}.{name}")


__all__ = ["lists", "neighbours", "ranking", "readers", "release", "terms", "words"]
