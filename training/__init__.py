"""The trainer of `ymal`, and its notebook API: `read` a site, `train` on it, look at its lists.

from training import read, train
run = train(read("ymal.toml"))
run.lists["9737535"]

The API is loaded when it is first asked for: every `ymal` command imports this package, and few
need all that the API does.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.notebook import Config, Report, Run, Site, System, evaluate, read, train

__all__ = ["Config", "Report", "Run", "Site", "System", "evaluate", "read", "train"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from training import notebook

    return getattr(notebook, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
