"""Counters of a replay: what a system showed, added up cutoff by cutoff."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from training.readers import Transitions
from training.records import HOUR, Float64, Int32
from training.replay.cut_evaluator import CutEvaluator
from training.replay.results import EDGES, SLOTS, ListTotals
from training.replay.systems import ExplainedSystem

SAMPLES: Final = 20
"""Lists of each system that are kept."""

SEED: Final = 0
"""Seed of the draw of those lists: the same transitions give the same lists."""

EXPLAINED_SOURCES: Final = 8
"""Sources whose lists are explained by feature at a full hour's cutoff, those read first."""

Samples = Sequence[tuple[int, int]]


def sample(transitions: Transitions, every: int) -> list[tuple[int, int]]:
    """Draw transitions with distinct sources at random; return cutoff and source of each, by time.

    The more a source was read, the likelier it is drawn.
    """
    drawn: dict[int, int] = {}
    for at in np.random.default_rng(SEED).permutation(len(transitions.source)).tolist():
        time = int(transitions.source_time[at])
        drawn.setdefault(int(transitions.source[at]), time - time % every)
        if len(drawn) == SAMPLES:
            break
    return sorted((cutoff, source) for source, cutoff in drawn.items())


class Counters:
    """Adds up what one system showed; `articles` is the number of rows of the catalogue."""

    def __init__(self, articles: int, samples: Samples) -> None:
        self._samples = samples
        self.slots = np.zeros(articles, np.int64)
        self.calibration = np.zeros((len(EDGES), 3))
        self.effects: dict[str, float] = {}
        self.items = 0
        self.lists: dict[int, list[int]] = {}

    def add_lists(self, cut: CutEvaluator, filled: Int32) -> None:
        """Add the filled lists of a cutoff, int32[s, DEPTH]."""
        five = filled[cut.list_of, :SLOTS]
        self.slots += np.bincount(five[five >= 0], minlength=len(self.slots))
        sources = cut.sources.tolist()
        for number, (cutoff, source) in enumerate(self._samples):
            if cutoff == cut.inputs.time and source in sources:
                self.lists[number] = filled[sources.index(source), :SLOTS].tolist()

    def add_explained(self, cut: CutEvaluator, lists: Int32, system: ExplainedSystem) -> None:
        """Add the probabilities of unfilled lists; at a full hour, the effects of features too."""
        self.calibration += calibration(cut, lists, system.scores)
        if cut.inputs.time % HOUR == 0:
            first = dict.fromkeys(cut.transitions.source.tolist())
            sources = np.array([*first][:EXPLAINED_SOURCES], np.int32)
            effects = system.feature_effects(sources)
            self.items += len(next(iter(effects.values()), ()))
            self._add_effects({name: float(effect.sum()) for name, effect in effects.items()})

    def add(self, later: "Counters") -> None:
        """Add what the same system showed on later days."""
        self.slots += later.slots
        self.calibration += later.calibration
        self.lists |= later.lists
        self.items += later.items
        self._add_effects(later.effects)

    def _add_effects(self, effects: Mapping[str, float]) -> None:
        for name, total in effects.items():
            self.effects[name] = self.effects.get(name, 0.0) + total

    @property
    def articles(self) -> int:
        """How many articles were in a five."""
        return int(np.count_nonzero(self.slots))

    def totals(self) -> ListTotals:
        """Return the totals; effects as means per item."""
        effects = {name: total / self.items for name, total in self.effects.items() if self.items}
        return ListTotals(self.slots, self.calibration, effects, dict(sorted(self.lists.items())))


def calibration(cut: CutEvaluator, lists: Int32, scores: npt.NDArray[np.float32]) -> Float64:
    """Count the items of a cutoff's lists by their probability: float64[b, 3].

    See `ListTotals.calibration`; `scores` float32[s, DEPTH] is NaN where there is no item.
    """
    given = scores[cut.list_of].astype(np.float64)
    there = ~np.isnan(given)
    clicked = (lists[cut.list_of] == cut.transitions.target[:, None])[there]
    given = given[there]
    bins = np.maximum(np.searchsorted(EDGES, given, "right") - 1, 0)
    counts = [np.bincount(bins, weights, len(EDGES)) for weights in (None, given, clicked)]
    return np.stack(counts, axis=1).astype(np.float64)
