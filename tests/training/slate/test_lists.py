"""Choosing own items: against a naive loop."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.ranking import Scored
from training.ranking.candidates import Candidates
from training.slate.lists import choose

pairs = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 11), st.sampled_from([0.0, 0.5, 1.0, 2.0])),
    max_size=40,
    unique_by=lambda pair: pair[:2],
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(pairs, st.lists(st.integers(0, 5), min_size=12, max_size=12), st.permutations(range(12)))
def test_choose_is_what_a_loop_would_choose(
    found: list[tuple[int, int, float]], twins: list[int], precedence: list[int]
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
    chosen = choose(scored, np.array(precedence, np.int32), np.array(twins, np.int32), 3)
    expected = []
    for index, source in enumerate(sources):
        taken = {twins[source]}
        items = []
        for _, target, _ in sorted(
            (p for p in found if p[0] == index), key=lambda p: (-p[2], precedence[p[1]])
        ):
            if twins[target] not in taken:
                taken.add(twins[target])
                items.append((index, target))
        expected += items[:3]
    assert [found[at][:2] for at in chosen] == expected
