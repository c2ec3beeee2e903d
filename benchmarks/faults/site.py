"""Small sites for the faults: one simulated and trained, one whose texts name their version."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.faults.portions import YMAL, run_command
from recommender import Recommender
from recommender.overrides import FILE, Override, dump
from training import release
from training.config import Config
from training.production import block_plan
from training.simulate import simulate
from training.storage import Contents
from training.strings import StringArray

EARLIER: Final = "2026-05-31T20:00:00Z"
"""When the first version of the simulated site is trained."""


@contextmanager
def workspace() -> Iterator[Path]:
    """Make a temporary folder, in memory if the system has `/dev/shm`."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder's name is made up by the system
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def trained(folder: Path) -> Path:
    """Simulate a site of a hundred articles, train it twice, and return its artifacts directory.

    Beside the two versions stand overrides of every kind, and the last good ones.
    """
    simulate(folder, articles=100, days=3, readers=200)
    for now in (["--now", EARLIER], []):
        done = run_command(
            [str(YMAL), "train", "--config", str(folder / "ymal.toml"), "--quiet", *now]
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
    artifacts = folder / "artifacts"
    ids = sorted(Recommender.open(artifacts).snapshot().ids())
    overrides = [
        Override("o1", "ban", ids[0]),
        Override("o2", "ban", ids[1], block="popular", section="sport"),
        Override("o3", "withdraw", ids[2]),
        Override("o4", "pin", ids[3], slot=2, who="ada", why="for ever"),
        Override("o5", "pin", ids[4], block="must_reads", slot=1, article=ids[5]),
    ]
    (artifacts / FILE).write_bytes(dump(overrides))
    Recommender.open(artifacts)  # keeps them as the last good ones
    return artifacts


def publish(
    artifacts: Path, number: int, *, articles: int, own: int = 20, sections: int = 4
) -> str:
    """Publish a version that shows its number in every text; return the version's name.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory.
    number : int
        Which version it is: every title and heading ends with it, so does the id of every second
        article, and each ranks anew.
    articles, own, sections : int
        How many articles it has, items each of them lists, and sections there are.
    """
    draw = np.random.default_rng(number)
    rows = np.arange(articles)
    section = rows % sections
    ranked = {
        name: draw.permutation(articles)[:100].astype(np.int32)
        for name in ("popular", "latest", "weekly", "must_reads")
    }
    ordered = np.argsort(section, kind="stable").astype(np.int32)
    ends = np.searchsorted(section[ordered], np.arange(sections + 1))
    config = Config()
    steps = draw.integers(1, (articles - 1) // own + 1, (articles, own)).cumsum(axis=1)
    done = release.publish(
        artifacts,
        release.Publication(
            command="train",
            now=1_700_000_000_000_000 + number * 1_000_000,
            version=Contents(
                {
                    "reasons": ["readers", "text", "finished"],
                    "fallback": config.lists.fallback,
                    "page": [
                        block_plan(block) | {"title": f"{block.title} {marked(number)}"}
                        for block in config.page
                    ],
                    "why": {"text": f"On the same subject {marked(number)}"},
                    "not_from": [],
                    "apart": [],
                },
                {
                    **release.lookup_arrays(
                        ids=StringArray.of(
                            [name(row) + row % 2 * marked(number) for row in range(articles)]
                        ),
                        titles=StringArray.of(
                            [f"Story {row} {marked(number)}" for row in range(articles)]
                        ),
                        urls=StringArray.of(
                            [f"https://news.example/{row}" for row in range(articles)]
                        ),
                        section_names=StringArray.of(
                            [f"section {at:03}" for at in range(sections)]
                        ),
                        sections=section.astype(np.int32),
                        published=1_600_000_000_000_000 + rows * 1_000_000,
                        known=np.ones(articles, np.bool_),
                    ),
                    **ranked,
                    "must_read_reasons": np.full(len(ranked["must_reads"]), 2, np.uint8),
                    "section_ends": ends,
                    "section_rows": ordered,
                    "section_latest_ends": ends,
                    "section_latest_rows": ordered,
                    "events": rows.astype(np.int32),
                    "list_ends": np.arange(0, own * articles + 1, own),
                    "list_items": ((rows[:, None] + steps) % articles).astype(np.int32).ravel(),
                    "list_scores": draw.random(own * articles, np.float32),
                    "list_reasons": draw.integers(0, 2, own * articles).astype(np.uint8),
                },
            ),
            state=Contents({"number": number}, {}),
            gate=None,  # each has other articles, as no site has
        ),
    )
    return done.name


def name(row: int) -> str:
    """Name an article; those of even rows have this id in every version that is published."""
    return f"a{row:07}"


def marked(number: int) -> str:
    """Return the mark of a version that every text it shows ends with."""
    return f"[v{number}]"
