"""Ourselves in the replay: trained at each UTC midnight, refreshed at each cut."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from recommender.cached_version import merge_lists
from training.config import Config
from training.pipeline import Fitting, learn
from training.ranking import RankingInputs, fit, prior, ranking_inputs
from training.ranking.rules import Labels, apart, in_sections
from training.readers import Increments, OpenSessions, advance, concatenate, empty_sums
from training.recommendations import active, changed, events, lists
from training.records import DAY, NEVER, Articles, Bool, Float64, Int32
from training.replay import accounts
from training.replay.rows import MISSES
from training.replay.systems import Stage, Step
from training.state import State
from training.texts import Texts, extend
from training.texts import learn as learn_texts

WHOLE: Final = 100
"""Items that a list may have at most (`lists.max_items`)."""


class Course:
    """The state as production would have it, shared by variants that differ in scoring alone.

    At a UTC midnight it is what `ymal train` gives: texts made anew, the model learned from the
    days before. In between it is what `ymal refresh` makes of it.
    """

    def __init__(
        self,
        stage: Stage,
        articles: Articles,
        config: Config,
        *,
        renew: bool = True,
        fitting: Fitting = fit,
    ) -> None:
        self._stage, self._articles, self.renews = stage, articles, renew
        self._fitting = fitting
        columns = articles.title, articles.body, articles.section, articles.tags
        self.told = np.array([any(row) for row in zip(*columns, strict=True)], np.bool_)
        self._config = config
        rows = len(stage.catalogue)
        self.state = State(
            time=stage.start,
            catalogue=replace(stage.catalogue, touched=np.full(rows, -1, np.int64)),
            texts=Texts.empty(rows),
            sums=empty_sums(stage.start, rows, config.readers),
            open=OpenSessions.empty(),
            model=prior(config),
        )
        self._past: list[tuple[State, Increments]] = []
        self._learned = False
        self.since = stage.start
        self.trained = False

    def with_texts(self, rows: Int32) -> Texts:
        """Give the texts as they would be if the articles of some rows had arrived just now."""
        articles = self._articles.pick(rows.tolist())
        return extend(self.state.texts, articles, rows, len(self._stage.known), self._config.texts)

    def advance(self, step: Step, *, wanted: bool) -> None:
        """Carry the state to the window's end, once; train there at a midnight, if it is wanted."""
        if self.state.time >= step.end:
            return
        before = self.state
        self.since = before.time
        sums = advance(before.sums, step.increments, step.end, self._config.readers)
        self.state = replace(before, time=step.end, sums=sums)
        self._past.append((before, step.increments))
        self.trained = wanted and step.end % DAY == 0
        self._take_in(step.arrived)
        if self.trained:
            self._train()
        oldest = step.end - (self._config.ranking.learn_days + 1) * DAY
        self._past = [part for part in self._past if part[0].time >= oldest]

    def _take_in(self, arrived: Int32) -> None:
        """Note what became known; between trainings it gets its vector at once."""
        known = self._stage.known
        arrived = arrived[np.lexsort((arrived, known[arrived]))]
        touched = self.state.catalogue.touched.copy()
        touched[arrived] = known[arrived]
        catalogue = replace(self.state.catalogue, touched=touched)
        texts = self.state.texts
        if self._learned and not self.trained:
            picked = self._articles.pick(arrived.tolist())
            texts = extend(texts, picked, arrived, len(known), self._config.texts)
        self.state = replace(self.state, catalogue=catalogue, texts=texts)

    def _train(self) -> None:
        config, now, known = self._config, self.state.time, self._stage.known
        rows = np.flatnonzero(known < now).astype(np.int32)
        texts = learn_texts(self._articles.pick(rows.tolist()), rows, len(known), config.texts, 1)
        model = self.state.model
        if self.renews or not self._learned:
            start = now - config.ranking.learn_days * DAY
            past = [part for part in self._past if part[0].time >= start]
            first = replace(past[0][0], texts=texts)
            increments = concatenate([part for _, part in past])
            model = learn(first, increments, config, self._fitting)[0]
        self._learned = True
        self.state = replace(self.state, texts=texts, model=model)


class YmalSession:
    """Our lists for a visit: those of the stories opened on it, as `Recommender.next_for` has it.

    Asks the lists of another system, which must advance before it.
    """

    def __init__(self, name: str, ours: "Ymal") -> None:
        self.name = name
        self.reasons: npt.NDArray[np.int8] | None = None
        self._ours = ours

    @property
    def apart(self) -> bool:
        """Whether days may be replayed side by side; see `System`."""
        return self._ours.apart

    def expect(self, sources: Int32) -> None:
        """Hear whose lists will be looked at until the next midnight."""
        self._ours.expect(sources)

    def advance(self, window: Step) -> None:
        """Take in a window."""
        self._ours.advance(window)

    def lists(self, sources: Int32, eligible: Bool, n: int) -> Int32:
        """Give the lists of some sources, as after a visit of one story each."""
        return self.lists_for(sources[:, None], eligible, n)

    def lists_for(self, opened: Int32, eligible: Bool, n: int) -> Int32:
        """Give a list for each visit."""
        sources = np.unique(opened[opened >= 0])
        lists = self._ours.lists(sources, eligible, WHOLE)
        found = np.full((len(opened), n), -1, np.int32)
        for at, visit in enumerate(opened):
            visited = list(dict.fromkeys(visit[visit >= 0].tolist()))
            of = lists[np.searchsorted(sources, visited)]
            best = merge_lists(items[items >= 0].tolist() for items in of)
            unread = [item for item in best if item not in visited]
            listed = self._ours.together(visited[0], unread)[:n]
            found[at, : len(listed)] = listed
        return found


_NO_LIST, _KEPT = map(list(MISSES).index, ("no_list", "kept"))


class _Made(NamedTuple):
    """A list: int32 items, int8 reasons, float32 probabilities, and when it was made, µs UTC."""

    items: Int32
    reasons: npt.NDArray[np.int8]
    scores: npt.NDArray[np.float32]
    time: int


class Ymal:
    """A system of the replay: our lists, as they would be served.

    Lists that nobody looks at are not made; the others come out as if all had been.
    """

    def __init__(self, name: str, course: Course, config: Config, *, nightly: bool = False) -> None:
        self.name = name
        self.apart = course.renews
        self.reasons: npt.NDArray[np.int8] | None = None
        self.scores = np.zeros((0, 0), np.float32)
        self._course, self._config, self._nightly = course, config, nightly
        self._expected = np.zeros(0, np.int32)
        self._made: dict[int, _Made] = {}
        self._inputs: RankingInputs | None = None
        self._active: Bool = np.zeros(0, np.bool_)
        self._events = np.zeros(0, np.int32)

    def expect(self, sources: Int32) -> None:
        """Hear whose lists will be looked at until the next midnight."""
        self._expected = sources

    def advance(self, window: Step) -> None:
        """Take in a window; make the lists that will be kept for longer than to the next cut."""
        course = self._course
        course.advance(window, wanted=len(self._expected) > 0)
        if not len(self._expected):
            return
        self._inputs = inputs = ranking_inputs(course.state, self._config)
        if course.trained or not len(self._events):
            self._events = events.group(inputs, self._config.lists)
        else:
            again = changed(inputs, course.state, course.since)
            self._events = events.join(inputs, self._events, again, self._config.lists)
        if course.trained:
            self._made.clear()
            self._make(self._expected)
            self._active = np.zeros(len(inputs.known), np.bool_)
            return
        if self._nightly:
            return
        self._active = active(inputs, course.state, course.since, self._config)
        next_cut = window.end + (window.end - window.start)
        still = inputs.readers.last_view >= next_cut - self._config.lists.active
        kept = self._expected[(self._active & ~still)[self._expected]]
        self._make(kept)

    def lists(self, sources: Int32, eligible: Bool, n: int) -> Int32:
        """Give the lists of some sources at the clock's time."""
        unread = self._current().known[sources] == NEVER
        self._make(sources[self._active[sources]])
        if not self._nightly:
            self._make_unread(sources[unread & self._course.told[sources]])
        found = np.full((len(sources), n), -1, np.int32)
        self.reasons = np.full((len(sources), n), -1, np.int8)
        self.scores = np.full((len(sources), n), np.nan, np.float32)
        for at, source in enumerate(sources.tolist()):
            if source in self._made:
                made = self._made[source]
                stays = np.flatnonzero(eligible[made.items])[:n]
                found[at, : len(stays)] = made.items[stays]
                self.reasons[at, : len(stays)] = made.reasons[stays]
                self.scores[at, : len(stays)] = made.scores[stays]
        return found

    def why(self, source: Int32, target: Int32) -> npt.NDArray[np.int8]:
        """Say why targets are in none of the lists just given; see `OpenSystem`."""
        found = np.full(len(source), _KEPT, np.int8)
        listed = np.array([row in self._made for row in source.tolist()], np.bool_)
        found[~listed] = _NO_LIST
        for inputs, texts, part in self._as_made(source):
            lists = [self._made[row].items for row in source[part].tolist()]
            labels = Labels(texts.near_duplicate, self._events)
            pairs = source[part], target[part]
            found[part] = accounts.why(inputs, lists, *pairs, labels, self._config)
        return found

    def parts(self, sources: Int32) -> dict[str, Float64]:
        """Say what each feature does for those lists that were made now, of sources once read."""
        read = sources[self._current().known[sources] < self._current().time]
        for inputs, _, part in self._as_made(read):
            lists = [self._made[row].items for row in read[part].tolist()]
            return accounts.parts(inputs, lists, read[part], self._course.state.model, self._config)
        return {}

    def _as_made(
        self, sources: Int32
    ) -> Iterator[tuple[RankingInputs, Texts, npt.NDArray[np.intp]]]:
        """Split sources whose lists were made at the clock's time by what they were made of."""
        inputs, texts = self._current(), self._course.state.texts
        made = (self._made.get(row) for row in sources.tolist())
        fresh = np.array([of is not None and of.time == inputs.time for of in made], np.bool_)
        read = inputs.known[sources] < inputs.time
        if (fresh & read).any():
            yield inputs, texts, np.flatnonzero(fresh & read)
        unread = np.flatnonzero(fresh & ~read)
        if len(unread):
            texts = self._course.with_texts(np.unique(sources[unread]))
            yield replace(inputs, index=texts.index), texts, unread

    def together(self, source: int, items: list[int]) -> list[int]:
        """Give what of some items a lookup would let stand under a source, in their order."""
        catalogue, rules = self._current().catalogue, self._config.rules
        if in_sections(catalogue, rules.not_from)[source]:
            return []
        rows = np.array(items, np.int32)
        rows = rows[~apart(catalogue, np.full(len(rows), source, np.int32), rows, self._config)]
        first = np.sort(np.unique(self._events[rows], return_index=True)[1])
        listed: list[int] = rows[first].tolist()
        return listed

    def _current(self) -> RankingInputs:
        if self._inputs is None:
            raise RuntimeError("advance comes before lists")
        return self._inputs

    def _make(self, sources: Int32) -> None:
        """Make lists anew, of those sources that are known."""
        inputs = self._current()
        self._keep(inputs, sources[inputs.known[sources] < inputs.time], self._course.state.texts)

    def _make_unread(self, sources: Int32) -> None:
        """Make the lists of articles with neither time nor view, as if the files told of them now.

        One that the files never tell of, on a site of views alone, is unknown before its first.
        """
        if len(sources):
            texts = self._course.with_texts(sources)
            self._keep(replace(self._current(), index=texts.index), sources, texts)

    def _keep(self, inputs: RankingInputs, sources: Int32, texts: Texts) -> None:
        if not len(sources):
            return
        model = self._course.state.model
        labels = Labels(texts.near_duplicate, self._events)
        made = lists.make(inputs, sources, model, labels, self._config, 1)
        for source in sources.tolist():
            part = slice(made.ends[source], made.ends[source + 1])
            reasons = made.reasons[part].astype(np.int8)
            self._made[source] = _Made(made.items[part], reasons, made.scores[part], inputs.time)
