"""`refresh`: the newest views and articles taken in, beside making everything anew."""

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.speed.race import PEERS, Race, Side, run, script
from benchmarks.speed.report import Report, joined, of_race
from benchmarks.speed.sites import HERE, Cut, ebnerd, emptied, globo
from recommender import Recommender

ITEMS: Final = 20

NAMES: Final = {"ebnerd": "EB-NeRD", "globo": "globo"}

TOLD: Final = (
    "*refresh {name}*: the newest 1 % of the views, and the articles that nobody had read before, "
    "taken in by `ymal refresh`, beside training on everything anew."
)


def report(rounds: int) -> Report:
    """Run the work on both sites."""
    with tempfile.TemporaryDirectory() as folder:
        clicks = globo(Path(folder))
        assert clicks.whole.views is not None
        refit = script(
            "implicit refit", PEERS, "benchmarks.peers.implicit_cosine", clicks.whole.views
        )
        return joined(
            [
                _raced(ebnerd(Path(folder)), [], rounds, Path(folder)),
                _raced(clicks, [refit], rounds, Path(folder)),
            ]
        )


def _raced(cut: Cut, peers: list[Side], rounds: int, folder: Path) -> Report:
    ours = Side(
        "ymal refresh",
        lambda output: HERE.ymal("refresh", cut.name, cut.after, output),
        HERE.trained(cut, folder),
    )
    anew = Side(
        "ymal train", lambda output: HERE.ymal("train", cut.name, cut.whole, output), emptied
    )
    name = f"refresh {NAMES[cut.name]}"
    result = run(Race(name, ours, [anew, *peers]), rounds, folder / cut.name)
    same = _agreement(result.output(ours), result.output(anew))
    checks = {ours.name: f"its lists hold {same:.3f} of the items of those made anew"}
    return of_race(result, same, checks, TOLD.format(name=NAMES[cut.name]))


def _agreement(refreshed: Path, trained: Path) -> float:
    """Give the share of the own items made anew that stand in the refreshed lists as well."""
    some, others = Recommender.open(refreshed), Recommender.open(trained)
    same = total = 0
    for article in others.snapshot().ids():
        anew = _own(others, article)
        same, total = same + len(anew & _own(some, article)), total + len(anew)
    return same / total


def _own(served: Recommender, article: str) -> set[str]:
    """Give the ids of an article's own items; what has no score comes from the rankings."""
    found = served.related(article, ITEMS)
    return {story.id for story in found if story.score is not None}
