"""An own system and an own metric in the replay: the newest articles, under every story.

    .venv/bin/python examples/own_system.py ymal.toml

A system is a subclass of `System` with a name, `advance` and `lists`. Rows are integers that index
the catalogue; `advance` is called in time order, `lists` at each cutoff. A metric gives every row
of the replay (`training.replay.results.ReplayRows`) a value, and says which rows count.
"""

import sys

import numpy as np

from training import Metric, System, evaluate, read


class Newest(System):
    """Lists the newest articles."""

    name = "newest"

    def __init__(self) -> None:
        self.rows = np.zeros(0, np.int32)

    def advance(self, step) -> None:  # noqa: ANN001
        """Take in a window: its views (`step.views`), and the rows that became known in it."""
        self.rows = np.concatenate([step.arrived[::-1], self.rows])

    def lists(self, sources, eligible, n):  # noqa: ANN001, ANN201
        """Return int32[len(sources), n], best first; -1 pads a shorter list."""
        newest = self.rows[eligible[self.rows]]
        found = np.full((len(sources), n), -1, np.int32)
        for at, source in enumerate(sources):
            listed = newest[newest != source][:n]
            found[at, : len(listed)] = listed
        return found


FIRST_THREE = Metric(lambda rows: (rows.rank >= 1) & (rows.rank <= 3), lambda rows: ~rows.hot)
"""Hits among the first three, over next clicks on stories that are not hot."""

if __name__ == "__main__":
    site = read(sys.argv[1])
    systems, metrics = ["ymal", "popular", Newest()], {"hr@3|tail": FIRST_THREE}
    report = evaluate(site, last="3d", every=["1h"], systems=systems, metrics=metrics)
    print("\n".join("  ".join(row) for row in report.table()))
    compared = report.compare("ymal", "newest", every="1h")
    print(compared.hr5)
    print(compared.hr3tail)
