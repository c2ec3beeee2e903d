"""What related costs: the keys that keep a list from being a second "Popular Now", one by one.

Run from the project's root, with the data sets in ../shared/data:

    .venv/bin/python benchmarks/trade_off.py [15m]
"""

import sys

from training import read
from training.config import duration
from training.replay.ymal import Course, Ymal
from training.report.evaluate import changed, evaluate, set_stage

SHOWN = ("hr@5", "hr@5|page", "hr@5|page-tail", "overlap", "hot", "related")
POINTS = [
    *((discount, penalty, 5) for penalty in (0.0, 0.25, 0.5) for discount in (0.0, 0.1, 0.2, 0.3)),
    *((discount, penalty, most) for discount, penalty in ((0.0, 0.0), (0.1, 0.25))
      for most in (4, 3, 2)),
]  # fmt: skip
"""Discount, penalty, max_hot."""


def main(every: str) -> None:
    """Replay EB-NeRD's last week once, with a system for each point on one course of the state."""
    site = read("examples/ebnerd.toml")
    now = site.views.newest + 1_000_000
    cadence = duration(every)
    stage, articles = set_stage(site, now)
    base = changed(site.config, ranking={"every": cadence})
    course = Course(stage, articles, base)
    systems = [
        Ymal(
            f"{discount:4} | {penalty:4} | {most}",
            course,
            changed(
                base, ranking={"discount": discount, "penalty": penalty}, lists={"max_hot": most}
            ),
        )
        for discount, penalty, most in POINTS
    ]
    report, _ = evaluate(site, now=now, every=[cadence], systems=systems)
    figures = {r["system"]: r["metrics"] for r in report.results}
    print("| discount | penalty | max_hot |", " | ".join(f"`{name}`" for name in SHOWN), "|")
    for system in systems:
        found = figures[system.name]
        print(f"| {system.name} |", " | ".join(f"{found[name]:.3f}" for name in SHOWN), "|")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "15m")
