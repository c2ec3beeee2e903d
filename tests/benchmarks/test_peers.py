"""Peers in the replay: each worker on a world whose answer is plain, and what is kept of a run."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.workers.session import PAUSE, Past, Question
from benchmarks.peers.workers.vsknn import vsknn, weights
from benchmarks.proof import cells, page
from benchmarks.proof.__main__ import main
from benchmarks.proof.peers import PEERS, TRIALS, Peer, taking_part
from benchmarks.proof.sites import PROOF_SITES, PreparedSite, ProofSite
from benchmarks.proof.system import PeerSystem
from benchmarks.proof.worker import FailedError, Worker, home, running
from benchmarks.speed.report import replace_section
from tests.training.worlds import COARSE, MINUTE, START, World
from training import Site
from training.records import HOUR, Int32
from training.replay.loop import ReplayPeriod, steps
from training.replay.systems import ReplayInputs

CUT = START + 12 * HOUR


def habit(folder: Path, later: str = "") -> Site:
    """Everybody who opens `a` opens `b` next, and `c` leads to `d`; from the cut on to another."""
    world = World(folder)
    for name, text, section in (
        ("a", "storm over the harbour", "x"),
        ("b", "storm leaves the harbour", "x"),
        ("c", "council votes on budget", "y"),
        ("d", "council adopts the budget", "y"),
        ("e", "lollipop lady retires", "z"),
    ):
        world.article(name, text, START, section)
    for reader in range(40):
        at = START + HOUR + reader * 15 * MINUTE
        world.session(f"r{reader}", at, ["a", "b"] if reader % 4 else ["c", "d"])
    for reader in range(40 if later else 0):
        world.session(f"s{reader}", CUT + reader * MINUTE, ["a", later])
    return world.read()


@contextmanager
def at_work(peer: Peer, folder: Path) -> Iterator[Worker]:
    if not home(peer.environment).exists():
        pytest.skip(f"the environment {peer.environment} is not built: make peers")
    with running(peer.environment, peer.module, folder) as worker:
        yield worker


def asked_at(site: Site, system: PeerSystem, folder: Path) -> dict[str, list[str]]:
    """Everybody's list at the cut; all articles are eligible but `e`."""
    inputs = ReplayInputs.of(site, CUT + 2 * HOUR)
    articles = inputs.site.articles
    np.save(folder / "known.npy", inputs.known)
    np.save(folder / "section.npy", inputs.catalogue.section)
    texts = zip(articles.title, articles.body, strict=True)
    lines = [json.dumps(f"{title}\n{body}") for title, body in texts]
    (folder / "texts.jsonl").write_text("\n".join(lines))
    for step in steps(ReplayPeriod.of(inputs, CUT, CUT + HOUR), HOUR):
        if step.end <= CUT:
            system.advance(step)
    ids = inputs.catalogue.ids
    eligible = np.array([name != "e" for name in ids])
    lists = system.lists(np.arange(len(ids), dtype=np.int32), eligible, 20)
    return {
        ids[row]: [ids[other] for other in listed if other >= 0] for row, listed in enumerate(lists)
    }


@pytest.mark.parametrize("name", PEERS)
def test_what_everybody_reads_next_comes_first(name: str, tmp_path: Path) -> None:
    peer = PEERS[name]
    setting = {**peer.settings[-1], "hours": 100}
    with at_work(peer, tmp_path) as worker:
        system = PeerSystem(name, worker, tmp_path, setting, HOUR)
        lists = asked_at(habit(tmp_path), system, tmp_path)
    assert (lists["a"][0], lists["b"][0], lists["c"][0], lists["d"][0]) == ("b", "a", "d", "c")
    assert not any("e" in listed for listed in lists.values())
    assert len(system.fits) == len(system.answers) == 1


@pytest.mark.parametrize("name", {peer.module: name for name, peer in PEERS.items()}.values())
def test_nothing_later_than_the_cut_enters_a_list(name: str, tmp_path: Path) -> None:
    peer = PEERS[name]
    found = []
    for number, later in enumerate(("b", "d")):
        folder = tmp_path / str(number)
        folder.mkdir()
        with at_work(peer, folder) as worker:
            system = PeerSystem(name, worker, folder, peer.settings[0], HOUR)
            found.append(asked_at(habit(folder, later), system, folder))
    assert found[0] == found[1]


def test_a_model_stays_until_it_is_to_be_renewed(tmp_path: Path) -> None:
    site = habit(tmp_path, "d")
    inputs = ReplayInputs.of(site, CUT + 2 * HOUR)
    peer = PEERS["v-sknn"]
    eligible = np.ones(len(inputs.known), np.bool_)
    everybody = np.arange(len(inputs.known), dtype=np.int32)
    with at_work(peer, tmp_path) as worker:
        slow = PeerSystem("slow", worker, tmp_path, peer.settings[-1], 6 * HOUR)
        fast = PeerSystem("fast", worker, tmp_path, peer.settings[-1], HOUR)
        lists: dict[str, list[Int32]] = {"slow": [], "fast": []}
        for step in steps(ReplayPeriod.of(inputs, CUT, CUT + 2 * HOUR), HOUR):
            for system in (slow, fast):
                system.advance(step)
                if step.end >= CUT:
                    lists[system.name].append(system.lists(everybody, eligible, 20))
    assert (len(slow.fits), len(fast.fits)) == (1, 2)
    assert np.array_equal(*lists["slow"])
    assert not np.array_equal(*lists["fast"])


def test_a_worker_that_ends_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with (
        running("ours", "vsknn", tmp_path) as worker,
        pytest.raises(FailedError, match=r"vsknn ended:[\s\S]*FileNotFoundError"),
    ):
        worker.ask(do="fit", model="m", setting={}, views="nowhere.npy", site="", now=0)


def test_every_peer_has_the_same_budget_and_its_place() -> None:
    for peer in PEERS.values():
        assert len(peer.settings) == TRIALS
        assert len({json.dumps(setting) for setting in peer.settings}) == TRIALS
    text = (page.DOCS / "peers.md").read_text(encoding="utf-8")
    for ground in PROOF_SITES.values():
        assert TRIALS % ground.trials == 0
        for every in ground.every:
            part = f"{ground.name}-{every}"
            assert replace_section(text, part, "new", by="make peers") != text
            for peer in taking_part(ground):
                assert peer.needs != "texts" or ground.texts
                assert peer.needs != "sections" or ground.sections


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["gorse"], "gorse: no such peer"),
        (["--site", "globo", "--every", "1h"], "--every 1h: no such table; there are globo 6h"),
    ],
)
def test_a_table_that_is_not_there(
    words: list[str],
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks.proof", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert err.splitlines()[-1].endswith(printed)


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PreparedSite:
    """A busy toy site: the test is its last day, the two days before are for tuning."""
    world = World(tmp_path)
    for number in range(30):
        world.article(f"n{number}", f"story {number}", START + number * 3 * HOUR, "x")
    generator = np.random.default_rng(0)
    for visit in range(600):
        at = START + HOUR + visit * 9 * MINUTE
        first = int(generator.integers(max(1, (at - START) // (3 * HOUR) + 1)))
        world.session(f"r{visit % 50}", at, [f"n{min(first, 29)}", f"n{min(first + 1, 29)}"])
    site = world.read(COARSE)
    monkeypatch.setattr("benchmarks.proof.sites.read", lambda _: site)
    ground = ProofSite("toy", "1d", ("6h",), trials=4)
    return PreparedSite(ground, "1d", tmp_path / "site")


def test_a_cell_is_tuned_replayed_kept_and_drawn(prepared: PreparedSite, tmp_path: Path) -> None:
    peer, printed = PEERS["v-sknn"], list[str]()
    keep = tmp_path / "keep"
    keep.mkdir()
    cell = cells.peers(prepared, peer, "6h", printed.append, keep)
    scores = [score for _, score in cell.trials]
    assert len(scores) == 4
    assert cell.setting == cell.trials[scores.index(max(scores))][0]
    assert cell.alone["v-sknn"] <= float(np.mean(cell.replayed.rows.rank % 21 > 0))

    broken = replace(peer, module="no_such_worker")
    again = cells.peers(prepared, broken, "6h", printed.append, keep)
    assert again.replayed.rows.rank.tobytes() == cell.replayed.rows.rank.tobytes()
    assert (again.setting, again.fit, again.alone) == (cell.setting, cell.fit, cell.alone)
    with pytest.raises(FailedError, match="no_such_worker"):
        cells.peers(prepared, broken, "12h", printed.append, keep)

    ours = cells.ours(prepared, "6h", printed.append, keep)
    drawn = page.table([ours, cell], [peer]).splitlines()
    names = {line.split("`")[1] for line in drawn if line.startswith("| `")}
    assert names == {*cells.OURS, *cells.PLAIN, "v-sknn"}
    assert drawn[-1] == f"{len(cell.replayed.rows)} transitions."


def views(*given: tuple[int, int, int]) -> Past:
    """A past of (time, reader, article), times in minutes."""
    time, reader, article = np.array(sorted(given), np.int64).T
    return Past(10**9 * MINUTE, time * MINUTE, reader, article, Path())


def test_a_pause_of_more_than_half_an_hour_begins_a_visit() -> None:
    past = views((0, 7, 1), (30, 7, 2), (61, 7, 3), (5, 8, 1))
    assert PAUSE == 30 * MINUTE
    order = [past.article.tolist().index(article) for article in (2, 3)]
    assert past.visit[order[0]] != past.visit[order[1]]
    counts, rows = past.counts("visit")
    assert rows.tolist() == [1, 2, 3]
    assert sorted(counts.toarray().tolist()) == [[0, 0, 1], [1, 0, 0], [1, 1, 0]]
    counts, rows = past.counts("reader")
    assert (rows.tolist(), counts.toarray().tolist()) == ([1, 2, 3], [[1, 1, 1], [1, 0, 0]])


def test_the_latest_of_a_visit_weighs_most() -> None:
    asked = np.array([[5, 3, 4], [3, -1, -1]], np.int32)
    found = weights(asked, np.array([3, 4, 5])).toarray()
    assert found == pytest.approx(np.array([[1 - 1 / 3, 1 - 2 / 3, 1], [1, 0, 0]]))


def test_vsknn_adds_up_its_nearest_visits() -> None:
    # Reader 1 opened 0 and 1, 2 opened 0 and 2, 3 opened 0, 2 and 3, in this order of time.
    past = views(
        (0, 1, 0), (1, 1, 1), (100, 2, 0), (101, 2, 2), (200, 3, 0), (201, 3, 2), (202, 3, 3)
    )
    eligible = np.ones(4, np.bool_)

    def listed(k: int, *opened: int) -> list[int]:
        question = Question(np.array([opened], np.int32), eligible, 3)
        return [row for row in vsknn(past, {"k": k})(question)[0].tolist() if row >= 0]

    assert listed(3, 0) == [2, 1, 3]  # 2 stands in two of the three visits
    assert listed(1, 0) == [2, 3]  # the most recent visit alone
    assert listed(1, 0, 1) == []  # reader 1 is the nearest, and holds nothing else
    assert listed(2, 0, 1) == [2, 3]
    assert listed(3, 9) == []
