"""Quantities behind the features, against naive loops on a toy site."""

import math
from pathlib import Path

import numpy as np

from tests.training.worlds import COARSE, NOW, START, STORM, World, busy, spelled
from training.ranking import RankingInputs, log_lifts, ranking_inputs
from training.ranking.candidates import Candidates
from training.ranking.features import PRIOR_TRANSITIONS, Pairing
from training.ranking.inputs import MIN_SHARE, PRIOR_SECTION, PRIOR_VIEWS, shrunk_shares
from training.records import HOUR

NEAREST_HOUR = COARSE.readers.nearest_view_life(1.0)


def busy_inputs(folder: Path) -> RankingInputs:
    world = busy(World(folder))
    world.article("unfiled", "vote", START)
    world.session("r0", START + 40 * HOUR, ["unfiled", "n03", "n04", "unfiled"])
    return ranking_inputs(world.train().state, COARSE)


def test_lifts_between_sections_are_those_of_a_loop(tmp_path: Path) -> None:
    inputs = busy_inputs(tmp_path)
    rows = np.arange(len(inputs.known), dtype=np.int32)
    index, target, sums = inputs.readers.targets(rows)
    flows, shares = np.zeros((3, 3)), np.zeros(3)
    for source, other, amount in zip(index, target, sums[:, 2], strict=True):
        flows[inputs.section[source], inputs.section[other]] += amount
    for row in rows:
        shares[inputs.section[row]] += inputs.shares[row, 3]
    assert inputs.section_lifts.shape == (3, 3)
    for one in (0, 1, -1):
        for other in (0, 1, -1):
            expected = math.log(
                (flows[one, other] / max(shares[other], MIN_SHARE) + PRIOR_SECTION)
                / (flows[one].sum() + PRIOR_SECTION)
            )
            assert math.isclose(inputs.section_lifts[one, other], expected, abs_tol=1e-9)


def test_shares_of_transitions_are_shrunk_like_shares_of_views(tmp_path: Path) -> None:
    inputs = busy_inputs(tmp_path)
    inflow = inputs.readers.inflow
    slower = inflow[:, 4] / inflow[:, 4].sum()
    expected = (inflow[:, 3] + PRIOR_VIEWS * slower) / (inflow[:, 3].sum() + PRIOR_VIEWS)
    every = np.flatnonzero(inputs.eligible).astype(np.int32)
    found = Pairing(inputs, Candidates(every[:1], np.zeros(len(every), np.int64), every))
    np.testing.assert_allclose(found.transition_share[:, 3], expected[every])
    np.testing.assert_allclose(shrunk_shares(inflow, inputs.transitions).sum(axis=0), 1)


def test_a_follow_up_leads_the_list_with_its_reason(tmp_path: Path) -> None:
    """Newer and of the same words as an old story: first under it, by text, whatever is read."""
    world = busy(World(tmp_path), visits=2500)
    world.article("sequel", f"{STORM} {spelled(1)} mayor orders an inquiry", NOW - HOUR)
    run = world.train()
    first = run.lists["n01"][0]
    assert (first.id, first.reason) == ("sequel", "text")


def test_hotness_is_the_rank_by_views(tmp_path: Path) -> None:
    inputs = busy_inputs(tmp_path)
    hottest = inputs.hottest(NEAREST_HOUR)
    hotness = inputs.hotness(NEAREST_HOUR)
    assert hotness[hottest].tolist() == list(range(len(hottest)))
    assert (hotness[~inputs.eligible] >= len(hottest)).all()


def test_lifts_of_pairs_are_those_of_the_formula(tmp_path: Path) -> None:
    """Each shrunk towards that of the next slower half-life; direct steps, the last, towards 1."""
    inputs = busy_inputs(tmp_path)
    first, second = (rows.ravel().astype(np.int32) for rows in np.indices((12, 12)))
    pairs, outflow = inputs.readers.lookup(first, second), inputs.readers.outflow
    found = np.exp(log_lifts(pairs, inputs, first, second))
    assert (pairs > 0).any()
    for row, (one, other) in enumerate(zip(first, second, strict=True)):
        slower = 1.0
        for column in (3, 2, 1, 0, 4):
            share = max(inputs.shares[other, min(column + 1, 4)], MIN_SHARE)
            prior = 1.0 if column == 4 else slower
            slower = (pairs[row, column] / share + PRIOR_TRANSITIONS * prior) / (
                outflow[one, column] + PRIOR_TRANSITIONS
            )
            assert math.isclose(found[row, column], slower, rel_tol=1e-12)
