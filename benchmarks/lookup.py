"""Cost of a page view: lookups in a version of a million articles with a thousand bans.

    python -m benchmarks.lookup DIR [ARTICLES [TARGETS]]

writes an artificial version into DIR once (about a gigabyte for a million), and measures it in its
own process: medians over random articles, each requested once. Lists are random too, of the last
10,000 articles: a site recommends stories of a month at most (`lists.max_age`), which is more than
300 a day. With as many TARGETS as ARTICLES, nothing is in a cache. `benchmarks.lookup_peers`
compares the lookup with a dict, SQLite and Redis.
"""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from recommender import Recommender
from recommender.overrides import Override, dump
from training import release
from training.config import Config
from training.production import block_plan
from training.storage import Contents
from training.strings import StringArray

SECTIONS, ITEMS, RANKED = 40, 20, 100
ASKED, OPENED = 20_000, 9


def name(row: int) -> str:
    """Return the id of an article."""
    return str(9_000_000 + 3 * row)


def write(folder: Path, count: int, targets: int) -> None:
    """Publish a version with random lists and rankings of the last `targets` articles."""
    draw = np.random.default_rng(1)
    rows = range(count)
    articles = release.lookup_arrays(
        ids=StringArray.of([name(row) for row in rows]),
        titles=StringArray.of(
            [f"Title of article number {row}, as å site writes it" for row in rows]
        ),
        urls=StringArray.of([f"https://news.example/{row}/a-slug-of-some-words" for row in rows]),
        section_names=StringArray.of([f"section-{number:02d}" for number in range(SECTIONS)]),
        sections=draw.integers(-1, SECTIONS, count).astype(np.int32),
        published=draw.integers(1_600_000_000_000_000, 1_700_000_000_000_000, count),
        known=np.ones(count, np.bool_),
    )
    ends = np.arange(0, SECTIONS * RANKED + 1, RANKED)
    ranked = {
        ranking: (count - 1 - draw.permutation(targets)[:RANKED]).astype(np.int32)
        for ranking in ("popular", "latest", "weekly", "must_reads")
    }
    of_section = {
        f"{ranking}_rows": draw.integers(count - targets, count, SECTIONS * RANKED).astype(np.int32)
        for ranking in ("section", "section_latest")
    }
    steps = draw.integers(1, targets // ITEMS, (count, ITEMS)).cumsum(axis=1)
    start = draw.integers(0, targets, count)
    start[-targets:] = np.arange(targets)[
        ::-1
    ]  # start after itself, so that no article lists itself
    items = count - 1 - (start[:, None] + steps) % targets
    config = Config()
    release.publish(
        folder,
        release.Publication(
            command="train",
            now=1_700_000_000_000_000,
            version=Contents(
                {
                    "reasons": ["readers", "text", "finished"],
                    "fallback": config.lists.fallback,
                    "page": [block_plan(block) for block in config.page],
                    "why": config.why.model_dump(),
                    "not_from": [],
                    "apart": [],
                },
                {
                    **articles,
                    **ranked,
                    **of_section,
                    "section_ends": ends,
                    "section_latest_ends": ends,
                    "must_read_reasons": np.full(RANKED, 2, np.uint8),
                    "events": np.arange(count, dtype=np.int32),
                    "list_ends": np.arange(0, ITEMS * count + 1, ITEMS),
                    "list_items": items.ravel().astype(np.int32),
                    "list_scores": draw.random(ITEMS * count).astype(np.float32),
                    "list_reasons": draw.integers(0, 2, ITEMS * count).astype(np.uint8),
                },
            ),
            state=Contents({}, {}),
        ),
    )
    bans = [Override(f"o{n}", "ban", name(7 * n % count)) for n in range(1000)]
    (folder / "overrides.json").write_bytes(dump(bans))


def measure(folder: Path, count: int) -> None:
    """Print what opening and each call cost."""
    opening = []
    for _ in range(OPENED):
        begun = time.perf_counter()
        recommender = Recommender.open(folder)
        opening.append(1e3 * (time.perf_counter() - begun))
    print(f"open: median {statistics.median(opening):.1f} ms, 1,000 bans read and checked")
    random.seed(2)
    asked = [name(random.randrange(count)) for _ in range(ASKED)]  # noqa: S311
    calls: dict[str, Callable[[str], object]] = {
        "related_ids(id, 5)": recommender.related_ids,
        "related(id, 5)": recommender.related,
        "page(id)": recommender.page,
        "next_for(10 stories)": lambda article: recommender.next_for([*asked[:9], article]),
    }
    for what, call in calls.items():
        times = []
        for article in asked:
            begun_ns = time.perf_counter_ns()
            call(article)
            times.append((time.perf_counter_ns() - begun_ns) / 1e3)
        times.sort()
        print(
            f"{what}: median {statistics.median(times):.1f} µs, p99 {times[-ASKED // 100]:.1f} µs"
        )


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    given = sys.argv[2:4]
    articles, recent = map(int, [*given, *("1000000", "10000")[len(given) :]])
    if (directory / "current").exists():
        measure(directory, articles)
    else:
        write(directory, articles, recent)
        subprocess.run([sys.executable, "-m", "benchmarks.lookup", *sys.argv[1:]], check=True)
