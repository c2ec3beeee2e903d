"""Systems: what the replay asks for lists, and what it gives them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from training.catalogue import empty_catalogue, merge
from training.config import Config
from training.ranking import known_at
from training.readers import Increments
from training.records import (
    DAY,
    NEVER,
    Articles,
    Bool,
    Catalogue,
    Float64,
    Int32,
    Int64,
    Site,
    Window,
)
from training.texts import Texts
from training.texts import learn as learn_texts


@dataclass(frozen=True)
class ReplayInputs:
    """What every system receives before the first window.

    Attributes
    ----------
    site : its articles are in the order of the rows.
    catalogue : all articles of the site; a row is known only from `known[row]` on.
    known : int64[n] µs UTC: publish time, else first view; `NEVER` where an article has neither.
    texts : vectors of all articles; a system must not use one before its article is known.
    start : µs UTC, where the first window begins.
    """

    site: Site
    catalogue: Catalogue
    known: Int64
    texts: Texts
    start: int

    @classmethod
    def of(cls, site: Site, now: int) -> "ReplayInputs":
        """Number a site's articles, and find when each became known before `now` (µs UTC)."""
        everything = Window(0, now, site.views, site.articles, site.ids)
        catalogue, _, _ = merge(empty_catalogue(), everything)
        place = {article: at for at, article in enumerate(site.articles.id)}
        articles = site.articles.pick([place[article] for article in site.ids])
        first_view = site.views.first_views(len(site.ids), now)
        known = known_at(catalogue.published, first_view)
        start = min(site.views.start, now)
        rows = np.flatnonzero(known < now).astype(np.int32)
        texts = learn_texts(
            articles.pick(rows.tolist()), rows, len(catalogue), site.config.texts, jobs=1
        )
        return cls(replace(site, articles=articles), catalogue, known, texts, start - start % DAY)

    @property
    def config(self) -> Config:
        """All settings."""
        return self.site.config

    def with_settings(self, **sections: Mapping[str, object]) -> "ReplayInputs":
        """Return the same inputs under a configuration with other settings, by section."""
        return replace(self, site=replace(self.site, config=with_settings(self.config, **sections)))

    def articles(self, rows: Int32) -> Articles:
        """Return the articles of some rows as the files hold them."""
        return self.site.articles.pick(rows.tolist())

    def site_at(self, time: int) -> Site:
        """Return the site with the articles that its files would hold at a time (µs UTC).

        An article without publish time comes with its first view. One with a later publish time
        stays: `initial_state` takes nothing but that time from it.
        """
        given = (self.site.articles.published != NEVER) | (self.known < time)
        return replace(self.site, articles=self.site.articles.pick(np.flatnonzero(given).tolist()))


@dataclass(frozen=True, kw_only=True)
class ReplayStep(Window):
    """A window of the replay.

    Attributes
    ----------
    increments : what the views of the window add; the same for all systems.
    arrived : int32, rows of the articles that became known in the window.
    sources : int32, ascending rows whose lists are compared at the end of the window.
    sources_today : int32, ascending rows whose lists are compared between there and the next UTC
        midnight.
    """

    increments: Increments
    arrived: Int32
    sources: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    sources_today: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))

    def with_sources(self, sources: Int32, sources_today: Int32) -> "ReplayStep":
        """Return the step with the rows whose lists are compared; in any order, -1 pads."""
        now, today = np.unique(sources), np.unique(sources_today)
        return replace(self, sources=now[now >= 0], sources_today=today[today >= 0])


class System(ABC):
    """Whatever makes lists. Write your own as a subclass with `name`, `advance` and `lists`.

    The replay calls `begin` once, then `advance` in time order, and `lists` at each cutoff.

    Attributes
    ----------
    name : what the report calls it.
    parallel_days : whether it keeps nothing over a UTC midnight but what the increments say. Days
        are then replayed in several processes, by copies that are advanced to their first day; a
        copy must not read `ReplayStep.views`.
    """

    name: str
    parallel_days: bool = False

    def begin(self, inputs: ReplayInputs) -> None:  # noqa: B027 - many need not know
        """Receive what is known before the first window. Keep nothing of an earlier replay."""

    @abstractmethod
    def advance(self, step: ReplayStep) -> None:
        """Take in a window; the clock is at its end afterwards."""

    @abstractmethod
    def lists(self, sources: Int32, eligible: Bool, n: int) -> Int32:
        """Make lists at the clock's time.

        Parameters
        ----------
        sources : int32[s]
            Distinct rows.
        eligible : bool[rows]
            What may be recommended.
        n : int
            Length of a list.

        Returns
        -------
        int32[s, n]
            Rows, best first, each at most once and never the source; -1 pads a shorter list.
        """


class SessionSystem(System):
    """A system whose lists depend on all that the reader opened in the session."""

    def lists(self, sources: Int32, eligible: Bool, n: int) -> Int32:
        """Make lists for sessions of one story each."""
        return self.lists_for(sources[:, None], eligible, n)

    @abstractmethod
    def lists_for(self, opened: Int32, eligible: Bool, n: int) -> Int32:
        """Make a list for each session: `opened` is int32[t, v], the latest first, -1 pads."""


class ExplainedSystem(System):
    """A system that explains the lists it returned last.

    Attributes
    ----------
    reasons : int8[s, n], index into `LIST_REASONS` of each item of those lists, -1 elsewhere.
    scores : float32[s, n], the probability of each item; NaN elsewhere.
    """

    reasons: npt.NDArray[np.int8]
    scores: npt.NDArray[np.float32]

    @abstractmethod
    def miss_reasons(self, source: Int32, target: Int32) -> npt.NDArray[np.int8]:
        """Return why each target, eligible, is not in its source's list: index into `MISSES`."""

    @abstractmethod
    def feature_effects(self, sources: Int32) -> dict[str, Float64]:
        """Return what each feature adds in the first five; see `explanations.feature_effects`."""


def with_settings(config: Config, **sections: Mapping[str, object]) -> Config:
    """Return a configuration with other settings in some sections, by name."""
    parts = {name: getattr(config, name).model_copy(update=new) for name, new in sections.items()}
    return config.model_copy(update=parts)
