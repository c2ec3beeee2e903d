"""Features of a source and a candidate, all free of the site's scale and traffic.

A feature is a ratio, a share or a log of time, never a raw count, so that a model learned under
one traffic holds under another. Its value is 0 where it has nothing to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

import numpy as np

from training.config import Config
from training.ranking.candidates import Candidates, by_source
from training.ranking.cut import FLOOR, Cut
from training.records import HOUR, NEVER, Float64, Int64
from training.texts import cosines

PRIOR_READS: Final = 5.0
"""Direct reads' worth of the site's average that a source's outflow is smoothed by."""

GROUPS: Final = ("readers", "text", "section", "popular", "latest")
"""Where a feature speaks from; the names are those of the reasons."""

CONTEXT: Final = ("age", "views")
"""What is known of the source alone, by which the model's curves tilt."""


@dataclass(frozen=True)
class Pairing:
    """The quantities that several features share, computed once: float64[m] or float64[m, …]."""

    cut: Cut
    candidates: Candidates

    @cached_property
    def forward(self) -> Float64:
        """Sums of source → candidate, float64[m, h + 1]."""
        return self.cut.readers.lookup(self.candidates.source, self.candidates.target)

    @cached_property
    def backward(self) -> Float64:
        """Sums of candidate → source, float64[m, h + 1]."""
        return self.cut.readers.lookup(self.candidates.target, self.candidates.source)

    @cached_property
    def cosine(self) -> Float64:
        """Cosine of the two texts."""
        pair = self.candidates
        return cosines(self.cut.vectors, pair.source, pair.target).astype(np.float64)

    @cached_property
    def lift(self) -> Float64:
        """Log lift of source → candidate, float64[m, h + 1]; see `log_lifts`."""
        pair, readers = self.candidates, self.cut.readers
        return log_lifts(self.forward, readers.outflow[pair.source], self.cut.shares[pair.target])

    @cached_property
    def lift_back(self) -> Float64:
        """Log lift of candidate → source, as `lift` with the two exchanged."""
        pair, readers = self.candidates, self.cut.readers
        return log_lifts(self.backward, readers.outflow[pair.target], self.cut.shares[pair.source])

    @cached_property
    def share(self) -> Float64:
        """The candidate's shares of the site's views, float64[m, v]."""
        return self.cut.shares[self.candidates.target]

    def best(self, value: Float64) -> Float64:
        """Give each value's ratio to the best of its source's candidates; 0 where that is 0."""
        best = by_source(np.maximum, value, self.candidates.starts)[self.candidates.index]
        return np.where(best > 0, value / np.where(best > 0, best, 1.0), 0.0)


def log_lifts(pairs: Float64, outflow: Float64, share: Float64) -> Float64:
    """Logs of how much more often than by its share an article follows another, shrunk.

    log((w / p + m · l) / (o + m)) with w the pair's sum, o the flow out of the first, p the share
    of the second in the site's views, m `PRIOR_READS`, and l the lift at the next slower half-life,
    1 behind the slowest: what few reads say counts for little, and no reads say 0.

    Parameters
    ----------
    pairs : float64[m, h + 1]
        A column per half-life, ascending, then direct steps alone at the slowest.
    outflow : float64[m, h + 1]
        Of the first, likewise.
    share : float64[m, v]
        Of the second, a column per view half-life.

    Returns
    -------
    float64[m, h + 1]
    """
    lifts = np.empty_like(pairs)
    slowest = pairs.shape[1] - 2
    for column in (slowest, slowest + 1, *range(slowest - 1, -1, -1)):
        expected = share[:, min(column + 1, share.shape[1] - 1)]
        prior = 1.0 if column >= slowest else lifts[:, column + 1]
        ratio = pairs[:, column] / np.maximum(expected, FLOOR)
        lifts[:, column] = (ratio + PRIOR_READS * prior) / (outflow[:, column] + PRIOR_READS)
    return np.asarray(np.log(lifts))


def lift(pairing: Pairing, column: int) -> Float64:
    """Log lift of source → candidate at a half-life."""
    return pairing.lift[:, column]


def lift_back(pairing: Pairing, column: int) -> Float64:
    """Log lift of candidate → source at a half-life."""
    return pairing.lift_back[:, column]


def shrunk_cosine(pairing: Pairing) -> Float64:
    """Cosine of readers with shrinkage, slowest sums, both ways added up."""
    readers, pair = pairing.cut.readers, pairing.candidates
    flow = readers.outflow[:, -2] + readers.inflow[:, -2]
    both = pairing.forward[:, -2] + pairing.backward[:, -2]
    return np.sqrt(both / (np.sqrt(flow[pair.source] * flow[pair.target]) + PRIOR_READS))


def log_share(pairing: Pairing, column: int) -> Float64:
    """Log of the candidate's share of the site's views over the floor; 0 below it."""
    return np.log(np.maximum(pairing.share[:, column] / FLOOR, 1.0))


def log_age(pairing: Pairing) -> Float64:
    """Log of the candidate's age in hours, from a quarter of an hour on."""
    return _log_hours(pairing.cut.time - _known(pairing)[1])


def log_idle(pairing: Pairing) -> Float64:
    """Log of the hours since the candidate's last view; its age where nobody came."""
    last = pairing.cut.readers.last_view[pairing.candidates.target]
    known = _known(pairing)[1]
    return _log_hours(pairing.cut.time - np.maximum(last, known))


def newer(pairing: Pairing) -> Float64:
    """Signed log of the hours by which the candidate is newer than the source."""
    source, target = _known(pairing)
    hours = (target - source) / HOUR
    return np.sign(hours) * np.log1p(np.abs(hours))


def _known(pairing: Pairing) -> tuple[Int64, Int64]:
    """Give both known times, as `_times` does."""
    times = _times(pairing.cut)
    return times[pairing.candidates.source], times[pairing.candidates.target]


def _times(cut: Cut) -> Int64:
    """Give every known time; the cut's own for an article that has neither time nor view."""
    return np.where(cut.known == NEVER, cut.time, cut.known)


def _log_hours(span: Int64) -> Float64:
    return np.asarray(np.log(np.maximum(span, 0) / HOUR + 0.25))


@dataclass(frozen=True)
class Feature:
    """A named column of the feature matrix: its group, and how it is computed."""

    name: str
    group: str
    compute: Callable[[Pairing], Float64]


def features(config: Config) -> list[Feature]:
    """List the features that a configuration has, in the order of the matrix's columns."""
    pair_names = [f"{life:g}h" for life in config.readers.pair_half_lives]
    columns = [*enumerate(pair_names), (-1, "direct")]
    lives = config.readers.view_half_lives
    by_section = [("same_section", same_section), ("section_lift", section_lift)]
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
            Feature(f"share_{h:g}h", "popular", partial(log_share, column=c))
            for c, h in enumerate(lives)
        ),
        *(
            Feature(f"growth_{h:g}h", "popular", partial(growth, column=c))
            for c, h in enumerate(lives[1:])
        ),
        *(
            Feature(f"next_share_{name}", "popular", partial(log_next_share, column=c))
            for c, name in columns
        ),
        Feature("age", "latest", log_age),
        Feature("idle", "latest", log_idle),
        Feature("newer", "latest", newer),
    ]
    return [feature for feature in listed if feature.group not in config.ranking.without]


def feature_names(config: Config) -> list[str]:
    """List the names of the features, in the order of the matrix's columns."""
    return [feature.name for feature in features(config)]


def readers_best(pairing: Pairing) -> Float64:
    """The pair's sum at the second half-life, as a share of the source's best."""
    return pairing.best(pairing.forward[:, min(1, pairing.forward.shape[1] - 1)])


def text_cosine(pairing: Pairing) -> Float64:
    """Cosine of the two texts."""
    return pairing.cosine


def text_best(pairing: Pairing) -> Float64:
    """That cosine, as a share of the best of the source's candidates."""
    return pairing.best(pairing.cosine)


def same_section(pairing: Pairing) -> Float64:
    """1 where both stand in the same section."""
    section, pair = pairing.cut.section, pairing.candidates
    of_source = section[pair.source]
    same = (of_source >= 0) & (of_source == section[pair.target])
    return np.asarray(same, np.float64)


def section_lift(pairing: Pairing) -> Float64:
    """Log lift of the source's section → the candidate's; see `Cut.section_lifts`."""
    section, pair = pairing.cut.section, pairing.candidates
    lifts = pairing.cut.section_lifts
    return np.asarray(lifts[section[pair.source], section[pair.target]])


def log_next_share(pairing: Pairing, column: int) -> Float64:
    """Log of the candidate's share of the reads that followed another, as `log_share`."""
    share = pairing.cut.next_shares[pairing.candidates.target, column]
    return np.asarray(np.log(np.maximum(share / FLOOR, 1.0)))


def growth(pairing: Pairing, column: int) -> Float64:
    """Log ratio of the candidate's share at a half-life to that at the next slower one."""
    share = pairing.share + FLOOR
    return np.asarray(np.log(share[:, column] / share[:, column + 1]))


def context(pairing: Pairing) -> Float64:
    """Compute what is known of each source: float64[s, len(CONTEXT)].

    The log of its age in hours, as `log_age`, and the log of one more than the views ever counted.
    """
    cut, sources = pairing.cut, pairing.candidates.sources
    age = _log_hours(cut.time - _times(cut)[sources])
    return np.column_stack([age, np.log1p(cut.readers.total[sources])])


def matrix(pairing: Pairing, config: Config) -> Float64:
    """Compute all features: float64[m, f], a column per entry of `features`."""
    columns = [feature.compute(pairing) for feature in features(config)]
    return (
        np.column_stack(columns) if len(pairing.candidates.index) else np.zeros((0, len(columns)))
    )
