"""Features of a source and a candidate, none of which depends on how much the site is read.

A feature is a ratio, a share or a log of time, never a raw count, so that a model learned under
one traffic holds under another. It is 0 where there is no evidence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

import numpy as np

from training import kernels
from training.config import Config
from training.ranking.candidates import Candidates, by_source
from training.ranking.inputs import MIN_SHARE, RankingInputs, shrunk_shares
from training.readers import SLOWEST, pair_columns
from training.records import HOUR, Float64, Int32, Int64
from training.texts import cosines

PRIOR_TRANSITIONS: Final = 5.0
"""Direct transitions at the site's average that a lift is shrunk by."""

GROUPS: Final = ("readers", "text", "section", "popular", "latest")
"""Groups of features, named as the reasons."""

CONTEXT: Final = ("age", "views")
"""Properties of the source, with which the slopes of the model's curves vary."""


@dataclass(frozen=True)
class Pairing:
    """Quantities that several features use, computed once: float64[m] or float64[m, …]."""

    inputs: RankingInputs
    candidates: Candidates

    @cached_property
    def forward(self) -> Float64:
        """Sums of source → candidate, float64[m, h + 1]."""
        return self.inputs.readers.lookup(self.candidates.source, self.candidates.target)

    @cached_property
    def backward(self) -> Float64:
        """Sums of candidate → source, float64[m, h + 1]."""
        return self.inputs.readers.lookup(self.candidates.target, self.candidates.source)

    @cached_property
    def cosine(self) -> Float64:
        """Cosine of the two texts."""
        pair = self.candidates
        return cosines(self.inputs.vectors, pair.source, pair.target).astype(np.float64)

    @cached_property
    def lift(self) -> Float64:
        """Log lift of source → candidate, float64[m, h + 1]; see `log_lifts`."""
        return log_lifts(self.forward, self.inputs, self.candidates.source, self.candidates.target)

    @cached_property
    def lift_back(self) -> Float64:
        """Log lift of candidate → source, as `lift` with the two exchanged."""
        return log_lifts(self.backward, self.inputs, self.candidates.target, self.candidates.source)

    @cached_property
    def targets(self) -> Int32:
        """int32[k], the distinct candidates, ascending; for features of the candidate only."""
        marked = np.zeros(len(self.inputs.known), np.bool_)
        marked[self.candidates.target] = True
        return np.flatnonzero(marked).astype(np.int32)

    @cached_property
    def place(self) -> Int64:
        """int64[m], position of each candidate in `targets`."""
        place = np.empty(len(self.inputs.known), np.int64)
        place[self.targets] = np.arange(len(self.targets))
        return place[self.candidates.target]

    @cached_property
    def share(self) -> Float64:
        """The shares of `targets` in the site's views, float64[k, v]."""
        return self.inputs.shares[self.targets]

    @cached_property
    def transition_share(self) -> Float64:
        """Their shares of the site's transitions, shrunk likewise, float64[k, h + 1]."""
        return shrunk_shares(self.inputs.readers.inflow[self.targets], self.inputs.transitions)

    def relative_to_best(self, value: Float64) -> Float64:
        """Return each value's ratio to the best of its source's candidates; 0 where that is 0."""
        best = by_source(np.maximum, value, self.candidates.starts)[self.candidates.index]
        return np.where(best > 0, value / np.where(best > 0, best, 1.0), 0.0)


def log_lifts(pairs: Float64, inputs: RankingInputs, first: Int32, second: Int32) -> Float64:
    """Return the log lifts of pairs: how much more often one follows the other than its share.

    log((w / p + m · l) / (o + m)) with w the pair's sum, o the flow out of the first, p the share
    of the second in the site's views, m `PRIOR_TRANSITIONS`, and l the lift at the next slower
    half-life, 1 behind the slowest. Few transitions give values near 0, and none give 0.

    Parameters
    ----------
    pairs : float64[m, h + 1]
        Columns as in `readers.half_lives`.
    inputs : RankingInputs
        The share of a pair column is at the view half-life one column further.
    first, second : int32[m]
        Rows.

    Returns
    -------
    float64[m, h + 1]
    """
    lifts = kernels.ranking.shrunk_lifts(
        pairs, inputs.readers.outflow, inputs.shares, first, second, MIN_SHARE, PRIOR_TRANSITIONS
    )
    return np.asarray(np.log(lifts, out=lifts))


def lift(pairing: Pairing, column: int) -> Float64:
    """Log lift of source → candidate at a half-life."""
    return pairing.lift[:, column]


def lift_back(pairing: Pairing, column: int) -> Float64:
    """Log lift of candidate → source at a half-life."""
    return pairing.lift_back[:, column]


def shrunk_cosine(pairing: Pairing) -> Float64:
    """Cosine of readers, shrunk, of the slowest sums in both directions."""
    readers, pair = pairing.inputs.readers, pairing.candidates
    flow = readers.outflow[:, SLOWEST] + readers.inflow[:, SLOWEST]
    both = pairing.forward[:, SLOWEST] + pairing.backward[:, SLOWEST]
    return np.sqrt(both / (np.sqrt(flow[pair.source] * flow[pair.target]) + PRIOR_TRANSITIONS))


def log_share(pairing: Pairing, column: int) -> Float64:
    """Log of the share of the site's views over the floor; 0 below it."""
    return np.log(np.maximum(pairing.share[:, column] / MIN_SHARE, 1.0))


def log_age(pairing: Pairing) -> Float64:
    """Log of the age in hours, from a quarter of an hour on."""
    return _log_hours(pairing.inputs.time - pairing.inputs.dated[pairing.targets])


def log_idle(pairing: Pairing) -> Float64:
    """Log of the hours since the last view; the age where there is none."""
    inputs, rows = pairing.inputs, pairing.targets
    return _log_hours(inputs.time - np.maximum(inputs.readers.last_view[rows], inputs.dated[rows]))


def newer(pairing: Pairing) -> Float64:
    """Signed log of the hours by which the candidate is newer than the source."""
    dated, pair = pairing.inputs.dated, pairing.candidates
    hours = (dated[pair.target] - dated[pair.source]) / HOUR
    return np.sign(hours) * np.log1p(np.abs(hours))


def _log_hours(span: Int64) -> Float64:
    return np.asarray(np.log(np.maximum(span, 0) / HOUR + 0.25))


@dataclass(frozen=True)
class Feature:
    """A named column of the feature matrix.

    Attributes
    ----------
    name, group : the group is one of `GROUPS`.
    compute : returns float64[m].
    per_target : whether it depends on the candidate only; `compute` then returns float64[k], for
        `targets`.
    """

    name: str
    group: str
    compute: Callable[[Pairing], Float64]
    per_target: bool = False


def features(config: Config) -> list[Feature]:
    """List the features that a configuration has, in the order of the matrix's columns."""
    columns = [*enumerate(pair_columns(config.readers))]
    lives = config.readers.view_half_lives
    by_section = [("same_section", same_section), ("section_lift", section_lift)]
    transition_shares = [
        (f"next_share_{name}", partial(log_transition_share, column=c)) for c, name in columns
    ]
    section = [Feature(name, "section", compute) for name, compute in by_section]
    listed = [
        *(Feature(f"lift_{name}", "readers", partial(lift, column=c)) for c, name in columns),
        *(
            Feature(f"lift_back_{name}", "readers", partial(lift_back, column=c))
            for c, name in columns
        ),
        Feature("readers_best", "readers", readers_best),
        Feature("readers_cosine", "readers", shrunk_cosine),
        Feature("text_cosine", "text", text_cosine),
        Feature("text_best", "text", text_best),
        *(section if config.ranking.section else []),
        *(
            Feature(f"share_{h:g}h", "popular", partial(log_share, column=c), per_target=True)
            for c, h in enumerate(lives)
        ),
        *(
            Feature(f"growth_{h:g}h", "popular", partial(growth, column=c), per_target=True)
            for c, h in enumerate(lives[1:])
        ),
        *(
            Feature(name, "popular", compute, per_target=True)
            for name, compute in transition_shares
        ),
        Feature("age", "latest", log_age, per_target=True),
        Feature("idle", "latest", log_idle, per_target=True),
        Feature("newer", "latest", newer),
    ]
    return [feature for feature in listed if feature.group not in config.ranking.without]


def feature_names(config: Config) -> list[str]:
    """List the names of the features, in the order of the matrix's columns."""
    return [feature.name for feature in features(config)]


def readers_best(pairing: Pairing) -> Float64:
    """The pair's sum at the second half-life, as a share of the source's best."""
    return pairing.relative_to_best(pairing.forward[:, min(1, pairing.forward.shape[1] - 1)])


def text_cosine(pairing: Pairing) -> Float64:
    """Cosine of the two texts."""
    return pairing.cosine


def text_best(pairing: Pairing) -> Float64:
    """That cosine, as a share of the best of the source's candidates."""
    return pairing.relative_to_best(pairing.cosine)


def same_section(pairing: Pairing) -> Float64:
    """1 where both stand in the same section."""
    section, pair = pairing.inputs.section, pairing.candidates
    of_source = section[pair.source]
    same = (of_source >= 0) & (of_source == section[pair.target])
    return np.asarray(same, np.float64)


def section_lift(pairing: Pairing) -> Float64:
    """Log lift of the source's section → the candidate's; see `RankingInputs.section_lifts`."""
    section, pair = pairing.inputs.section, pairing.candidates
    lifts = pairing.inputs.section_lifts
    return np.asarray(lifts[section[pair.source], section[pair.target]])


def log_transition_share(pairing: Pairing, column: int) -> Float64:
    """Log of the share of the site's transitions, as `log_share`."""
    return np.log(np.maximum(pairing.transition_share[:, column] / MIN_SHARE, 1.0))


def growth(pairing: Pairing, column: int) -> Float64:
    """Log ratio of the share at a half-life to that at the next slower one."""
    share = pairing.share + MIN_SHARE
    return np.asarray(np.log(share[:, column] / share[:, column + 1]))


def context(pairing: Pairing) -> Float64:
    """Compute the context of each source: float64[s, len(CONTEXT)].

    The log of its age in hours, as `log_age`, and the log of 1 + its views ever counted.
    """
    inputs, sources = pairing.inputs, pairing.candidates.sources
    age = _log_hours(inputs.time - inputs.dated[sources])
    return np.column_stack([age, np.log1p(inputs.readers.total[sources])])


def matrix(pairing: Pairing, config: Config) -> Float64:
    """Compute all features: float64[m, f], a column per entry of `features`."""
    listed = features(config)
    values = np.empty((len(pairing.candidates.index), len(listed)), order="F")
    for column, feature in enumerate(listed):
        value = feature.compute(pairing)
        values[:, column] = value[pairing.place] if feature.per_target else value
    return values
