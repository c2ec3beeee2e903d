"""The tally of a replay: what a system showed, added up as it goes."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from training.readers import Transitions
from training.records import HOUR, Float64, Int32
from training.replay.rows import EDGES, SLOTS, Shown
from training.replay.scene import Scene
from training.replay.systems import OpenSystem, SessionSystem, System

SAMPLES: Final = 20
"""Lists that are kept of each system."""

SEED: Final = 0
"""Of the draw of those lists: the same next reads give the same."""

PARTS: Final = 8
"""Sources whose lists are taken apart by feature at a full hour's cut, those read first."""

Samples = Sequence[tuple[int, int]]


def sample(reads: Transitions, every: int) -> list[tuple[int, int]]:
    """Draw next reads with distinct sources, by chance; give the cut and source of each, by time.

    A source is the likelier to be drawn the more it was read, so that the lists are such as
    readers met.
    """
    drawn: dict[int, int] = {}
    for at in np.random.default_rng(SEED).permutation(len(reads.source)).tolist():
        time = int(reads.source_time[at])
        drawn.setdefault(int(reads.source[at]), time - time % every)
        if len(drawn) == SAMPLES:
            break
    return sorted((cut, source) for source, cut in drawn.items())


class Tally:
    """Adds up what one system showed; `articles` is the number of rows of the catalogue."""

    def __init__(self, articles: int, samples: Samples) -> None:
        self._samples = samples
        self.slots = np.zeros(articles, np.int64)
        self.calibration = np.zeros((len(EDGES), 3))
        self.parts: dict[str, float] = {}
        self.items = 0
        self.lists: dict[int, list[int]] = {}

    def enter(
        self, scene: Scene, full: Int32, system: System | SessionSystem, lists: Int32
    ) -> None:
        """Enter the lists of a cut, filled and as the system gave them: int32[s, DEPTH] each."""
        five = full[scene.of, :SLOTS]
        self.slots += np.bincount(five[five >= 0], minlength=len(self.slots))
        sources = scene.sources.tolist()
        for number, (cut, source) in enumerate(self._samples):
            if cut == scene.inputs.time and source in sources:
                self.lists[number] = full[sources.index(source), :SLOTS].tolist()
        if isinstance(system, OpenSystem):
            self.calibration += calibration(scene, lists, system.scores)
            if scene.inputs.time % HOUR == 0:
                self._take_apart(scene, system)

    def _take_apart(self, scene: Scene, system: OpenSystem) -> None:
        first = np.array([*dict.fromkeys(scene.reads.source.tolist())][:PARTS], np.int32)
        parts = system.parts(first)
        self.items += len(next(iter(parts.values()), ()))
        self._add({name: float(part.sum()) for name, part in parts.items()})

    def add(self, later: "Tally") -> None:
        """Add what the same system showed on later days."""
        self.slots += later.slots
        self.calibration += later.calibration
        self.lists |= later.lists
        self.items += later.items
        self._add(later.parts)

    def _add(self, parts: Mapping[str, float]) -> None:
        for name, total in parts.items():
            self.parts[name] = self.parts.get(name, 0.0) + total

    @property
    def articles(self) -> int:
        """How many articles stood in a five."""
        return int(np.count_nonzero(self.slots))

    def closed(self) -> Shown:
        """Close the tally."""
        parts = {name: total / self.items for name, total in self.parts.items() if self.items}
        return Shown(self.slots, self.calibration, parts, dict(sorted(self.lists.items())))


def calibration(scene: Scene, lists: Int32, scores: npt.NDArray[np.float32]) -> Float64:
    """Count the own items under the next reads of a cut by their probability: float64[b, 3].

    See `Shown.calibration`; `scores` float32[s, DEPTH] is NaN where there is no own item.
    """
    given = scores[scene.of].astype(np.float64)
    there = ~np.isnan(given)
    opened = (lists[scene.of] == scene.reads.target[:, None])[there]
    given = given[there]
    bins = np.maximum(np.searchsorted(EDGES, given, "right") - 1, 0)
    counts = [np.bincount(bins, of, len(EDGES)) for of in (None, given, opened)]
    return np.stack(counts, axis=1).astype(np.float64)
