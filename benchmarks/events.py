"""Quality and cost of grouping articles into events.

    python -m benchmarks.events DEMO             against the events that a simulation knows
    python -m benchmarks.events ../shared/data   headlines: seconds, memory, and the labelled pairs

The labelled pairs are `event_pairs.tsv`: lines of the headlines' file that were put into one event,
and whether a person who read both titles says that they are about the same event (1) or not (0).
"""

import gzip
import json
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from training import Site, read
from training.data import default_now
from training.pipeline import initial_state
from training.progress import peak_memory
from training.ranking import ranking_inputs
from training.recommendations import events
from training.records import Int32

PAIRS = Path(__file__).with_name("event_pairs.tsv")


def group_events(site: Site) -> tuple[Int32, float]:
    """Group a site's articles by text and time alone; return the labels and the seconds."""
    now = default_now(site)
    inputs = ranking_inputs(replace(initial_state(site, now, 2), time=now), site.config)
    begun = time.perf_counter()
    return events.group(inputs, site.config.lists), time.perf_counter() - begun


def agreement(found: list[int], true: list[int]) -> dict[str, float]:
    """Compare two groupings: pairs, and B³ (Bagga and Baldwin, LREC 1998)."""
    both, ours, theirs = Counter(zip(found, true, strict=True)), Counter(found), Counter(true)
    each = list(zip(found, true, strict=True))
    precision = float(np.mean([both[pair] / ours[pair[0]] for pair in each]))
    recall = float(np.mean([both[pair] / theirs[pair[1]] for pair in each]))
    pairs = {
        name: sum(n * (n - 1) for n in counts.values())
        for name, counts in (("both", both), ("ours", ours), ("theirs", theirs))
    }
    return {
        "precision": pairs["both"] / max(pairs["ours"], 1),
        "recall": pairs["both"] / max(pairs["theirs"], 1),
        "b3_precision": precision,
        "b3_recall": recall,
        "b3_f1": 2 * precision * recall / (precision + recall),
    }


def main(folder: Path) -> None:
    """Measure on a simulated site, or on the headlines."""
    truth, headlines = folder / "truth.json", folder / "headlines" / "headlines.tsv.gz"
    site = read(folder / "ymal.toml" if truth.exists() else "examples/headlines.toml")
    labels, seconds = group_events(site)
    sizes = np.bincount(np.bincount(labels))
    report: dict[str, object] = {
        "articles": len(labels),
        "events": int(sizes[1:].sum()),
        "in_an_event_of_several": int(len(labels) - sizes[1]),
        "largest": len(sizes) - 1,
        "seconds": round(seconds, 2),
        "peak_memory_mb": peak_memory(),
    }
    if truth.exists():
        events_of = json.loads(truth.read_text())["events"]
        true = {article: event for event, articles in events_of.items() for article in articles}
        number = {event: at for at, event in enumerate(events_of)}
        report |= agreement(labels.tolist(), [number[true[article]] for article in site.ids])
    else:
        report |= pair_precision(headlines, dict(zip(site.ids, labels.tolist(), strict=True)))
    print(json.dumps(report, indent=2))


def pair_precision(headlines: Path, label: dict[str, int]) -> dict[str, object]:
    """Return the share of the labelled pairs in one event that are about the same thing."""
    with gzip.open(headlines, "rt", encoding="utf-8") as lines:
        urls = [line.rstrip("\n").rsplit("\t", 1)[-1] for line in lines]
    pairs = [list(map(int, line.split("\t"))) for line in PAIRS.read_text().splitlines()[1:]]
    together = [same for a, b, same in pairs if label[urls[a]] == label[urls[b]]]
    return {"labelled_pairs_in_one_event": len(together), "precision": float(np.mean(together))}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
