"""What every page of a site must be, whatever the site."""

import json
from pathlib import Path

import numpy as np

from recommender import Recommender
from recommender.artifact import open_version

SLOTS = {"latest": 6, "weekly": 12, "related": 5, "popular": 5, "must_reads": 5}


def check_full(artifacts: Path, pages: int = 1000) -> None:
    """All slots filled, no story twice, the source nowhere, no two of an event in a block."""
    snapshot = Recommender.open(artifacts).snapshot()
    version = open_version(artifacts / "versions" / snapshot.version)
    event = {version.ids[row]: version.events[row] for row in range(len(version.ids))}
    known = sorted(snapshot.ids())
    for source in known[:: max(len(known) // pages, 1)]:
        page = snapshot.page(source)
        assert {block.key: len(block.items) for block in page.blocks} == SLOTS, source
        stories = [story.id for block in page.blocks for story in block.items]
        assert len({source, *stories}) == len(stories) + 1, source
        for block in page.blocks:
            assert len({event[story.id] for story in block.items}) == len(block.items), source


def withdraw(artifacts: Path, share: float) -> None:
    """Withdraw a share of the catalogue."""
    known = sorted(Recommender.open(artifacts).snapshot().ids())
    gone = np.random.default_rng(0).choice(known, int(share * len(known)), replace=False)
    entries = [
        {"id": f"o{n}", "action": "withdraw", "story": str(article)}
        for n, article in enumerate(gone)
    ]
    text = json.dumps({"format": 1, "overrides": entries})
    (artifacts / "overrides.json").write_text(text)
