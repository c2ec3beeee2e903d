"""Command line of a side's script: make lists and save them, or check saved ones.

python -m benchmarks.peers.NAME INPUT OUTPUT            lists into the folder OUTPUT
python -m benchmarks.peers.NAME INPUT OUTPUT --check N  recall of N of them, as JSON
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.speed.exact import Similarity, sample_rows, sampled_recall
from benchmarks.speed.lists import Lists


class Clock:
    """Adds up the seconds of named stages."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Run a stage."""
        begun = time.perf_counter()
        yield
        self.seconds[stage] = time.perf_counter() - begun


def main(
    make: Callable[[Path, Clock], Lists], similarity: Callable[[Path], Similarity] | None = None
) -> None:
    """Run the script.

    Parameters
    ----------
    make : callable
        Input and clock → lists.
    similarity : callable, optional
        Input → how near rows exactly are, by this side's definition.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--check", type=int)
    options = parser.parse_args()
    if options.check is None:
        clock = Clock()
        lists = make(options.input, clock)
        with clock("save"):
            lists.save(options.output)
        print(json.dumps({"seconds": clock.seconds}))
    elif similarity is not None:
        lists = Lists.load(options.output)
        sources = sample_rows(len(lists.rows), options.check)
        print(json.dumps({"recall": sampled_recall(lists, similarity(options.input), sources)}))
    else:
        parser.error("this side does not say what its exact lists are")
