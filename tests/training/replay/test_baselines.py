"""Baselines: values as arithmetic on toy worlds, lists against a naive loop, one counts for all."""

import runpy
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from itertools import product
from math import sqrt
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from tests.thorough import scaled
from training.data.views import ViewTable
from training.readers import Increments, Transitions
from training.readers.tables import UNIT, PairCounts, ViewCounts
from training.records import BUCKET, DAY, HOUR, NEVER, Bool, Catalogue, Int32
from training.replay import baselines
from training.replay.baseline_counts import PAIR_LIVES, BaselineCounts
from training.replay.baselines import Baseline
from training.replay.systems import ReplayInputs, ReplayStep
from training.strings import StringArray
from training.texts import Index, Texts

START = 20_000 * DAY
Read = tuple[int, int, int, int]
"""Hour, source, target, distance; the later read lies in the bucket that ends at the hour."""
View = tuple[int, int, int]
"""Hour, article, how many views in the bucket that ends at the hour."""


def inputs_of(
    known: Sequence[int], sections: Sequence[int] = (), texts: Sequence[Sequence[float]] = ()
) -> ReplayInputs:
    """Articles by the hour at which they became known, their section, and their vectors."""
    n = len(known)
    names = [f"a{row}" for row in range(n)]
    times = np.array([NEVER if hour == NEVER else START + hour * HOUR for hour in known], np.int64)
    vectors = csr_array(np.array(texts or [[]] * n, np.float32))
    catalogue = Catalogue(
        ids=names,
        titles=StringArray.of(names),
        urls=StringArray.of(names),
        extras=StringArray.of([""] * n),
        section=np.array(sections or [-1] * n, np.int32),
        section_names=["x", "y"],
        language=np.full(n, -1, np.int32),
        language_names=[],
        published=times,
        flags=np.zeros(n, np.uint8),
        length=np.zeros(n, np.int32),
        digests=np.zeros(n, np.int64),
        touched=times,
    )
    alone = np.arange(n, dtype=np.int32)
    words = [f"w{term}" for term in range(vectors.shape[1])]
    held = Texts(words, np.ones(len(words), np.int32), n, Index(vectors), alone)
    return ReplayInputs(None, catalogue, times, held, START)  # type: ignore[arg-type]


def step(
    start: int,
    end: int,
    reads: Sequence[Read] = (),
    views: Sequence[View] = (),
    table: ViewTable | None = None,
) -> ReplayStep:
    """A window of hours, and those of the reads and views that lie in it."""
    some = np.array(sorted(r for r in reads if start < r[0] <= end), np.int64).reshape(-1, 4).T
    seen = np.array(sorted(v for v in views if start < v[0] <= end), np.int64).reshape(-1, 3).T
    pairs = PairCounts(
        START + some[0] * HOUR - BUCKET,
        some[1].astype(np.int32),
        some[2].astype(np.int32),
        UNIT // np.maximum(some[3], 1),
        np.where(some[3] == 1, UNIT, 0),
    )
    bucket = START + seen[0] * HOUR - BUCKET
    untold = np.zeros_like(bucket)
    counts = ViewCounts(
        bucket, seen[1].astype(np.int32), seen[2], bucket, bucket, untold, untold, untold
    )
    return ReplayStep(
        START + start * HOUR,
        START + end * HOUR,
        table or ViewTable(duckdb.connect(), "views", 0, NEVER, -1),
        increments=Increments(pairs, counts, Transitions.empty(), 0),
        arrived=np.zeros(0, np.int32),
    )


def played(inputs: ReplayInputs, *windows: ReplayStep) -> dict[str, Baseline]:
    systems = baselines.grid()
    for system in systems:
        system.begin(inputs)
    for window in windows:
        for system in systems:
            system.advance(window)
    return {system.name: system for system in systems}


def rows(*source: int) -> Int32:
    return np.array(source, np.int32)


def everybody(n: int) -> Bool:
    return np.ones(n, np.bool_)


def scores_of(system: Baseline, source: int, n: int) -> dict[int, float]:
    """What the system holds of each article for a source, whether it may be listed or not."""
    found = system.find(system.counts.request(rows(source), everybody(n), n))
    return dict(zip(found.target.tolist(), found.value.tolist(), strict=True))


def listed(system: Baseline, source: int, n: int) -> list[int]:
    answer = system.lists(rows(source), everybody(n), n)[0]
    return [row for row in answer.tolist() if row >= 0]


def test_popular_halves_its_views_each_hour() -> None:
    window = step(0, 3, views=[(1, 1, 7), (2, 2, 3), (3, 3, 2), (3, 0, 8)])
    popular = played(inputs_of([0] * 4), window)["popular"]
    total = 7 / 4 + 3 / 2 + 2 + 8
    expected = {0: 8 / total, 3: 2 / total, 1: 7 / 4 / total, 2: 3 / 2 / total}
    assert scores_of(popular, 0, 4) == pytest.approx(expected)
    assert listed(popular, 0, 4) == [3, 1, 2]


def test_next_counts_do_not_fade_and_count_direct_reads_alone() -> None:
    """Two reads of three months ago beat one of just now; the one after the next is none."""
    long_ago = 90 * 24
    reads = [(1, 0, 1, 1), (2, 0, 1, 1), (long_ago + 1, 0, 2, 1), (long_ago + 1, 0, 3, 2)]
    parts = [step(day * 24, day * 24 + 240, reads) for day in range(0, 90, 10)]
    system = played(inputs_of([0] * 4), *parts, step(long_ago, long_ago + 2, reads))["next-count"]
    assert scores_of(system, 0, 4) == {1: 2.0, 2: 1.0}
    assert listed(system, 0, 4) == [1, 2]


def test_coview_weighs_by_distance_and_half_life() -> None:
    systems = played(inputs_of([0] * 4), step(0, 5, [(1, 0, 1, 1), (5, 0, 2, 2), (5, 0, 3, 3)]))
    assert scores_of(systems["coview[half-life 4h]"], 0, 4) == pytest.approx(
        {1: 1 / 2, 2: 1 / 2, 3: 1 / 3}
    )
    assert listed(systems["coview[half-life 1h]"], 0, 4) == [2, 3, 1]
    assert listed(systems["coview[half-life 24h]"], 0, 4) == [1, 2, 3]


def test_coview_smoothed_adds_popularity_m_times() -> None:
    """A pair sum of 1/2 against a share of a half: from m = 1 on, popularity decides."""
    reads, views = [(1, 0, 1, 1)], [(5, 2, 2), (5, 1, 1), (5, 3, 1)]
    systems = played(inputs_of([0] * 4), step(0, 5, reads, views))
    once = scores_of(systems["coview-smoothed[half-life 4h, m 1]"], 0, 4)
    assert once == pytest.approx({1: 1 / 2 + 1 * 1 / 4, 2: 1 * 2 / 4, 3: 1 * 1 / 4, 0: 0})
    assert listed(systems["coview-smoothed[half-life 4h, m 1]"], 0, 4) == [1, 2, 3]
    assert listed(systems["coview-smoothed[half-life 4h, m 3]"], 0, 4) == [2, 1, 3]


def test_item_knn_is_a_shrunk_cosine_both_ways() -> None:
    reads = [(5, 0, 1, 1), (5, 1, 0, 1), (5, 0, 2, 1), (5, 3, 2, 1), (5, 3, 0, 1)]
    system = played(inputs_of([0] * 4), step(0, 5, reads))["item-knn[half-life 24h, shrinkage 1]"]
    there_1, back_1 = 1 / (sqrt(2 * 1) + 1), 1 / (sqrt(1 * 2) + 1)
    there_2 = 1 / (sqrt(2 * 2) + 1)
    assert scores_of(system, 0, 4) == pytest.approx({1: there_1 + back_1, 2: there_2})
    assert listed(system, 0, 4) == [1, 2]  # 3 was read before 0, never after it


Score = Callable[[BaselineCounts, int, int], float]
"""What a family holds of a target for a source, one pair at a time."""


def pair(counts: BaselineCounts, source: int, target: int, hours: float) -> float:
    sums = counts.readers.lookup(rows(source), rows(target))
    return float(sums[0, PAIR_LIVES.index(hours)])


def share(counts: BaselineCounts, target: int) -> float:
    views = counts.readers.views[:, 0]
    return float(views[target]) / max(float(views.sum()), 1e-300)


def cosine(counts: BaselineCounts, source: int, target: int, hours: float | None = None) -> float:
    vectors = counts.inputs.texts.vectors.toarray()
    known = int(counts.inputs.known[target])
    if hours and not counts.time - hours * HOUR <= known < counts.time:
        return 0.0
    return float(vectors[source] @ vectors[target])


def knn(counts: BaselineCounts, s: int, t: int, hours: float, shrinkage: float) -> float:
    column = PAIR_LIVES.index(hours)
    out, into = counts.readers.outflow[:, column], counts.readers.inflow[:, column]
    there = pair(counts, s, t, hours) / (sqrt(out[s] * into[t]) + shrinkage)
    back = pair(counts, t, s, hours) / (sqrt(out[t] * into[s]) + shrinkage)
    return float(there + back) if there else 0.0


def same_section(counts: BaselineCounts, source: int, target: int) -> float:
    section = counts.inputs.catalogue.section
    return float(section[source] == section[target] >= 0)


def smoothed(counts: BaselineCounts, s: int, t: int, hours: float, m: float) -> float:
    return pair(counts, s, t, hours) + m * share(counts, t)


NAIVE: dict[str, Score] = {
    "popular": lambda counts, _source, target: share(counts, target),
    "latest-in-section": same_section,
    **{f"coview[half-life {h}h]": partial(pair, hours=h) for h in (1, 2, 4, 8, 24)},
    **{
        f"coview-smoothed[half-life {h}h, m {m}]": partial(smoothed, hours=h, m=m)
        for h, m in product((2, 4, 8, 24), (1, 3, 10, 30))
    },
    **{
        f"item-knn[half-life {h}h, shrinkage {k}]": partial(knn, hours=h, shrinkage=k)
        for h, k in product((4, 24, 336), (1, 10, 50))
    },
    "tfidf": cosine,
    **{f"tfidf-recent[within {h}h]": partial(cosine, hours=h) for h in (12, 24, 48, 168)},
}

ROWS = 7
HALF = 0.5
VECTORS = [[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [HALF] * 4 + [0], [0] + [HALF] * 4, [0, 1, 0, 0, 0]]
"""Unit or empty vectors whose cosines are exact, and often equal."""

row = st.integers(0, ROWS - 1)
hour = st.integers(1, 30)


@settings(max_examples=scaled(60))
@given(
    known=st.lists(st.sampled_from([0, 5, 17, 20, 29, NEVER]), min_size=ROWS, max_size=ROWS),
    sections=st.lists(st.integers(-1, 1), min_size=ROWS, max_size=ROWS),
    texts=st.lists(st.sampled_from(VECTORS), min_size=ROWS, max_size=ROWS),
    reads=st.lists(st.tuples(hour, row, row, st.integers(1, 3)).filter(lambda r: r[1] != r[2])),
    views=st.lists(st.tuples(hour, row, st.integers(1, 3))),
    eligible=st.lists(st.booleans(), min_size=ROWS, max_size=ROWS),
    sources=st.permutations(range(ROWS)),
    n=st.integers(1, 4),
)
def test_lists_are_those_of_a_naive_loop(
    known: list[int],
    sections: list[int],
    texts: list[list[float]],
    reads: list[Read],
    views: list[View],
    eligible: list[bool],
    sources: list[int],
    n: int,
) -> None:
    inputs = inputs_of(known, sections, texts)
    windows = [step(0, 24, reads, views), step(24, 30, reads, views)]
    systems = played(inputs, *windows)

    def direct_reads(_counts: BaselineCounts, source: int, target: int) -> float:
        return sum(read[1:] == (source, target, 1) for read in reads)

    expected = {"next-count": direct_reads, **NAIVE}
    assert set(expected) == {n for n, s in systems.items() if not s.family.startswith("implicit")}
    request = rows(*sources[:4])
    for name, value in expected.items():
        counts = systems[name].counts
        answer = systems[name].lists(request, np.array(eligible), n).tolist()
        for source, got in zip(request.tolist(), answer, strict=True):
            scores = {t: value(counts, source, t) for t in range(ROWS) if eligible[t]}
            best = [t for t, score in scores.items() if score > 0 and t != source]
            best.sort(key=lambda t: (-scores[t], known[t] == NEVER, -known[t], t))
            assert got == (best + [-1] * n)[:n], (name, source)


def test_the_counts_advance_once_for_all_baselines() -> None:
    systems = list(played(inputs_of([0, 0]), step(0, 1, [(1, 0, 1, 1)])).values())
    assert len({id(system.counts) for system in systems}) == 1
    counts = systems[0].counts
    window = step(1, 2, [(2, 0, 1, 1)], [(2, 1, 4)])
    systems[0].advance(window)
    readers = counts.readers
    for system in systems[1:]:
        system.advance(window)
    assert counts.readers is readers
    assert counts.time == START + 2 * HOUR
    by_name = {system.name: system for system in systems}
    assert scores_of(by_name["next-count"], 0, 2) == {1: 2.0}
    assert scores_of(by_name["popular"], 0, 2)[1] == 1.0


def test_each_family_stands_at_its_best_setting() -> None:
    scores = {
        "coview[half-life 8h]": 0.3,
        "coview[half-life 2h]": 0.3,
        "coview[half-life 1h]": 0.2,
        "coview-smoothed[half-life 4h, m 3]": 0.4,
    }
    names = ["coview-smoothed", "popular", "coview", "tfidf-recent"]
    chosen = baselines.best_settings(names, scores)
    assert [(system.name, system.setting) for system in chosen] == [
        ("coview-smoothed", "half-life 4h, m 3"),
        ("popular", ""),
        ("coview", "half-life 2h"),  # of equal ones the first
        ("tfidf-recent", "within 12h"),  # no score: the first
    ]
    assert [system.family for system in chosen] == names
    assert len({id(system.counts) for system in chosen}) == 1


def test_the_names_of_a_grid_are_distinct_and_its_families_those_that_can_be_named() -> None:
    points = baselines.grid()
    assert len({point.name for point in points}) == len(points)
    assert tuple(dict.fromkeys(point.family for point in points)) == baselines.NAMES


class Recorder:
    """Stands for a recommender of `implicit`: every article is as like to all as it was read."""

    fits: ClassVar[list[list[list[float]]]] = []

    def __init__(self, **options: Any) -> None:
        assert options == {"K": baselines.IMPLICIT_K, "num_threads": 1}

    def fit(self, counts: csr_array[Any, Any], *, show_progress: bool) -> None:
        assert not show_progress
        self.fits.append(counts.toarray().tolist())
        self.similarity = csr_array(np.tile(counts.sum(axis=0), (counts.shape[1], 1)))


def view_table(*views: tuple[int, int, int]) -> ViewTable:
    """A table of (hour, reader, article)."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE views (time BIGINT, reader BIGINT, article INTEGER)")
    for at, reader, article in views:
        values = [START + at * HOUR, reader, article]
        connection.execute("INSERT INTO views VALUES (?, ?, ?)", values)
    return ViewTable(connection, "views", len(views), START, START)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> type[Recorder]:
    for name in ("implicit", "implicit.nearest_neighbours"):
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        module.CosineRecommender = module.BM25Recommender = Recorder  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)
    Recorder.fits = []
    return Recorder


def test_implicit_is_fitted_on_the_last_reads_once_a_window(recorder: type[Recorder]) -> None:
    table = view_table((0, 9, 1), (1, 7, 0), (1, 7, 2), (2, 8, 2), (6, 8, 2), (7, 8, 3), (9, 8, 0))
    systems = played(inputs_of([0] * 5), step(0, 7, table=table))
    system = systems["implicit-cosine[last 6h]"]
    for _ in range(2):
        assert listed(system, 0, 5) == [2]
        assert listed(system, 1, 5) == []  # last read before the six hours
    assert recorder.fits == [[[1, 1], [0, 2]]]  # readers 7 and 8, articles 0 and 2
    system.advance(step(7, 8, table=table))
    assert listed(system, 2, 5) == [3]
    assert recorder.fits[1:] == [[[2, 1]]]  # reader 8 alone, articles 2 and 3
    system.advance(step(8, 24, table=table))
    system.advance(step(24, 48, table=table))
    assert listed(system, 2, 5) == []
    assert len(recorder.fits) == 2


def test_implicit_itself_where_it_is_installed() -> None:
    if not find_spec("implicit"):
        pytest.skip("the package implicit is not installed")
    table = view_table(*((0, reader, article) for reader in range(3) for article in (0, 1)))
    systems = played(inputs_of([0] * 3), step(0, 1, table=table))
    assert listed(systems["implicit-cosine[last day]"], 0, 3) == [1]
    assert listed(systems["implicit-bm25[last day]"], 2, 3) == []


def test_without_implicit_its_baselines_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "find_spec", lambda _name: None)
    families = {point.family for point in baselines.grid()}
    assert not any(family.startswith("implicit") for family in families)


def test_the_example_of_an_own_system_lists_the_newest() -> None:
    """It keeps what became known, the later window first, and leaves the source out."""
    path = Path(__file__).parents[3] / "examples" / "own_system.py"
    newest = runpy.run_path(str(path))["Newest"]()
    for window, arrived in ((step(0, 1), [0, 1]), (step(1, 2), [3])):
        newest.advance(replace(window, arrived=rows(*arrived)))
    eligible = np.array([True, True, True, True])
    assert newest.lists(rows(1, 2), eligible, 3).tolist() == [[3, 0, -1], [3, 1, 0]]
    assert newest.lists(rows(2), ~eligible, 2).tolist() == [[-1, -1]]
