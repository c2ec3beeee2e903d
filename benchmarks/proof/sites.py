"""The sites and refresh intervals of the comparison with peers, and what every peer is given."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.speed.process import ROOT
from training import read
from training.cli.times import read_moment
from training.config import duration
from training.data import default_now
from training.records import Site
from training.replay.loop import ReplayPeriod
from training.replay.systems import ReplayInputs
from training.report.evaluate import TUNING_PERIOD


@dataclass(frozen=True)
class ProofSite:
    """A site as it is replayed.

    Attributes
    ----------
    name : also of its config in `examples`.
    last : how far back the tested transitions go.
    every : refresh intervals, in the order in which they are run.
    now : where the test ends; where there is none, after the newest view.
    texts, sections : whether its articles have them.
    trials : settings that each peer may try here, at most.
    tuned : refresh interval → the one at which settings are tried for it; by default itself.
    """

    name: str
    last: str
    every: tuple[str, ...]
    now: str = ""
    texts: bool = True
    sections: bool = True
    trials: int = 12
    tuned: Mapping[str, str] = field(hash=False, default_factory=dict)


PROOF_SITES: Final = {
    site.name: site
    for site in (
        ProofSite("ebnerd", "7d", ("1h", "6h", "15m"), tuned={"15m": "1h"}),
        ProofSite(
            "globo", "3d", ("6h",), "2017-10-17T00:00:00Z", texts=False, sections=False, trials=6
        ),
    )
}


class PreparedSite:
    """A site that was read, the period to test and the days before it, and its articles as files.

    Attributes
    ----------
    proof_site : what it is.
    last : µs that are tested.
    folder : `known.npy`, `section.npy` and `texts.jsonl` for the workers.
    """

    def __init__(self, proof_site: ProofSite, last: str, folder: Path) -> None:
        self.proof_site, self.last, self.folder = proof_site, duration(last), folder
        self.site: Site = read(ROOT / "examples" / f"{proof_site.name}.toml")
        self.now = read_moment(proof_site.now) if proof_site.now else default_now(self.site)
        self.inputs = ReplayInputs.of(self.site, self.now)
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "known.npy", self.inputs.known)
        np.save(folder / "section.npy", self.inputs.catalogue.section)
        with (folder / "texts.jsonl").open("w", encoding="utf-8") as lines:
            articles = self.inputs.site.articles
            for title, body in zip(articles.title, articles.body, strict=True):
                print(json.dumps(f"{title}\n{body}"), file=lines)

    @cached_property
    def test(self) -> ReplayPeriod:
        """What is tested."""
        return ReplayPeriod.of(self.inputs, self.now - self.last, self.now)

    @cached_property
    def before(self) -> ReplayPeriod:
        """The days before the test, on which settings are chosen."""
        start = self.now - self.last
        return ReplayPeriod.of(self.inputs, start - TUNING_PERIOD, start)
