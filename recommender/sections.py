"""How names of sections are compared: `POLITICS` and `Politics` are one section."""

import re
from functools import lru_cache
from typing import Final

_SPACES: Final = re.compile("[\t-\r \xa0\u2000-\u200a\u202f\u3000]+")


@lru_cache(maxsize=4096)
def section_key(name: str) -> str:
    """Return what two spellings of a section share: the name without case, with single spaces.

    Upper case, then lower case, so that ß equals SS, and so that other languages' functions for
    both give the same.

    Examples
    --------
    >>> section_key(" World  NEWS") == section_key("World News")
    True
    """
    return _SPACES.sub(" ", name).strip(" ").upper().lower()
