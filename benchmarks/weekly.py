"""What "Weekly Best" shows against plain counts of a week's views: weekdays, ages of the twelve.

python -m benchmarks.weekly examples/ebnerd.toml
"""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from training import Site, read
from training.config import Config
from training.data import default_now
from training.pipeline import initial_state, step
from training.ranking import RankingInputs, ranking_inputs
from training.ranking.rules import Labels
from training.recommendations import events, rankings
from training.records import DAY, HOUR, Int32, Window, to_datetime

SHOWN = 12
DAYS = 21


def cuts(site: Site) -> Iterator[tuple[RankingInputs, Int32]]:
    """Give the last three weeks' cuts, every six hours, and the weekly ranking at each."""
    now = default_now(site)
    state = initial_state(site, now, 2)
    while state.time + 6 * HOUR <= now:
        end = state.time + (6 * HOUR if state.time >= now - DAYS * DAY else DAY)
        state, _ = step(state, Window(state.time, min(end, now), site.views), site.config)
        if state.time >= now - DAYS * DAY:
            inputs = ranking_inputs(state, site.config)
            labels = Labels(state.texts.near_duplicate, events.group(inputs, site.config.lists))
            yield inputs, rankings.rank(inputs, labels, site.config).weekly


def counted(inputs: RankingInputs, config: Config) -> Int32:
    """Rank the same week's stories by their views alone."""
    rows = inputs.latest
    rows = rows[inputs.time - inputs.known[rows] <= config.block("weekly").max_age]
    return rows[np.argsort(-inputs.readers.total[rows], kind="stable")]


def main(config: str) -> None:
    """Print shares by weekday of publication, and mean ages in hours, as JSON."""
    site = read(config)
    shown: dict[str, list[tuple[int, float]]] = {"weekly": [], "counts": [], "published": []}
    for inputs, weekly in cuts(site):
        plain = counted(inputs, site.config)
        parts = (("weekly", weekly[:SHOWN]), ("counts", plain[:SHOWN]), ("published", plain))
        for name, rows in parts:
            for known in inputs.known[rows].tolist():
                age = (to_datetime(inputs.time) - to_datetime(known)) / timedelta(hours=1)
                shown[name].append((to_datetime(known).weekday(), age))
    report = {
        name: {
            "mean_age_h": round(float(np.mean([age for _, age in stories])), 1),
            "mon_to_sun": (np.bincount([day for day, _ in stories], minlength=7) / len(stories))
            .round(3)
            .tolist(),
        }
        for name, stories in shown.items()
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(sys.argv[1])
