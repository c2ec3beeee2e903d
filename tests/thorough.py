"""How much is drawn at random: what finds things in minutes, or with YMAL_THOROUGH=1 all of it."""

import os
from typing import Final

THOROUGH: Final = os.environ.get("YMAL_THOROUGH", "") not in ("", "0")


def drawn(thoroughly: int) -> int:
    """Give how many examples are drawn, or for how many seconds: a third of it, or all."""
    return thoroughly if THOROUGH else thoroughly // 3
