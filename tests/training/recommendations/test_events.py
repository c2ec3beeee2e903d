"""Events against a naive loop, and their effect on a list."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.preprocessing import normalize

from tests.thorough import scaled
from tests.training.worlds import NOW, START, STORM, VOTE, World, ids, spelled
from training import Config
from training.config import ListsConfig
from training.recommendations import events
from training.records import HOUR, NEVER, Int32, Int64

SPAN = 72 * HOUR
SETTINGS = ListsConfig(event_cosine=0.6, event_span="72h")


@dataclass
class Moment:
    """The ranking inputs that events read."""

    time: int
    known: Int64
    vectors: "csr_array[Any, Any]"


def naive(moment: Moment, before: Int32, changed: Any) -> list[int]:
    """One article after the other, by the words of the docstring."""
    count = len(moment.known)
    cosine = (moment.vectors @ moment.vectors.T).toarray()
    labels = list(range(count))
    for row in range(len(before)):
        if not changed[row]:
            labels[row] = int(before[row])
    dated = [row for row in range(count) if moment.known[row] < moment.time]
    order = sorted(dated, key=lambda row: (moment.known[row], row))
    for at, row in enumerate(order):
        if row < len(before) and not changed[row]:
            continue
        recent = [o for o in order[:at] if moment.known[o] >= moment.known[row] - SPAN]
        best = None
        for event in sorted({labels[other] for other in recent}):
            members = [other for other in recent if labels[other] == event]
            like = [float(cosine[row, o]) for o in members if cosine[row, o] >= np.float32(0.6)]
            if event in recent and like and len(like) >= len(members) / 2:
                close = sum(like) / len(members)
                if best is None or close > best[0] + 1e-9:
                    best = (close, event)
        if best:
            labels[row] = best[1]
    return labels


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    count = draw(st.integers(1, 14))
    hours = st.one_of(st.integers(0, 200), st.just(10_000))
    known = np.array([START + draw(hours) * HOUR for _ in range(count)], np.int64)
    known[known > NOW + 1000 * HOUR] = NEVER
    rows = [draw(st.lists(st.sampled_from([0, 1, 3]), min_size=4, max_size=4)) for _ in known]
    vectors = normalize(csr_array(np.array(rows, np.float32)))
    return Moment(START + 190 * HOUR, known, csr_array(vectors))


@settings(max_examples=scaled(300))
@given(moments(), st.integers(0, 14), st.lists(st.booleans(), min_size=14, max_size=14))
def test_events_are_those_of_a_naive_loop(moment: Moment, m: int, again: list[bool]) -> None:
    everything = np.array(again[: len(moment.known)])
    assert events.group(moment, SETTINGS).tolist() == naive(moment, np.zeros(0, np.int32), [])  # type: ignore[arg-type]
    before = events.group(moment, SETTINGS)[:m]  # type: ignore[arg-type]
    joined = events.join(moment, before, everything, SETTINGS)  # type: ignore[arg-type]
    assert joined.tolist() == naive(moment, before, everything)


def test_event_cosine_0_groups_nothing() -> None:
    moment = Moment(NOW, np.array([START, START]), csr_array(np.ones((2, 1), np.float32)))
    alone = events.group(moment, ListsConfig(event_cosine=0))  # type: ignore[arg-type]
    assert alone.tolist() == [0, 1]


def storm(world: World, name: str, hours: int, number: int = 0) -> None:
    world.article(name, f"{STORM} {spelled(number)}", NOW - hours * HOUR)


CONFIG = Config(ranking={"every": "6h"}, texts={"near_identical": 0}, lists={"event_cosine": 0.2})


def test_a_list_holds_one_story_of_an_event_the_sources_own_with_its_reason(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number, hours in enumerate((30, 20, 10, 5)):
        storm(world, f"storm{number}", hours, number)
    for number in range(3):
        words = f"{VOTE} {spelled(50 + number)}"
        world.article(f"vote{number}", words, NOW - (8 + number) * HOUR)
    run = world.train(config=CONFIG)
    for source in ("storm0", "vote1"):
        listed = ids(run, source)
        assert sum(name.startswith("storm") for name in listed) == 1
        assert sum(name.startswith("vote") for name in listed) == 1
    reasons = {story.id: story.reason for story in run.lists["storm0"]}
    assert reasons["storm3"] == "event", "the newest leads, since it follows the source up"


def test_an_article_after_the_span_begins_a_new_event(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number, hours in enumerate((140, 100, 67, 20)):
        storm(world, f"storm{number}", hours, number)
    run = world.train(config=CONFIG)
    rows = run.state.catalogue.rows
    label = {name: int(run.recommendations.events[row]) for name, row in rows.items()}
    assert label["storm0"] == label["storm1"] == rows["storm0"]
    assert label["storm2"] == label["storm3"] == rows["storm2"]
