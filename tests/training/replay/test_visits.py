"""Visits: what was opened before a transition, and the joint list."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import Recommender
from tests.recommender import worlds as versions
from tests.thorough import scaled
from tests.training.worlds import COARSE, MINUTE, START, STORM, VOTE, World, busy, spelled
from training import Config, Site, release, train
from training.production import publication
from training.progress import Stages
from training.readers import Transitions
from training.records import DAY, HOUR
from training.replay.loop import ReplayPeriod, replay, steps
from training.replay.results import DEPTH
from training.replay.systems import ReplayInputs, ReplayStep, System
from training.replay.visits import VISITED, histories
from training.replay.ymal import Ymal, YmalSession
from training.report.evaluate import evaluate

NOW = START + 5 * DAY
EVERY = 6 * HOUR

steps_between = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=15)
visits_of_readers = st.lists(st.tuples(st.integers(0, 2), steps_between), max_size=6)


def padded(rows: list[int]) -> list[int]:
    return (rows + [-1] * VISITED)[:VISITED]


@settings(max_examples=scaled(200))
@given(visits=visits_of_readers, order=st.randoms(use_true_random=False))
def test_histories_are_what_the_visits_say(
    visits: list[tuple[int, list[tuple[int, int]]]], order: Any
) -> None:
    """Readers come again, read at the same moment as others, and go back to what they had read."""
    reads, clock = [], dict.fromkeys(range(3), 0)
    for reader, views in visits:
        opened: list[int] = []
        times: list[int] = []
        for article, pause in views:
            if opened and article == opened[-1]:
                continue
            # Two views of one moment come in the order of their rows.
            at_once = pause == 0 and bool(opened) and article > opened[-1]
            clock[reader] += 0 if at_once else max(pause, 1)
            opened.append(article)
            times.append(clock[reader])
        clock[reader] += 1
        for place, (source, target) in enumerate(pairwise(opened)):
            read = source, target, times[place], times[place + 1], reader
            reads.append((read, padded(opened[place::-1])))
    order.shuffle(reads)
    reads.sort(key=lambda read: read[0][3])
    columns = np.array([(*read, 0) for read, _ in reads], np.int64).reshape(-1, 6).T
    names = ("source", "target", "source_time", "target_time", "reader", "own")
    found = histories(Transitions.of(dict(zip(names, columns, strict=True))))
    assert found.dtype == np.int32
    assert found.tolist() == [opened for _, opened in reads]


class Fixed(System):
    """A system whose lists never change; it may not list what is not eligible."""

    name = "fixed"

    def __init__(self, lists: list[list[int]]) -> None:
        self._lists = lists

    def lists(self, sources: Any, eligible: Any, n: int) -> Any:
        assert len(set(sources.tolist())) == len(sources)
        found = np.full((len(sources), n), -1, np.int32)
        for at, source in enumerate(sources.tolist()):
            items = [row for row in self._lists[source] if eligible[row]][:n]
            found[at, : len(items)] = items
        return found

    def advance(self, step: object) -> None: ...

    def allowed_items(self, _source: int, items: list[int]) -> list[int]:
        return items


def joint(lists: list[list[int]], visits: list[list[int]], n: int = DEPTH) -> list[list[int]]:
    """The lists of some visits, given with the latest first."""
    opened = np.array([padded(visit) for visit in visits], np.int32)
    eligible = np.ones(len(lists), np.bool_)
    found = YmalSession("session", Fixed(lists)).lists_for(opened, eligible, n)  # type: ignore[arg-type]
    assert found.shape == (len(visits), n)
    rows: list[list[int]] = found.tolist()
    for row in rows:
        assert -1 not in row[: len(row) - row.count(-1)], "what is left open comes last"
    return [[item for item in row if item >= 0] for row in rows]


def test_the_joint_list_of_a_visit() -> None:
    """1/6 for the first of a list, 1/7 for the second; half of it for the story before."""
    lists = [[2, 3, 1], [3, 4, 2], [], [], []]
    assert joint(lists, [[0], [1], [0, 1], [1, 0], [2], [2, 0]]) == [
        [2, 3, 1],
        [3, 4, 2],
        [2, 3, 4],
        [3, 2, 4],
        [],
        [3, 1],
    ]
    assert joint(lists, []) == []


def test_a_short_joint_list_is_the_head_of_a_long_one() -> None:
    assert joint([[2, 3, 1], [3, 4, 2], [], [], []], [[0, 1]], 2) == [[2, 3]]


def site_of(rows: int, seed: int = 3) -> list[list[int]]:
    """Draw a list for each row, of up to seven others; the first has none."""
    generator = np.random.default_rng(seed)
    orders = [generator.permutation(rows).tolist() for _ in range(rows)]
    return [[row for row in order if row != at][: at % 8] for at, order in enumerate(orders)]


SITE = site_of(12)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    """A site whose lists are those of `SITE`, and that has no rankings."""
    articles = [
        versions.Article(f"{row}", items=tuple((item, 0.5, "readers") for item in items))
        for row, items in enumerate(SITE)
    ]
    return Recommender.open(versions.World(articles).publish(tmp_path_factory.mktemp("served")))


def given_next(served: Recommender, visit: list[int]) -> list[int]:
    history = [f"{row}" for row in reversed(visit)]
    return [int(story.id) for story in served.next_for(history, DEPTH)]


@settings(max_examples=scaled(150))
@given(visit=st.lists(st.integers(0, 11), min_size=1, max_size=VISITED, unique=True))
def test_a_visit_has_the_list_that_the_lookup_gives(served: Recommender, visit: list[int]) -> None:
    (found,) = joint(SITE, [visit])
    assert found == given_next(served, visit)
    assert not set(found) & set(visit)


def test_a_story_opened_twice_counts_once(served: Recommender) -> None:
    visits = [[5, 10, 5], [6, 5, 6], [7, 4, 7]]
    assert joint(SITE, visits) == [given_next(served, visit) for visit in visits]


def period_of(site: Site, config: Config = COARSE) -> tuple[ReplayPeriod, YmalSession]:
    inputs = ReplayInputs.of(site, NOW)
    system = YmalSession("session", Ymal(config=config))
    system.begin(inputs)
    return ReplayPeriod.of(inputs, NOW - DAY, NOW), system


def sectioned(world: World) -> World:
    """Stories of two events among others, in three sections."""
    for number in range(18):
        words = (STORM, VOTE, "")[number % 3]
        section = ("storm", "vote", "other")[number // 6]
        at = START + (24 + number) * HOUR
        world.article(f"n{number:02}", f"{words} {spelled(number)}", at, section)
    world.session("reader", START + 30 * HOUR, ["n01", "n02"])
    return world


RULES = {
    "plain": ({"event_cosine": 0}, {}),
    "one of an event": ({"event_cosine": 0.4}, {}),
    "sections apart": ({"event_cosine": 0}, {"apart": [("storm", "vote")]}),
    "nothing from a section": ({"event_cosine": 0}, {"not_from": ["storm"]}),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_replay_scores_what_the_lookup_gives_on_a_visit(tmp_path: Path, rule: str) -> None:
    lists, rules = RULES[rule]
    config = Config(ranking={"every": "6h"}, lists={**lists, "fallback": []}, rules=rules)
    site = sectioned(World(tmp_path)).read(config)
    run = train(site, now=NOW - DAY)
    release.publish(tmp_path / "artifacts", publication(run, site, Stages(), command="train"))
    served = Recommender.open(tmp_path / "artifacts")
    period, system = period_of(site, config)
    for step in steps(period, EVERY):
        rows = np.arange(len(site.ids), dtype=np.int32)
        system.advance(step.with_sources(rows, rows))
        if step.end == NOW - DAY:
            break
    visits = [[0, 7], [7, 0], [13, 1, 8], [2, 4], [16]]
    eligible = period.inputs.known < NOW - DAY
    found = system.lists_for(np.array([padded(v) for v in visits], np.int32), eligible, DEPTH)
    for visit, listed in zip(visits, found.tolist(), strict=True):
        history = [site.ids[row] for row in reversed(visit)]
        expected = [story.id for story in served.next_for(history, DEPTH)]
        assert [site.ids[row] for row in listed if row >= 0] == expected


class Recorded(YmalSession):
    """Keeps the lists that the replay asks for; may make those of everybody."""

    def __init__(self, site: Site, *, everybody: bool) -> None:
        super().__init__("recorded", Ymal(config=COARSE))
        self._all = np.arange(len(site.ids), dtype=np.int32) if everybody else None
        self.shown: list[list[list[int]]] = []

    def advance(self, step: ReplayStep) -> None:
        if self._all is not None and len(step.sources_today):
            step = step.with_sources(self._all, self._all)
        super().advance(step)

    def lists_for(self, opened: Any, eligible: Any, n: int) -> Any:
        found = super().lists_for(opened, eligible, n)
        self.shown.append(found.tolist())
        return found


def test_a_visit_over_midnight_has_the_lists_of_the_evening(tmp_path: Path) -> None:
    """Nobody goes on from the evening's story after midnight, but the visit began with it."""
    world = busy(World(tmp_path))
    midnight = NOW - DAY
    world.article("evening", f"{VOTE} {spelled(77)}", midnight - HOUR)
    world.session("owl", midnight - MINUTE, ["evening", "n30", "n31"])
    site = world.read()
    period = replace(period_of(site)[0], end=midnight + EVERY)
    assert site.ids.index("evening") in period.opened()[:, 1]
    systems = [Recorded(site, everybody=everybody) for everybody in (False, True)]
    for system in systems:
        replay(period, EVERY, [system])
    assert systems[0].shown == systems[1].shown


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A replay of both: figures by system, and by system the ranks of what had been opened."""
    site = busy(World(tmp_path_factory.mktemp("busy"))).read()
    names = ["ymal", "ymal-session"]
    report, (result,) = evaluate(site, now=NOW, last=DAY, every=[EVERY], systems=names)
    period, _ = period_of(site)
    reads, opened = period.transitions(), period.opened()
    keys = zip(reads.reader, reads.source_time, reads.target, strict=True)
    before = dict(zip(keys, opened.tolist(), strict=True))
    again = {}
    for number, name in enumerate(result.systems):
        rows = result.rows.where(result.rows.system == number)
        known = [
            before[key] for key in zip(rows.reader, rows.source_time, rows.target, strict=True)
        ]
        assert rows.visited.tolist() == [sum(row >= 0 for row in visit) for visit in known]
        back = [target in visit for target, visit in zip(rows.target, known, strict=True)]
        again[name] = rows.rank[np.array(back)].tolist()
    figures = {result["system"]: result for result in report.results}
    return {"figures": figures, "again": again, "visited": rows.visited}


def test_both_are_measured_on_visits_of_two_stories_or_more(replayed: dict[str, Any]) -> None:
    figures = replayed["figures"]
    assert 0 < (replayed["visited"] >= 2).sum() < len(replayed["visited"])
    for name in ("ymal", "ymal-session"):
        assert 0 < figures[name]["metrics"]["hr@5|visit"] < 1
    assert figures["ymal"]["n"] == figures["ymal-session"]["n"]


def test_a_visit_is_never_shown_what_was_opened_on_it(replayed: dict[str, Any]) -> None:
    again = replayed["again"]
    assert any(again["ymal"]), "readers go back, and the list of the story alone may lead there"
    assert not any(again["ymal-session-unfilled"])


def test_a_filled_list_does_not_show_what_was_opened_either(replayed: dict[str, Any]) -> None:
    assert not any(replayed["again"]["ymal-session"])
