"""Replay peers beside ours, print each table, write docs/peers.md.

python -m benchmarks.proof [--site SITE] [--every 1h] [--last 1d] [PEER ...]

Without arguments it runs all peers on each site at each of its refresh intervals, in two processes.
Results are cached in a folder, so an interrupted run continues. With `--last` it writes no page,
since the page's tables are of a site's whole test.
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
from benchmarks.proof.sites import PROOF_SITES, PreparedSite, ProofSite
from benchmarks.proof.worker import FailedError, home
from benchmarks.speed.process import ROOT

KEEP: Final = ROOT / ".proof"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="benchmarks.proof")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of {', '.join(PEERS)}")
    parser.add_argument("--site", choices=PROOF_SITES, help="one site alone")
    parser.add_argument("--every", help="one refresh interval alone, such as 1h")
    parser.add_argument("--last", help="how far back the tested transitions go; writes no page")
    parser.add_argument("--keep", type=Path, default=KEEP, help="folder of what was run")
    asked = parser.parse_args()
    for name in asked.peers:
        if name not in PEERS:
            parser.error(f"{name}: no such peer")
    chosen = asked.peers or list(PEERS)
    wanted = {
        proof_site: [every for every in proof_site.every if asked.every in (None, every)]
        for proof_site in PROOF_SITES.values()
        if asked.site in (None, proof_site.name)
    }
    if not any(wanted.values()):
        there = ", ".join(
            f"{proof_site.name} {every}" for proof_site in wanted for every in proof_site.every
        )
        parser.error(f"--every {asked.every}: no such table; there are {there}")
    for proof_site, intervals in wanted.items():
        if intervals:
            run(proof_site, intervals, chosen, asked)


def run(
    proof_site: ProofSite,
    intervals: Sequence[str],
    chosen: Sequence[str],
    asked: argparse.Namespace,
) -> None:
    """Run one site at some intervals, and print and write each table as it is done."""
    _check_environments(PEERS[name] for name in chosen)
    last = asked.last or proof_site.last
    keep = asked.keep / last
    begun = time.monotonic()
    _telling(proof_site.name, begun)("read")
    prepared = PreparedSite(proof_site, last, keep / f"{proof_site.name}-site")
    for every in intervals:
        peers = [peer for peer in taking_part(proof_site) if peer.name in chosen]
        place = f"{proof_site.name} every {every}"
        found = [cells.ours(prepared, every, _telling(f"{place}: ymal", begun), keep)]
        if not asked.peers:
            run_ahead(proof_site, every, [peer.name for peer in peers], asked)
        for peer in peers:
            tell = _telling(f"{place}: {peer.name}", begun)
            found.append(cells.peers(prepared, peer, every, tell, keep))
        table = page.table(found, peers)
        print(f"{proof_site.name}, every {every}\n\n{table}\n", flush=True)
        if asked.last is None and peers == taking_part(proof_site):
            page.write(f"{proof_site.name}-{every}", table)


def run_ahead(
    proof_site: ProofSite, every: str, names: Sequence[str], asked: argparse.Namespace
) -> None:
    """Let two processes run half of the peers each; what they found is kept."""
    arguments = ["--site", proof_site.name, "--every", every, "--keep", str(asked.keep)]
    arguments += ["--last", asked.last] if asked.last else []
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.proof", *arguments, *half], stdout=subprocess.DEVNULL
        )
        for half in (names[::2], names[1::2])
    ]
    try:
        codes = [process.wait() for process in running]
    finally:
        for process in running:
            process.kill()
    if any(codes):
        sys.exit(
            f"{proof_site.name} every {every}: a process of the peers failed, as it says above"
        )


def _check_environments(peers: Iterable[Peer]) -> None:
    missing = {peer.environment for peer in peers if not home(peer.environment).exists()}
    if missing:
        sys.exit(f"no environment of {', '.join(sorted(missing))}: `make peers` builds them")


def _telling(place: str, begun: float) -> cells.Tell:
    """Tell on stderr where the run stands, with the seconds since it began."""

    def tell(note: str) -> None:
        spent = time.monotonic() - begun
        print(f"{spent:6.0f} s  {place}: {note}", file=sys.stderr, flush=True)

    return tell


if __name__ == "__main__":
    try:
        main()
    except FailedError as error:
        sys.exit(str(error))
