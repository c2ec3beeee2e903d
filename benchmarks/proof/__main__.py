"""Replay peers beside ours, print each table, write docs/peers.md.

python -m benchmarks.proof [--site SITE] [--every 1h] [--last 1d] [--hindsight] [PEER ...]

Without words everything is run: each site at each of its cadences, all peers. What was run is kept
in a folder, so that a run goes on where another broke off; of all peers, two processes run half of
them each. With `--last` nothing is written to the page, whose tables are of a site's whole test.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.proof import cells, page
from benchmarks.proof.peers import PEERS, Peer, taking_part
from benchmarks.proof.scenes import GROUNDS, Ground, Prepared
from benchmarks.proof.worker import FailedError, home
from benchmarks.speed.process import ROOT

KEEP: Final = ROOT / ".proof"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="benchmarks.proof")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of {', '.join(PEERS)}")
    parser.add_argument("--site", choices=GROUNDS, help="one site alone")
    parser.add_argument("--every", help="one cadence alone, such as 1h")
    parser.add_argument("--last", help="how far back the tested next reads go; writes no page")
    parser.add_argument(
        "--hindsight", action="store_true", help="only hr@5 of each setting in the test itself"
    )
    parser.add_argument("--keep", type=Path, default=KEEP, help="folder of what was run")
    asked = parser.parse_args()
    for name in asked.peers:
        if name not in PEERS:
            parser.error(f"{name}: no such peer")
    chosen = asked.peers or list(PEERS)
    wanted = {
        ground: [every for every in ground.every if asked.every in (None, every)]
        for ground in GROUNDS.values()
        if asked.site in (None, ground.name)
    }
    if not any(wanted.values()):
        there = ", ".join(f"{ground.name} {every}" for ground in wanted for every in ground.every)
        parser.error(f"--every {asked.every}: no such table; there are {there}")
    for ground, cadences in wanted.items():
        if cadences:
            run(ground, cadences, chosen, asked)


def run(
    ground: Ground, cadences: Sequence[str], chosen: Sequence[str], asked: argparse.Namespace
) -> None:
    """Run one site at some cadences, and print and write each table as it is done."""
    _check_environments(PEERS[name] for name in chosen)
    last = asked.last or ground.last
    keep = asked.keep / last
    tell = _Telling(ground.name)
    tell("read")
    prepared = Prepared(ground, last, keep / f"{ground.name}-site")
    for every in cadences:
        peers = [peer for peer in taking_part(ground) if peer.name in chosen]
        if asked.hindsight:
            look_back(prepared, peers, every, tell, keep)
            continue
        tell.at(f"{ground.name} every {every}: ymal")
        found = [cells.ours(prepared, every, tell, keep)]
        if not asked.peers:
            run_ahead(ground, every, [peer.name for peer in peers], asked)
        for peer in peers:
            tell.at(f"{ground.name} every {every}: {peer.name}")
            found.append(cells.peers(prepared, peer, every, tell, keep))
        table = page.table(found, peers)
        print(f"{ground.name}, every {every}\n\n{table}\n", flush=True)
        if asked.last is None and peers == taking_part(ground):
            page.write(f"{ground.name}-{every}", table)


def run_ahead(ground: Ground, every: str, names: Sequence[str], asked: argparse.Namespace) -> None:
    """Let two processes run half of the peers each; what they found is kept."""
    told = ["--site", ground.name, "--every", every, "--keep", str(asked.keep)]
    told += ["--last", asked.last] if asked.last else []
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.proof", *told, *half], stdout=subprocess.DEVNULL
        )
        for half in (names[::2], names[1::2])
    ]
    try:
        codes = [process.wait() for process in running]
    finally:
        for process in running:
            process.kill()
    if any(codes):
        sys.exit(f"{ground.name} every {every}: a process of the peers failed, as it says above")


def look_back(
    prepared: Prepared, peers: Sequence[Peer], every: str, tell: cells.Tell, keep: Path
) -> None:
    """Print what each setting of some peers would have had in the test, the best first."""
    for peer in peers:
        trials = cells.hindsight(prepared, peer, every, tell, keep)
        for setting, score in sorted(trials, key=lambda trial: -trial[1]):
            print(f"{prepared.ground.name} every {every}  {peer.name}  {score:.3f}  {setting}")


def _check_environments(peers: Iterable[Peer]) -> None:
    missing = {peer.environment for peer in peers if not home(peer.environment).exists()}
    if missing:
        sys.exit(f"no environment of {', '.join(sorted(missing))}: `make peers` builds them")


class _Telling:
    """Tells on stderr where the run stands, with the seconds since it began."""

    def __init__(self, place: str) -> None:
        self._place, self._begun = place, time.monotonic()

    def at(self, place: str) -> None:
        """Come to another place."""
        self._place = place
        self("begun")

    def __call__(self, note: str) -> None:
        spent = time.monotonic() - self._begun
        print(f"{spent:6.0f} s  {self._place}: {note}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except FailedError as error:
        sys.exit(str(error))
