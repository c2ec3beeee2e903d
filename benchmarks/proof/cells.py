"""Cells: one peer, or ours, on one site at one refresh interval; tuned, replayed and cached.

A cached cell is not run again while its request is the same, so an interrupted run continues.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.proof.peers import Peer, Setting
from benchmarks.proof.sites import PreparedSite
from benchmarks.proof.system import PeerSystem, SessionPeerSystem
from benchmarks.proof.worker import Worker, running
from training.config import duration
from training.replay.loop import UNFILLED, concatenate, replay
from training.replay.results import SLOTS, ReplayResult, ReplayRows
from training.replay.systems import with_settings
from training.replay.ymal import ymal_variants
from training.report.evaluate import tune
from training.storage import replace_file

OURS: Final = ("ymal", "ymal-session")
PLAIN: Final = ("popular",)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Cell:
    """The result of one cell.

    Attributes
    ----------
    asked : its request; another request is another cell.
    replayed : rows of its systems, filled; their names.
    alone : by system, hr@5 of what it listed by itself.
    setting : that was chosen; empty where there was nothing to choose.
    trials : each setting that was tried, and its hr@5 before the test.
    fit, answer : median seconds of a fitting, and of the lists of a cut.
    """

    asked: dict[str, Any]
    replayed: ReplayResult
    alone: dict[str, float]
    setting: Setting
    trials: list[tuple[Setting, float]]
    fit: float
    answer: float


def ours(prepared: PreparedSite, every: str, tell: Tell, keep: Path) -> Cell:
    """Replay ours and the plain rest of the chain, or take what is kept."""
    asked = _asked(prepared, every, {"systems": [*OURS, *PLAIN]})

    def make() -> Cell:
        interval = duration(every)
        plain = tune(PLAIN, prepared.test, interval, tell)
        own = ymal_variants(OURS, with_settings(prepared.site.config, ranking={"every": interval}))
        replays = [
            replay(prepared.test, interval, own, tell, jobs=2),
            replay(prepared.test, interval, plain, tell),
        ]
        parts = [_filled(replayed) for replayed in replays]
        alone = {name: share for _, shares in parts for name, share in shares.items()}
        replayed = together([replayed for replayed, _ in parts])
        return Cell(asked, replayed, alone, setting={}, trials=[], fit=0.0, answer=0.0)

    return _kept(keep / f"{prepared.proof_site.name}-{every}-ours", asked, make)


def together(replays: Sequence[ReplayResult]) -> ReplayResult:
    """Join replays of one period at one refresh interval."""
    systems: list[str] = []
    parts: list[ReplayRows] = []
    for part in replays:
        number = (part.rows.system + len(systems)).astype(np.int16)
        parts.append(replace(part.rows, system=number))
        systems += part.systems
    coverage = [share for part in replays for share in part.coverage]
    seconds = [spent for part in replays for spent in part.seconds]
    return ReplayResult(replays[0].every, systems, concatenate(parts), [], coverage, seconds)


def peers(prepared: PreparedSite, peer: Peer, every: str, tell: Tell, keep: Path) -> Cell:
    """Tune a peer on the days before the test and replay it, or take what is kept."""
    proof_site = prepared.proof_site
    tuned = proof_site.tuned.get(every, every)
    asked = _asked(prepared, every, {"settings": settings(prepared, peer), "tuned": tuned})

    def make() -> Cell:
        with _worker(peer) as worker:
            trials = _tried(prepared, peer, worker, tuned, tell, keep)
            best = max(trials, key=lambda trial: trial[1])[0]
            system = PeerSystem(peer.name, worker, prepared.folder, best, duration(every))
            replayed = replay(prepared.test, duration(every), [shown(system, peer)], tell)
        spent = (float(np.median(seconds)) for seconds in (system.fits, system.answers))
        return Cell(asked, *_filled(replayed), best, trials, *spent)

    return _kept(keep / f"{proof_site.name}-{every}-{peer.name}", asked, make)


def settings(prepared: PreparedSite, peer: Peer) -> tuple[Setting, ...]:
    """Give the settings that a peer may try on a site."""
    return peer.settings[:: len(peer.settings) // prepared.proof_site.trials]


def _tried(
    prepared: PreparedSite, peer: Peer, worker: Worker, every: str, tell: Tell, keep: Path
) -> list[tuple[Setting, float]]:
    """Give the hr@5 of each setting on the days before the test, or take what is kept."""
    path = keep / f"{prepared.proof_site.name}-{every}-{peer.name}-trials.json"
    tried = settings(prepared, peer)
    asked = _asked(prepared, every, {"settings": tried})
    if path.exists():
        kept = json.loads(path.read_text())
        if kept["asked"] == asked:
            return [(setting, score) for setting, score in kept["trials"]]
    tell(f"{len(tried)} trials")
    interval = duration(every)
    systems = [
        shown(PeerSystem(f"trial {number}", worker, prepared.folder, setting, interval), peer)
        for number, setting in enumerate(tried)
    ]
    rows = replay(prepared.before, interval, systems, tell).rows
    hits = (rows.rank > 0) & (rows.rank <= SLOTS)
    scores = [float(np.mean(hits[rows.system == number])) for number in range(len(tried))]
    trials = list(zip(tried, scores, strict=True))
    replace_file(path, json.dumps({"asked": asked, "trials": trials}).encode())
    return trials


def shown(system: PeerSystem, peer: Peer) -> PeerSystem | SessionPeerSystem:
    """Show a system what its peer may know: the visit, or the source alone."""
    return SessionPeerSystem(system) if peer.by_visit else system


@contextmanager
def _worker(peer: Peer) -> AbstractContextManager[Worker]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(peer.environment, peer.module, Path(folder)) as worker,
    ):
        yield worker


def _asked(prepared: PreparedSite, every: str, more: dict[str, Any]) -> dict[str, Any]:
    """Say what is asked, as JSON gives it back."""
    words = {"every": every, "now": prepared.now, "last": prepared.last, **more}
    return json.loads(json.dumps(words))


def _filled(replayed: ReplayResult) -> tuple[ReplayResult, dict[str, float]]:
    """Part the rows of filled lists from what the unfilled ones say: hr@5 of each by itself."""
    rank, number = replayed.rows.rank, replayed.rows.system
    hits = (rank > 0) & (rank <= SLOTS)
    names = [name for name in replayed.systems if not name.endswith(UNFILLED)]
    alone = {}
    for name in names:
        bare = f"{name}{UNFILLED}" if f"{name}{UNFILLED}" in replayed.systems else name
        alone[name] = float(np.mean(hits[number == replayed.systems.index(bare)]))
    count = len(names)
    filled = replayed.rows.where(number < count)
    ofs = replayed.coverage[:count], replayed.seconds[:count]
    return ReplayResult(replayed.every, names, filled, replayed.ids, *ofs), alone


_OF_REPLAY = ("every", "systems", "coverage", "seconds")
"""What is kept of a replay beside its rows."""


def _kept(path: Path, asked: dict[str, Any], make: Callable[[], Cell]) -> Cell:
    """Take a cell from its two files where they answer what is asked, else make and keep it."""
    words, arrays = path.with_suffix(".json"), path.with_suffix(".npz")
    if words.exists():
        kept = json.loads(words.read_text())
        if kept["asked"] == asked:
            return _loaded(kept, arrays)
    cell = make()
    words.unlink(missing_ok=True)
    np.savez(arrays, **asdict(cell.replayed.rows))
    values = {f.name: getattr(cell, f.name) for f in fields(Cell) if f.name != "replayed"}
    figures = {name: getattr(cell.replayed, name) for name in _OF_REPLAY}
    replace_file(words, json.dumps({**values, "replayed": figures}).encode())
    return cell


def _loaded(kept: dict[str, Any], arrays: Path) -> Cell:
    with np.load(arrays) as columns:
        rows = ReplayRows(**{f.name: columns[f.name] for f in fields(ReplayRows)})
    replayed = ReplayResult(**kept.pop("replayed"), rows=rows, ids=[])
    return Cell(**kept, replayed=replayed)
