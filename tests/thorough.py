"""Cases per test: a third of the random ones and few of many by default; YMAL_THOROUGH=1: all."""

import os
from collections.abc import Iterable
from typing import Final, TypeVar

THOROUGH: Final = os.environ.get("YMAL_THOROUGH", "") not in ("", "0")


def scaled(amount: int) -> int:
    """Return a number of examples, or of seconds: all with YMAL_THOROUGH=1, else a third."""
    return amount if THOROUGH else amount // 3


Case = TypeVar("Case")


def representative(some: Iterable[Case], every: Iterable[Case]) -> list[Case]:
    """Return the cases of a test: all with YMAL_THOROUGH=1, else some; each of them once."""
    return list(dict.fromkeys(every if THOROUGH else some))
