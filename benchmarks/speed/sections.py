"""Share of the first five in the source's own section: the quality of lists from texts."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

FIRST: Final = 5


@dataclass(frozen=True)
class Labels:
    """Ids, sections and collections of articles, in the file's order."""

    ids: Sequence[str]
    section: npt.NDArray[Any]
    source: npt.NDArray[Any]

    @classmethod
    def read(cls, path: Path) -> "Labels":
        """Read them from JSON Lines."""
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            articles = [json.loads(line) for line in lines]
        section, source = (
            np.array([article[name] or "" for article in articles])
            for name in ("section", "source")
        )
        return cls([article["id"] for article in articles], section, source)

    def shares(self, rows: npt.NDArray[Any]) -> dict[str, float]:
        """Return the share in the own section by collection; rows int[n, ≥ 5], -1 for none."""
        first = rows[:, :FIRST]
        same = (self.section[first] == self.section[:, None]) & (first >= 0)
        shares = {}
        for source in np.unique(self.source).tolist():
            asked = (self.source == source) & (self.section != "")
            if asked.any():
                shares[source] = float(same[asked].sum() / (FIRST * asked.sum()))
        return shares
