"""Random cases per test: a third of them by default, all of them with YMAL_THOROUGH=1."""

import os
from typing import Final

THOROUGH: Final = os.environ.get("YMAL_THOROUGH", "") not in ("", "0")


def scaled(amount: int) -> int:
    """Return a number of examples, or of seconds: all with YMAL_THOROUGH=1, else a third."""
    return amount if THOROUGH else amount // 3
