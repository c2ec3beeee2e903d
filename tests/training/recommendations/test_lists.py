"""Choosing the items of lists, against a naive loop."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import scaled
from training.catalogue import empty_catalogue
from training.config import Config
from training.ranking import Scored
from training.ranking.candidates import Candidates
from training.ranking.rules import CandidatePairs, Labels
from training.recommendations.lists import choose
from training.records import Flag

ARTICLES = 12
SOURCES = [8, 9, 10, 11]
LENGTH = 7
MARKS = [0, 0, Flag.SPONSORED, Flag.PAYWALLED, Flag.SPONSORED | Flag.PAYWALLED]

pairs = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 11), st.sampled_from([0.0, 0.5, 1.0, 2.0])),
    max_size=40,
    unique_by=lambda pair: pair[:2],
)


def of_each(values: st.SearchStrategy[int]) -> st.SearchStrategy[list[int]]:
    return st.lists(values, min_size=ARTICLES, max_size=ARTICLES)


@settings(max_examples=scaled(300))
@given(
    found=pairs,
    near_duplicates=of_each(st.integers(0, 9)),
    events=of_each(st.integers(0, 9)),
    flags=of_each(st.sampled_from(MARKS)),
    precedence=st.permutations(range(ARTICLES)),
    hottest=st.sets(st.integers(0, 11)),
    max_hot=st.integers(0, 5),
    shares=st.tuples(*[st.sampled_from([0.0, 0.2, 0.5, 0.6, 1.0])] * 2),
)
def test_choose_equals_a_naive_loop(
    found: list[tuple[int, int, float]],
    near_duplicates: list[int],
    events: list[int],
    flags: list[int],
    precedence: list[int],
    hottest: set[int],
    max_hot: int,
    shares: tuple[float, float],
) -> None:
    found = sorted(p for p in found if p[1] != SOURCES[p[0]])
    index, target, order = zip(*found, strict=True) if found else [()] * 3
    candidates = Candidates(
        np.array(SOURCES, np.int32), np.array(index, np.int64), np.array(target, np.int32)
    )
    none = np.zeros(len(found))
    candidate_pairs = CandidatePairs(
        catalogue=replace(
            empty_catalogue(),
            flags=np.array(flags, np.uint8),
            language=np.full(len(flags), -1, np.int32),
        ),
        labels=Labels(np.array(near_duplicates, np.int32), np.array(events, np.int32)),
        source=candidates.source,
        target=candidates.target,
        probability=none,
        hot=np.array([to in hottest for to in target], np.bool_),
    )
    chosen = choose(
        Scored(candidates, np.array(order, np.float64), none, none.astype(np.uint8)),
        candidate_pairs,
        np.array(precedence, np.int32),
        Config(
            lists={"max_items": LENGTH, "max_hot": max_hot},
            rules={"max_sponsored": shares[0], "max_paywalled": shares[1]},
        ),
    )
    limits = [
        (hottest, max_hot),
        ({a for a in range(ARTICLES) if flags[a] & Flag.SPONSORED}, int(5 * shares[0])),
        ({a for a in range(ARTICLES) if flags[a] & Flag.PAYWALLED}, int(5 * shares[1])),
    ]
    expected = []
    for place, source in enumerate(SOURCES):
        ordered = sorted(
            (p for p in found if p[0] == place), key=lambda p: (-p[2], precedence[p[1]])
        )
        never = set().union(*(kind for kind, most in limits if not most))
        left = [
            to
            for _, to, _ in ordered
            if near_duplicates[to] != near_duplicates[source] and to not in never
        ]
        for label in (events, near_duplicates):
            left = [
                to for at, to in enumerate(left) if label[to] not in [label[o] for o in left[:at]]
            ]
        items: list[int] = []
        while len(items) < LENGTH:
            full = set().union(
                *(kind for kind, most in limits if len(kind & {*items[-4:]}) >= most)
            )
            fitting = [to for to in left if to not in full]
            if not fitting:
                break
            items.append(fitting[0])
            left.remove(fitting[0])
        expected += [(place, to) for to in items]
    assert [found[at][:2] for at in chosen] == expected
