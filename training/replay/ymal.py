"""Our own systems of the replay: the lists that production would serve."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from recommender.cached_version import merge_lists
from training.config import Config
from training.ranking import RankingInputs, ranking_inputs
from training.ranking.rules import SPAN_ITEMS, Labels, are_apart, in_sections
from training.recommendations import ListUpdate, lists, update_lists
from training.records import NEVER, Bool, Float64, Int32
from training.replay import explanations
from training.replay.production import ProductionReplay
from training.replay.results import MISSES
from training.replay.systems import (
    ExplainedSystem,
    ReplayInputs,
    ReplayStep,
    SessionSystem,
    System,
    with_settings,
)

MAX_ITEMS: Final = 100
"""Longest list that `lists.max_items` allows."""

WITHOUT: Final = {
    "ymal-no-coview": "readers",
    "ymal-no-text": "text",
    "ymal-no-popularity": "popular",
}
"""Variants that lack a group of features and its candidates."""

_NO_LIST, _KEPT = map(list(MISSES).index, ("no_list", "kept"))


class Ymal(ExplainedSystem):
    """The lists of a production replay, made by `update_lists` as a training and a refresh do.

    Only lists that are compared are made; they are the same as if all were.

    Parameters
    ----------
    name : str
        What the report calls it.
    production : ProductionReplay, optional
        Shared by systems that differ in scoring alone; by default one of its own.
    config : Config, optional
        All settings; by default those of the production replay.
    nightly : bool
        Whether lists are made at midnight alone.
    model, vectorizer : optional
        Estimators of a production replay of its own; see `ProductionReplay`.

    Examples
    --------
    A classifier in the place of the ranking model, beside ours:

    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> systems = ["ymal", Ymal("boosted", model=HistGradientBoostingClassifier())]
    """

    def __init__(
        self,
        name: str = "ymal",
        production: ProductionReplay | None = None,
        *,
        config: Config | None = None,
        nightly: bool = False,
        model: object | None = None,
        vectorizer: object | None = None,
    ) -> None:
        self.name = name
        self._production = production or ProductionReplay(
            config, model=model, vectorizer=vectorizer
        )
        self._own_config, self._nightly = config, nightly
        self.parallel_days = self._production.relearn

    def begin(self, inputs: ReplayInputs) -> None:
        """Start a replay."""
        self._production.begin(inputs)
        self._config = self._own_config or self._production.config
        articles = inputs.site.articles
        texts = zip(articles.title, articles.body, articles.section, articles.tags, strict=True)
        self._has_text = np.array([any(row) for row in texts], np.bool_)

    def advance(self, step: ReplayStep) -> None:
        """Take in a window, and make the lists that are compared at its end or kept from there."""
        production = self._production
        production.advance(step)
        if not len(step.sources_today):
            return
        state, config = production.state, self._config
        self._inputs = inputs = ranking_inputs(state, config)
        if production.trained:
            self._made = update_lists(inputs, state, config, only=step.sources_today)
        elif not self._nightly:
            only = np.union1d(step.sources, self._may_keep(inputs, step.sources_today))
            self._made = update_lists(inputs, state, config, 1, self._made, only)
        self._unread = None if self._nightly else self._update_unread(step.sources)

    def _may_keep(self, inputs: RankingInputs, sources: Int32) -> Int32:
        """Return the sources whose lists may be kept at the next cutoff, as nobody reads them."""
        next_cutoff = inputs.time + self._config.ranking.every
        last_view = inputs.readers.last_view[sources]
        return sources[last_view < next_cutoff - self._config.lists.active]

    def _update_unread(self, sources: Int32) -> ListUpdate | None:
        """Make the lists of articles with neither time nor view, as if they had arrived just now.

        The files give a site of views alone no such article.
        """
        unread = sources[self._is_unread(sources)]
        if not len(unread):
            return None
        state = self._production.with_articles(unread)
        # Readers, events and the sources to renew are those of the cutoff: texts alone are new.
        inputs = replace(self._inputs, index=state.texts.index, catalogue=state.catalogue)
        labels = Labels(state.texts.near_duplicate, self._made.events)
        made = lists.make_lists(inputs, unread, state.model, labels, self._config, 1)
        renewed = np.zeros(len(inputs.known), np.bool_)
        renewed[unread] = True
        return ListUpdate(inputs, labels, renewed, renewed, made)

    def lists(self, sources: Int32, eligible: Bool, n: int) -> Int32:
        """Return the lists of some sources at the clock's time."""
        found = np.full((len(sources), n), -1, np.int32)
        self.reasons = np.full((len(sources), n), -1, np.int8)
        self.scores = np.full((len(sources), n), np.nan, np.float32)
        for update, places in self._updates(sources):
            made = update.lists
            for at in places.tolist():
                part = slice(made.ends[sources[at]], made.ends[sources[at] + 1])
                stays = np.flatnonzero(eligible[made.items[part]])[:n]
                found[at, : len(stays)] = made.items[part][stays]
                self.reasons[at, : len(stays)] = made.reasons[part][stays]
                self.scores[at, : len(stays)] = made.scores[part][stays]
        return found

    def miss_reasons(self, source: Int32, target: Int32) -> npt.NDArray[np.int8]:
        """Return why targets are in none of the lists returned last; see `ExplainedSystem`."""
        found = np.full(len(source), _NO_LIST, np.int8)
        for made, of in self._updates(source):
            found[of[made.known[source[of]]]] = _KEPT
            of = of[self._is_new(made, source[of])]
            if len(of):
                lists = [_items(made, row) for row in source[of].tolist()]
                found[of] = explanations.miss_reasons(
                    made.inputs, lists, source[of], target[of], made.labels, self._config
                )
        return found

    def feature_effects(self, sources: Int32) -> dict[str, Float64]:
        """Return what each feature does in those lists that were made at this cutoff."""
        sources = sources[self._is_new(self._made, sources)]
        if not len(sources):
            return {}
        lists = [_items(self._made, row) for row in sources.tolist()]
        model = self._production.state.model
        return explanations.feature_effects(self._inputs, lists, sources, model, self._config)

    def allowed_items(self, source: int, items: list[int]) -> list[int]:
        """Return the items that a lookup would show under a source, one of each event, in order."""
        catalogue = self._inputs.catalogue
        if in_sections(catalogue, self._config.rules.not_from)[source]:
            return []
        rows = np.array(items, np.int32)
        rows = rows[~are_apart(catalogue, np.full_like(rows, source), rows, self._config)]
        first = np.sort(np.unique(self._made.events[rows], return_index=True)[1])
        allowed: list[int] = rows[first].tolist()
        return allowed

    def _updates(self, sources: Int32) -> Iterator[tuple[ListUpdate, npt.NDArray[np.intp]]]:
        """Split sources by the update that holds their lists: the places of each part."""
        if self._unread is None:
            yield self._made, np.arange(len(sources))
        else:
            unread = self._is_unread(sources)
            yield self._made, np.flatnonzero(~unread)
            yield self._unread, np.flatnonzero(unread)

    def _is_unread(self, sources: Int32) -> Bool:
        """Mark the articles with a text, but with neither publish time nor view."""
        return np.asarray((self._inputs.known[sources] == NEVER) & self._has_text[sources])

    def _is_new(self, made: ListUpdate, sources: Int32) -> Bool:
        """Mark the sources whose list was made at this cutoff."""
        return np.asarray(made.renewed[sources] & (made.time == self._inputs.time))


class YmalSession(SessionSystem):
    """The joint lists of the stories of a session, as `Recommender.next_for` gives them."""

    def __init__(self, name: str, ymal: Ymal) -> None:
        self.name, self._ymal = name, ymal
        self.parallel_days = ymal.parallel_days

    def begin(self, inputs: ReplayInputs) -> None:
        """Start a replay."""
        self._ymal.begin(inputs)

    def advance(self, step: ReplayStep) -> None:
        """Take in a window."""
        self._ymal.advance(step)

    def lists_for(self, opened: Int32, eligible: Bool, n: int) -> Int32:
        """Return a list for each session."""
        sources = np.unique(opened[opened >= 0])
        lists = self._ymal.lists(sources, eligible, MAX_ITEMS)
        found = np.full((len(opened), n), -1, np.int32)
        for at, visit in enumerate(opened):
            visited = list(dict.fromkeys(visit[visit >= 0].tolist()))
            of = lists[np.searchsorted(sources, visited)]
            best = merge_lists(items[items >= 0].tolist() for items in of)
            unread = [item for item in best if item not in visited]
            joint = self._ymal.allowed_items(visited[0], unread)[:n]
            found[at, : len(joint)] = joint
        return found


def _items(made: ListUpdate, row: int) -> Int32:
    return made.lists.items[made.lists.ends[row] : made.lists.ends[row + 1]]


def ymal_variants(names: Sequence[str], config: Config) -> list[System]:
    """Make our own systems by name; those that differ in scoring alone share a production replay.

    Names that are not ours are passed over.
    """
    shared = ProductionReplay(config)
    free = with_settings(
        config, ranking={"discount": 0.0, "penalty": 0.0}, lists={"max_hot": SPAN_ITEMS}
    )
    made: dict[str, Callable[[], System]] = {
        "ymal": lambda: Ymal("ymal", shared),
        "ymal-free": lambda: Ymal("ymal-free", shared, config=free),
        "ymal-nightly": lambda: Ymal("ymal-nightly", shared, nightly=True),
        "ymal-session": lambda: YmalSession("ymal-session", Ymal(config=config)),
        "ymal-fixed": lambda: Ymal("ymal-fixed", ProductionReplay(config, relearn=False)),
        "ymal-logistic": lambda: Ymal("ymal-logistic", config=config, model=_logistic()),
    }
    for name, group in WITHOUT.items():
        less = with_settings(config, ranking={"without": [group]})
        made[name] = partial(Ymal, name, config=less)
    return [make() for name, make in made.items() if name in names]


def _logistic() -> object:
    from training.replay.logistic import ScaledLogisticRegression  # loads scikit-learn: 2 s

    return ScaledLogisticRegression(max_iter=500)
