"""What our lists say of themselves is what `explain` says and the score is made of."""

import numpy as np
import pytest

from tests.thorough import scaled
from tests.training.worlds import World, busy
from training import Config, Run
from training.ranking import find, ranking_inputs, score
from training.ranking.rules import Labels
from training.recommendations.explain import explain
from training.records import Int32
from training.replay import explanations
from training.replay.results import MISSES, SLOTS

SHORT = Config(
    ranking={
        "every": "6h", "min_transitions": 100, "hottest_candidates": 3, "steady_candidates": 0,
        "latest_candidates": 3, "pair_candidates": [3, 3, 3, 3], "section_candidates": 2,
        "text_candidates": 3, "recent_text_candidates": 2,
    },
    lists={"max_items": 6, "event_cosine": 0.5},
)  # fmt: skip
"""Few candidates and short lists, so that every fate is met."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return busy(World(tmp_path_factory.mktemp("busy"))).train(config=SHORT)


def lists_of(run: Run, sources: Int32) -> list[Int32]:
    made = run.recommendations.lists
    return [made.items[made.ends[s] : made.ends[s + 1]] for s in sources.tolist()]


def test_why_is_what_explain_says(run: Run) -> None:
    inputs = ranking_inputs(run.state, SHORT)
    every = np.flatnonzero(inputs.eligible).astype(np.int32)
    source, target = (grid.ravel() for grid in np.meshgrid(every, every, indexing="ij"))
    absent = np.array(
        [t != s and t not in own for s, t, own in zip(source, target, lists_of(run, source),
                                                     strict=True)]
    )  # fmt: skip
    source, target = source[absent], target[absent]
    labels = Labels(run.state.texts.near_duplicate, run.recommendations.events)
    codes = explanations.miss_reasons(inputs, lists_of(run, source), source, target, labels, SHORT)
    codes_found = [list(MISSES)[code] for code in codes]
    candidate = np.array(codes_found) == "candidate"
    few = np.random.default_rng(1).permutation(np.flatnonzero(candidate))[: scaled(600)]
    explained = np.append(np.flatnonzero(~candidate), few).tolist()
    expected = [
        explain(run.state, run.recommendations.events, int(source[at]), int(target[at]), SHORT)
        for at in explained
    ]
    assert {*codes_found} == {"candidate", "ruled_out", "outranked"}
    for ours, theirs in zip([codes_found[at] for at in explained], expected, strict=True):
        if ours == "candidate":
            assert theirs.stage == "candidate"
        elif theirs.stage == "outranked":
            # Behind the end of the list, and of the same event as an item: either is why.
            assert ours in {"outranked", "ruled_out"}
        else:
            assert ours == "ruled_out", theirs


def test_parts_add_up_to_the_lead_over_the_average_candidate(run: Run) -> None:
    inputs = ranking_inputs(run.state, SHORT)
    sources = np.array([37, 20, 31], np.int32)
    lists = lists_of(run, sources)
    parts = explanations.feature_effects(inputs, lists, sources, run.state.model, SHORT)
    found = find(inputs, np.sort(sources), SHORT)
    scored = score(inputs, found, run.state.model, SHORT)
    leads = []
    for at, source in enumerate(np.sort(sources)):
        of = found.index == at
        own = lists[sources.tolist().index(source)][:SLOTS]
        lead = scored.order[of] - scored.order[of].mean()
        leads += lead[np.isin(found.target[of], own)].tolist()
    assert len(leads) == sum(min(len(own), SLOTS) for own in lists) > 10
    np.testing.assert_allclose(sum(parts.values()), leads, atol=1e-9)
    assert {"text_cosine", "discount", "penalty", "follow_up"} <= parts.keys()
