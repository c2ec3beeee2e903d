"""`refresh`: the newest views and articles taken in, beside making everything anew."""

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.speed import loop
from benchmarks.speed.carried import compare
from benchmarks.speed.process import ROOT
from benchmarks.speed.race import PEERS, Race, Side, run, script
from benchmarks.speed.report import Report, join_reports, of_race
from benchmarks.speed.sites import HERE, SplitSite, ebnerd, empty_folder, globo
from training.config import load

NAMES: Final = {"ebnerd": "EB-NeRD", "globo": "globo"}

DESCRIPTION: Final = (
    "*refresh {name}*: `ymal refresh` adds the newest 1 % of the views, and the articles that "
    "nobody had read before; `ymal train` trains anew on everything."
)


def report(rounds: int) -> Report:
    """Run the work on both sites."""
    with tempfile.TemporaryDirectory() as folder:
        clicks = globo(Path(folder))
        assert clicks.whole.views is not None
        refit = script(
            "implicit refit", PEERS, "benchmarks.peers.implicit_cosine", clicks.whole.views
        )
        return join_reports(
            [
                _raced(ebnerd(Path(folder)), [], rounds, Path(folder)),
                _raced(clicks, [refit], rounds, Path(folder)),
                loop.report(rounds),
            ]
        )


def _raced(cut: SplitSite, peers: list[Side], rounds: int, folder: Path) -> Report:
    ours = Side(
        "ymal refresh",
        lambda output: HERE.ymal("refresh", cut.name, cut.after, output),
        HERE.trained(cut, folder),
    )
    anew = Side(
        "ymal train", lambda output: HERE.ymal("train", cut.name, cut.whole, output), empty_folder
    )
    name = f"refresh {NAMES[cut.name]}"
    result = run(Race(name, ours, [anew, *peers]), rounds, folder / cut.name)
    config = load(ROOT / "examples" / f"{cut.name}.toml").config
    exact, shared = compare(result.output(ours), result.output(anew), config)
    checks = {
        ours.name: f"recall {exact:.3f} of the strongest pairs of {anew.name}; the lists of "
        f"recently read articles share {shared:.3f} with those of the new model"
    }
    return of_race(result, exact, checks, DESCRIPTION.format(name=NAMES[cut.name]))
