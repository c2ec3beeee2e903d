"""Packages that only some commands need: the extras of `pyproject.toml`."""

from importlib.util import find_spec
from typing import Final

from training.errors import UsageError

EXTRAS: Final = {
    "report": ("jinja2", "matplotlib"),
    "serve": ("granian", "jinja2", "orjson", "prometheus_client", "starlette"),
    "spark": ("pyspark",),
}
"""Names of the modules of each extra."""


class MissingExtraError(UsageError, ImportError):
    """A package of an extra is not installed."""


def require_extra(extra: str, purpose: str, *modules: str) -> None:
    """Check that what an extra brings is installed.

    Parameters
    ----------
    extra : str
        Its name.
    purpose : str
        What needs it, as the message begins.
    modules : str
        Those of its modules that are needed, all by default.

    Raises
    ------
    MissingExtraError
        If one is not; the message says what to install.
    """
    missing = [name for name in modules or EXTRAS[extra] if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"{purpose} needs {', '.join(missing)}: pip install 'ymal[{extra}]'"
        )
