"""Choosing own items: against a naive loop."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.config import ListsConfig
from training.ranking import Scored
from training.ranking.candidates import Candidates
from training.slate.lists import choose

pairs = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 11), st.sampled_from([0.0, 0.5, 1.0, 2.0])),
    max_size=40,
    unique_by=lambda pair: pair[:2],
)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    pairs,
    st.lists(st.integers(0, 9), min_size=12, max_size=12),
    st.permutations(range(12)),
    st.sets(st.integers(0, 11)),
    st.integers(0, 5),
)
def test_choose_is_what_a_loop_would_choose(
    found: list[tuple[int, int, float]],
    twins: list[int],
    precedence: list[int],
    hottest: set[int],
    max_hot: int,
) -> None:
    sources = [8, 9, 10, 11]
    found = sorted(p for p in found if p[1] != sources[p[0]])
    columns = list(zip(*found, strict=True)) or [(), (), ()]
    scored = Scored(
        Candidates(
            np.array(sources, np.int32),
            np.array(columns[0], np.int64),
            np.array(columns[1], np.int32),
        ),
        np.array(columns[2], np.float64),
        np.zeros(len(found)),
        np.zeros(len(found), np.uint8),
    )
    hot = np.array([target in hottest for _, target, _ in found], np.bool_)
    chosen = choose(
        scored,
        np.array(precedence, np.int32),
        np.array(twins, np.int32),
        hot,
        ListsConfig(max_items=7, max_hot=max_hot),
    )
    expected = []
    for index, source in enumerate(sources):
        taken, left = {twins[source]}, []
        for _, target, _ in sorted(
            (p for p in found if p[0] == index), key=lambda p: (-p[2], precedence[p[1]])
        ):
            if twins[target] not in taken:
                taken.add(twins[target])
                left.append(target)
        items: list[int] = []
        while len(items) < 7:
            full = sum(item in hottest for item in items[-4:]) >= max_hot
            fitting = [target for target in left if target not in hottest or not full]
            if not fitting:
                break
            items.append(fitting[0])
            left.remove(fitting[0])
        expected += [(index, target) for target in items]
    assert [found[at][:2] for at in chosen] == expected
