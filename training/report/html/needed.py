"""What the plots need and `ymal` alone does not bring."""

from importlib.util import find_spec

ADVICE = "needs matplotlib: pip install 'ymal[report]'"


def lacks_matplotlib() -> bool:
    """Tell whether Matplotlib is not installed."""
    return find_spec("matplotlib") is None
