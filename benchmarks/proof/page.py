"""The tables of docs/peers.md: ours and each peer at a refresh interval, with paired bounds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.proof.cells import Cell, together
from benchmarks.proof.peers import Peer, Setting
from benchmarks.proof.worker import version
from benchmarks.speed.report import DOCS, replace_section
from training.metrics.bootstrap import SEED, MetricValues, compare, match, measure, resample
from training.metrics.definitions import HITS

METRICS: Final = ("hr@5", "hr@5|page")
COUNTERPART: Final = {"v-sknn-visit": "ymal-session"}
"""Who of ours is asked the same as a peer that knows the visit."""


def table(cells: Sequence[Cell], peers: Sequence[Peer]) -> str:
    """Draw the table of a site at an interval: `cells` are ours, then those of `peers` in order."""
    whole = together([cell.replayed for cell in cells])
    (trial,) = match([whole])
    weights = resample([trial], np.random.default_rng(SEED))
    measured = {name: measure(HITS[name], trial, weights) for name in METRICS}
    alone = {name: share for cell in cells for name, share in cell.alone.items()}
    of = {peer.name: (peer, cell) for peer, cell in zip(peers, cells[1:], strict=True)}
    order = np.argsort(-measured["hr@5"].mean, kind="stable").tolist()
    lines = [
        "| system | `hr@5` | `ymal` less it | `hr@5\\|page` | `ymal` less it | by itself "
        "| setting | fit, s | lists of a snapshot, s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for at in order:
        name = whole.systems[at]
        figures = " | ".join(
            part for metric in METRICS for part in _figures(measured[metric], at, whole.systems)
        )
        lines.append(f"| `{name}` | {figures} | {alone[name]:.3f} | {_peer(of.get(name))} |")
    sentences = [f"{trial.order.shape[1]:,} transitions.", *_counterparts(measured, whole.systems)]
    return "\n".join([*lines, "", " ".join(sentences)])


def write(part: str, text: str, path: Path = DOCS / "peers.md") -> None:
    """Write one table into the page, between its markers."""
    page = replace_section(path.read_text(encoding="utf-8"), part, text, by="make peers")
    path.write_text(page, encoding="utf-8")


def _figures(measured: MetricValues, at: int, systems: Sequence[str]) -> tuple[str, str]:
    """Write a figure with its interval, and how much more ours has."""
    low, high = measured.interval()[:, at]
    figure = f"{measured.mean[at]:.3f} ({low:.3f} to {high:.3f})"
    return figure, "" if systems[at] == "ymal" else _less(measured, systems, "ymal", systems[at])


def _less(measured: MetricValues, systems: Sequence[str], ours: str, peer: str) -> str:
    paired = compare(measured, systems.index(ours), systems.index(peer))
    low, high = paired.ci
    return f"{paired.difference:+.3f} ({low:+.3f} to {high:+.3f})"


def _counterparts(measured: dict[str, MetricValues], systems: Sequence[str]) -> list[str]:
    return [
        f"`{ours}` less `{peer}`, `{metric}`: {_less(measured[metric], systems, ours, peer)}."
        for peer, ours in COUNTERPART.items()
        if peer in systems
        for metric in METRICS
    ]


def _peer(found: tuple[Peer, Cell] | None) -> str:
    if found is None:
        return "defaults | | "
    peer, cell = found
    of = f"{peer.package} {version(peer.environment, peer.package)}" if peer.package else "own code"
    setting = f"{_words(cell.setting)} ({len(cell.trials)} tried)"
    return f"{of}, {setting} | {cell.fit:.2f} | {cell.answer:.2f}"


def _words(setting: Setting) -> str:
    return ", ".join(f"{name} {value}" for name, value in setting.items() if name != "kind")
