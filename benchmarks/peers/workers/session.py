"""Protocol of worker and replay: a line of JSON each way, arrays as files.

The replay writes a request on the worker's stdin and waits for one line on its stdout:

    {"do": "fit", "model": "3", "setting": {…}, "views": FILE, "site": FOLDER, "now": µs}
    {"do": "lists", "model": "3", "asked": FILE, "eligible": FILE, "n": 20, "out": FILE}

and gets `{"seconds": …}` when it is done; the lists stand in `out` then. A model is known by the
name that the replay gives it, and stays until it is fitted anew. A worker that cannot do what it
is asked ends with a traceback on stderr.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

PAUSE = 30 * 60 * 1_000_000
"""µs without a view after which a reader's next view begins another visit."""

Rows = npt.NDArray[np.int32]
Setting = dict[str, Any]


@dataclass(frozen=True)
class Past:
    """The views that a model is fitted on, ordered by time, and where the site's articles stand.

    Attributes
    ----------
    now : µs UTC; every view is earlier.
    time, reader, article : int64[n] of each view: µs UTC, hash, row.
    site : folder of what is known of the articles; `known.npy`, `section.npy`, `texts.jsonl`.
    """

    now: int
    time: npt.NDArray[np.int64]
    reader: npt.NDArray[np.int64]
    article: npt.NDArray[np.int64]
    site: Path

    @cached_property
    def known(self) -> npt.NDArray[np.int64]:
        """Since when each row is known, int64[rows] µs UTC; what comes after `now` is not yet."""
        return np.asarray(np.load(self.site / "known.npy"))

    @cached_property
    def visit(self) -> npt.NDArray[np.int64]:
        """Number the visit of each view, int64[n]: a reader's views without a pause."""
        order = np.lexsort((self.time, self.reader))
        reader, time_ = self.reader[order], self.time[order]
        begins = np.ones(len(order), np.bool_)
        begins[1:] = (reader[1:] != reader[:-1]) | (np.diff(time_) > PAUSE)
        visit = np.empty(len(order), np.int64)
        visit[order] = np.cumsum(begins) - 1
        return visit

    def who(self, unit: str) -> npt.NDArray[np.int64]:
        """Number who read together: each `reader`, or each `visit` by itself; int64[n] from 0."""
        of = {"reader": self.reader, "visit": self.visit}[unit]
        return np.unique(of, return_inverse=True)[1].astype(np.int64)

    def counts(self, unit: str) -> tuple[csr_matrix, npt.NDArray[np.int64]]:
        """Count who read what: float64[units, articles], and the row of each column, ascending.

        A line of the matrix stands for a `reader` or a `visit`, as `unit` says.
        """
        rows, article = np.unique(self.article, return_inverse=True)
        who = self.who(unit)
        shape = int(who.max(initial=-1)) + 1, len(rows)
        return csr_matrix((np.ones(len(who)), (who, article)), shape=shape), rows


@dataclass(frozen=True)
class Question:
    """Lists that are asked for.

    Attributes
    ----------
    asked : int32[q, v] rows: what the reader has opened, the page shown first; -1 pads.
    eligible : bool[rows], what may be recommended.
    n : how many are wanted.
    """

    asked: Rows
    eligible: npt.NDArray[np.bool_]
    n: int

    @property
    def sources(self) -> Rows:
        """int32[q], the article whose page is shown."""
        return self.asked[:, 0]

    @property
    def nothing(self) -> Rows:
        """int32[q, n] of -1: no lists."""
        return np.full((len(self.asked), self.n), -1, np.int32)

    def places(self, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Find which sources stand among ascending rows: their numbers, and their places there."""
        there = np.flatnonzero(np.isin(self.sources, rows))
        return there, np.searchsorted(rows, self.sources[there])

    def best(
        self, index: npt.NDArray[Any], target: npt.NDArray[Any], value: npt.NDArray[Any]
    ) -> Rows:
        """List what a model found: int32[q, n], best first, -1 where nothing more was found.

        `index`, `target` and `value` are equally long: number of the question, row found, and how
        much speaks for it. What is not eligible, was opened, or is worth nothing is left out; of
        equal ones the first given is listed first.
        """
        kept = self.eligible[target] & (value > 0)
        kept &= (self.asked[index] != target[:, None]).all(axis=1)
        index, target, value = index[kept], target[kept], value[kept]
        order = np.lexsort((-value, index))
        index, target = index[order], target[order]
        place = np.arange(len(index)) - np.searchsorted(index, index)
        short = place < self.n
        lists = self.nothing
        lists[index[short], place[short]] = target[short]
        return lists


Answer = Callable[[Question], Rows]
"""A fitted model."""

Fit = Callable[[Past, Setting], Answer]
"""How a kind of model is fitted."""


def main(kinds: dict[str, Fit]) -> None:
    """Serve the requests on stdin until it ends; `setting["kind"]` names one of the kinds."""
    models: dict[str, Answer] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        begun = time.perf_counter()
        if asked["do"] == "fit":
            views = np.load(asked["views"])
            past = Past(asked["now"], *views, site=Path(asked["site"]))
            setting = asked["setting"]
            models[asked["model"]] = kinds[setting["kind"]](past, setting)
        else:
            question = Question(np.load(asked["asked"]), np.load(asked["eligible"]), asked["n"])
            np.save(asked["out"], models[asked["model"]](question))
        print(json.dumps({"seconds": time.perf_counter() - begun}), flush=True)
