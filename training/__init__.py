"""The trainer of `ymal`, and its notebook API: `read` a site, `train` on it, look at its lists.

from training import read, train
run = train(read("ymal.toml"))
run.lists["9737535"]

Each name is loaded when it is first asked for: every `ymal` command imports this package, and few
need all that the API does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from training.config import Config
    from training.metrics.definitions import Metric
    from training.notebook import evaluate, read, train
    from training.records import Site
    from training.replay.systems import System
    from training.replay.ymal import Ymal
    from training.report.report import Report
    from training.run import Run

__all__ = [
    "Config",
    "Metric",
    "Report",
    "Run",
    "Site",
    "System",
    "Ymal",
    "evaluate",
    "read",
    "train",
]

_WHERE: Final = {
    "Config": "config",
    "Metric": "metrics.definitions",
    "Report": "report.report",
    "Run": "run",
    "Site": "records",
    "System": "replay.systems",
    "Ymal": "replay.ymal",
    "evaluate": "notebook",
    "read": "notebook",
    "train": "notebook",
}


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"training.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
