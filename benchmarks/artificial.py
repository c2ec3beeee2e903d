"""Artificial versions: random lists and rankings, published without a training."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training import release
from training.config import Config
from training.production import block_plan
from training.storage import Contents
from training.strings import StringArray

RANKED = 100
"""Most articles in a ranking."""


def name(row: int) -> str:
    """Name an article; those of even rows have this id in every version that is published."""
    return f"a{row:07}"


def mark(number: int) -> str:
    """Return the mark that ends every text of a version."""
    return f"[v{number}]"


def publish(
    artifacts: Path,
    number: int = 0,
    *,
    articles: int,
    own: int = 20,
    sections: int = 4,
    targets: int | None = None,
    fields: Mapping[str, object] | None = None,
    state: Mapping[str, npt.NDArray[np.int64]] | None = None,
) -> str:
    """Publish a version that shows its number in every text; return the version's name.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory.
    number : int
        Seed of the lists. Every title and heading ends with its mark, and so does the id of every
        second article.
    articles, own, sections : int
        How many articles the version has, items each of them lists, and sections there are.
    targets : int, optional
        Lists and rankings hold the last `targets` articles; by default all.
    fields, state : mapping, optional
        Further fields of the version, and arrays of its state.
    """
    draw = np.random.default_rng(number)
    targets = targets or articles
    rows, last = np.arange(articles), np.arange(articles)[::-1][:targets]
    section = (rows % sections).astype(np.int32)
    ranked = {
        ranking: draw.permutation(last)[:RANKED].astype(np.int32)
        for ranking in ("popular", "latest", "weekly", "must_reads")
    }
    of_section = [last[section[last] == code][:RANKED] for code in range(sections)]
    section_ends = np.cumsum([0, *map(len, of_section)])
    section_rows = np.concatenate(of_section).astype(np.int32)
    steps = draw.integers(1, (targets - 1) // own + 1, (articles, own)).cumsum(axis=1)
    start = draw.integers(0, targets, articles)
    start[last] = np.arange(targets)  # lists of targets begin after themselves
    config = Config()
    version = Contents(
        {
            "reasons": ["readers", "text", "finished"],
            "fallback": config.lists.fallback,
            "page": [
                block_plan(block) | {"title": f"{block.title} {mark(number)}"}
                for block in config.page
            ],
            "why": {"text": f"On the same subject {mark(number)}"},
            "not_from": [],
            "apart": [],
            **(fields or {}),
        },
        {
            **release.lookup_arrays(
                ids=StringArray.of([name(row) + row % 2 * mark(number) for row in rows.tolist()]),
                titles=StringArray.of(
                    [f"Story {row}, as å site writes it {mark(number)}" for row in rows.tolist()]
                ),
                urls=StringArray.of(
                    [f"https://news.example/{row}/a-slug-of-some-words" for row in rows.tolist()]
                ),
                section_names=StringArray.of([f"section {code:03}" for code in range(sections)]),
                sections=section,
                published=1_600_000_000_000_000 + rows * 1_000_000,
                known=np.ones(articles, np.bool_),
            ),
            **ranked,
            "must_read_reasons": np.full(len(ranked["must_reads"]), 2, np.uint8),
            **dict.fromkeys(("section_ends", "section_latest_ends"), section_ends),
            **dict.fromkeys(("section_rows", "section_latest_rows"), section_rows),
            "events": rows.astype(np.int32),
            "list_ends": np.arange(0, own * articles + 1, own),
            "list_items": last[(start[:, None] + steps) % targets].astype(np.int32).ravel(),
            "list_scores": draw.random(own * articles, np.float32),
            "list_reasons": draw.integers(0, 2, own * articles).astype(np.uint8),
        },
    )
    publication = release.Publication(
        command="train",
        now=1_700_000_000_000_000 + number * 1_000_000,
        version=version,
        state=Contents({"number": number}, dict(state or {})),
        gate=None,  # each version has other articles, as no site has
    )
    return release.publish(artifacts, publication).name
