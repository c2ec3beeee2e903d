"""What a training or a refresh returns, and how it is looked at: lists by id, explanations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from recommender import RelatedStory
from recommender.values import extra_of
from training.config import Config
from training.recommendations import LIST_REASONS, REASONS, Recommendations
from training.recommendations.explain import Explanation, explain
from training.records import NEVER, to_datetime, utc
from training.state import State


@dataclass(frozen=True, repr=False)
class Run:
    """The result of a training or a refresh.

    Attributes
    ----------
    config, state : all settings, and the state at the end.
    recommendations : the lists and rankings made from it.
    counts : articles, views, sessions and pairs; `next_reads`, transitions that a training learned
        from, or `before_cut`, views of the files that a refresh left out as too old.
    monitoring : what `pipeline.monitor` measured in a refresh.
    """

    config: Config
    state: State
    recommendations: Recommendations
    counts: dict[str, int]
    monitoring: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {count:,}" for name, count in self.counts.items())
        return f"Run(now {utc(self.state.time)}, {counts}, model {self.state.model.kind})"

    @cached_property
    def lists(self) -> "ListsById":
        """The list of each source, by id."""
        return ListsById(self)

    def explain(self, source: str, target: str) -> Explanation:
        """Explain why an article is in the list of another, or which rule keeps it out.

        Raises
        ------
        KeyError
            If the site has no such article.
        ValueError
            If source and target are the same article.
        """
        rows = self.state.catalogue.rows
        pair = rows[source], rows[target]
        return explain(self.state, self.recommendations.events, *pair, self.config)

    def summary(self) -> dict[str, Any]:
        """Return counts, the model and its validation, and the number of list items by reason."""
        model, lists = self.state.model, self.recommendations.lists
        slots = np.bincount(lists.reasons, minlength=len(LIST_REASONS)).tolist()
        return {
            "counts": self.counts,
            "model": {"kind": model.kind, **model.validation},
            "lists": {
                "own_items": len(lists.items),
                "empty": int((np.diff(lists.ends)[self.recommendations.known] == 0).sum()),
                **dict(zip(LIST_REASONS, slots, strict=True)),
            },
        }


class ListsById(Mapping[str, list[RelatedStory]]):
    """The recommendations of each source, by its id, best first."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getitem__(self, article: str) -> list[RelatedStory]:
        recommendations, catalogue = self._run.recommendations, self._run.state.catalogue
        row = catalogue.rows[article]
        if not recommendations.known[row]:
            raise KeyError(article)
        places = range(recommendations.lists.ends[row], recommendations.lists.ends[row + 1])
        return [self._story(at, rank) for rank, at in enumerate(places, 1)]

    def __iter__(self) -> Iterator[str]:
        ids = self._run.state.catalogue.ids
        return (ids[row] for row in np.flatnonzero(self._run.recommendations.known).tolist())

    def __len__(self) -> int:
        return int(self._run.recommendations.known.sum())

    def _story(self, at: int, rank: int) -> RelatedStory:
        lists, catalogue = self._run.recommendations.lists, self._run.state.catalogue
        row = lists.items[at]
        code, published = catalogue.section[row], int(catalogue.published[row])
        section = catalogue.section_names[code] if code >= 0 else ""
        reason = REASONS[lists.reasons[at]]
        why: str = getattr(self._run.config.why, reason)
        return RelatedStory(
            id=catalogue.ids[row],
            title=catalogue.titles[row],
            url=catalogue.urls[row],
            section=section,
            published_at=None if published == NEVER else to_datetime(published),
            rank=rank,
            score=float(lists.scores[at]),
            reason=reason,
            why=why.replace("{section}", section),
            extra=extra_of(catalogue.extras[row]),
        )
