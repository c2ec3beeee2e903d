"""What a system showed, added up: on a world anyone can check, and held to its rows."""

import numpy as np
import pytest

from tests.training.worlds import START, World, busy
from training.metrics.bootstrap import match
from training.metrics.misses import are_missed, causes, most_missed
from training.records import DAY, HOUR
from training.replay.counters import SAMPLES, Counters
from training.replay.results import EDGES, MISSES, SLOTS, ReplayResult
from training.report.evaluate import evaluate

NOW = START + 5 * DAY
EVERY = 6 * HOUR
CODE = {code: number for number, code in enumerate(MISSES)}


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> ReplayResult:
    site = busy(World(tmp_path_factory.mktemp("busy"))).read()
    names = ["ymal", "popular", "ymal-session"]
    return evaluate(site, now=NOW, last=DAY, every=[EVERY], systems=names)[1][0]


def test_a_miss_has_a_cause_and_a_hit_has_none(replayed: ReplayResult) -> None:
    rows, known = replayed.rows, replayed.known
    hit = (rows.rank > 0) & (rows.rank <= SLOTS)
    assert ((rows.miss == -1) == hit).all()
    assert ((rows.miss == CODE["below"]) == (rows.rank > SLOTS)).all()
    unknown = rows.miss == CODE["unknown"]
    assert (unknown == (known[rows.target] >= rows.cut)).all()
    assert unknown.any()
    assert (rows.eligible[rows.miss == CODE["candidate"]]).all()
    assert not (rows.miss == CODE["ineligible"]).any(), "nothing is too old in five days"
    ours = rows.where(rows.system == 0)
    assert not (ours.miss == CODE["unlisted"]).any(), "ours says why"
    theirs = rows.where(rows.system == replayed.systems.index("popular"))
    assert {*theirs.miss.tolist()} <= {-1, CODE["unknown"], CODE["below"], CODE["unlisted"]}


def test_slots_are_five_for_each_transition(replayed: ReplayResult) -> None:
    reads = int((replayed.rows.system == 0).sum())
    for shown, coverage in zip(replayed.totals, replayed.coverage, strict=True):
        assert shown.slots.sum() == SLOTS * reads
        assert np.count_nonzero(shown.slots) / replayed.eligible.sum() == coverage


def test_calibration_counts_the_items_that_were_opened(replayed: ReplayResult) -> None:
    items, expected, opened = replayed.totals[0].calibration.T
    bare = replayed.rows.where(replayed.rows.system == replayed.systems.index("ymal-unfilled"))
    assert opened.sum() == np.count_nonzero(bare.rank)
    assert (opened <= items).all()
    assert (expected >= items * np.where(EDGES[0] < EDGES, EDGES, 0)).all()
    assert (expected[:-1] <= items[:-1] * EDGES[1:]).all()
    for silent in (1, 2):
        assert not replayed.totals[silent].calibration.any()
        assert replayed.totals[silent].effects == {}
    assert replayed.totals[0].effects.keys() > {"text_cosine", "share_1h", "discount"}


def test_sampled_lists_are_those_that_the_rows_were_measured_by(replayed: ReplayResult) -> None:
    rows = replayed.rows
    sources = len({*rows.source.tolist()})
    assert len({source for _, source in replayed.samples}) == min(sources, SAMPLES)
    assert len(replayed.samples) == min(sources, SAMPLES) > 10
    for number, (cut, source) in enumerate(replayed.samples):
        for name in ("ymal", "popular"):
            system = replayed.systems.index(name)
            shown = replayed.totals[system]
            of = (rows.system == system) & (rows.cut == cut) & (rows.source == source)
            reads = rows.where(of)
            assert len(reads)
            for target, rank in zip(reads.target.tolist(), reads.rank.tolist(), strict=True):
                place = shown.lists[number].index(target) + 1 if 0 < rank <= SLOTS else rank
                assert place == rank


def test_two_counters_add_up() -> None:
    first, second = Counters(3, [(0, 1), (9, 2)]), Counters(3, [(0, 1), (9, 2)])
    first.slots[:], second.slots[:] = [1, 0, 2], [0, 0, 5]
    first.effects, first.items = {"age": 3.0}, 2
    second.effects, second.items = {"age": 1.0, "lift": 8.0}, 2
    first.lists, second.lists = {0: [2]}, {1: [0]}
    first.add(second)
    shown = first.totals()
    assert shown.slots.tolist() == [1, 0, 7]
    assert first.articles == 2
    assert shown.effects == {"age": (3 + 1) / 4, "lift": 8 / 4}
    assert shown.lists == {0: [2], 1: [0]}


def test_the_most_missed_are_counted_by_target(replayed: ReplayResult) -> None:
    (trial,) = match([replayed])
    found = most_missed(trial, ["ymal", "popular"], 5)
    rows = replayed.rows
    neither = are_missed(trial, ["ymal"]) & are_missed(trial, ["popular"])
    target = rows.target[trial.order[0]]
    assert [miss.missed for miss in found] == sorted((m.missed for m in found), reverse=True)
    for miss in found:
        row = replayed.ids.index(miss.id)
        assert miss.missed == np.count_nonzero(neither & (target == row))
        assert miss.opened == np.count_nonzero(target == row)
        assert sum(miss.why.values()) == miss.missed
        assert miss.title.startswith(("storm", "election"))
    most = max(np.bincount(target[neither]))
    assert found[0].missed == most
    assert sum(causes(trial, "ymal").values()) == np.count_nonzero(are_missed(trial, ["ymal"]))
