"""The loop: simulated readers click on the lists, which are then made of those clicks.

Day by day, for a month, lists are trained at midnight and refreshed every six hours; readers look
at them, click by interest and by position, or go on by themselves; and what they opened is what the
next lists are made of. Once for each `readers.block_discount`:

    .venv/bin/python -m benchmarks.feedback --discounts 0,0.5,1 --seeds 1,2 --readers-are eager
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np

from training.config import BLOCKS, Config
from training.pipeline import refresh, train
from training.records import NEVER, Articles, Bool, Int64, Site, Traffic, ViewTable
from training.run import Run
from training.simulate.clicking import ATTENTION, Attention, Clicking, interest
from training.simulate.files import article_id, article_of
from training.simulate.grammar import load_grammar
from training.simulate.newsroom import SECONDS_OF_DAY, SECONDS_OF_HOUR, Coverage, plan_coverage
from training.simulate.reading import HABITS, Readers, invite_readers, read_stretch
from training.simulate.shelves import NOTHING, Shelves
from training.simulate.visits import Visits
from training.simulate.writing import write_texts

START = 20_000 * SECONDS_OF_DAY
WARMUP = 4
"""Days that readers read by themselves, before there are lists."""

STRETCH = 6 * SECONDS_OF_HOUR
SLOTS = 5
"""Of each of the two blocks that pages show: related, then popular."""

LATE = 10
"""Days at the end of the month over which figures are taken."""

CODES = [list(BLOCKS).index(key) for key in ("related", "popular")]


@dataclass(frozen=True)
class World:
    """What is the same whatever lists show: articles, readers, and the seed of what they do."""

    coverage: Coverage
    articles: Articles
    readers: Readers
    attention: Attention
    seed: int

    @classmethod
    def of(cls, articles: int, readers: int, days: int, seed: int, attention: Attention) -> "World":
        """Make up a site of some articles that come out over the warm-up and the days after."""
        rng, grammar = np.random.default_rng(seed), load_grammar()
        weights = [section.weight for section in grammar.sections]
        kinds = [len(section.kinds) for section in grammar.sections]
        end = START + (WARMUP + days) * SECONDS_OF_DAY
        coverage = plan_coverage(rng, articles, START, end, weights, kinds)
        names = [section.name for section in grammar.sections]
        texts = dict(write_texts(rng, grammar, coverage))
        told = [article_of(row, texts[row], names[coverage.section[row]]) for row in sorted(texts)]
        blank, n = [""] * articles, len(told)
        words = {name: [article[name] for article in told] for name in ("title", "body", "section")}
        return cls(
            coverage,
            Articles(
                id=[article_id(row) for row in range(n)],  # ascending as they are published
                **words,
                tags=["\n".join(article["tags"]) for article in told],
                url=[article["url"] for article in told],
                language=blank,
                extra=blank,
                published=coverage.published * 1_000_000,
                flags=np.zeros(n, np.uint8),
            ),
            invite_readers(rng, readers, weights),
            attention,
            seed,
        )


@dataclass
class Day:
    """What a day showed, and what came of it; articles are rows."""

    impressions: Int64
    read: Bool
    interest: list[float] = field(default_factory=list)
    views: int = 0
    own: int = 0
    related: int = 0
    asked: int = 0
    hits: int = 0

    def figures(self, eligible: Bool) -> dict[str, float]:
        """Give the day's figures over what was eligible at its end."""
        shown = self.impressions[eligible]
        return {
            "shown": float((shown > 0).mean()),
            "read": float(self.read[eligible].mean()),
            "gini": gini(shown),
            "ctr": self.related / max(int(self.impressions.sum()), 1),
            "by blocks": self.own / max(self.views, 1),
            "hit rate": self.hits / max(self.asked, 1),
            "interest": float(np.mean(self.interest)) if self.interest else 0.0,
        }


def gini(counts: Int64) -> float:
    """Gini coefficient: 0 where all have as much, near 1 where one has all.

    Examples
    --------
    >>> gini(np.array([2, 2, 2])), gini(np.array([0, 0, 0, 8]))
    (0.0, 0.75)
    """
    ordered = np.sort(counts)
    n, whole = len(ordered), int(ordered.sum())
    if not whole:
        return 0.0
    return float(2 * (np.arange(1, n + 1) * ordered).sum() / (n * whole) - (n + 1) / n)


def loop(world: World, days: int, discount: float) -> Iterator[dict[str, float]]:
    """Play some days and give the figures of each.

    The same world and discount give the same figures.
    """
    config = Config(
        readers={"block_discount": discount}, lists={"max_age": "7d"}, ranking={"every": "6h"}
    )
    coverage, shelves = world.coverage, Shelves(world.coverage)
    rng = np.random.default_rng([world.seed, 1])
    log = Log()
    nothing = np.full((len(coverage), 2 * SLOTS), NOTHING)
    run: Run | None = None
    for day in range(START, START + (WARMUP + days) * SECONDS_OF_DAY, SECONDS_OF_DAY):
        seen = Day(np.zeros(len(coverage), np.int64), np.zeros(len(coverage), np.bool_))
        warm = day < START + WARMUP * SECONDS_OF_DAY
        for start in range(day, day + SECONDS_OF_DAY, STRETCH):
            if not warm:
                site, now = log.site(world, config), start * 1_000_000
                renewed = run is None or start == day
                run = (
                    train(site, now)
                    if renewed
                    else refresh(site, run.state, run.recommendations, now)
                )
            pages = nothing if run is None else pages_of(run)
            clicking = Clicking(rng, coverage, world.readers, world.attention, pages)
            stretch = start, start + STRETCH
            visits = read_stretch(rng, shelves, world.readers, HABITS["usual"], *stretch, clicking)
            log.add(visits)
            note(seen, world, visits, pages)
        if not warm:
            end = day + SECONDS_OF_DAY
            age = end - coverage.published
            yield seen.figures((age > 0) & (age <= 7 * SECONDS_OF_DAY))


def pages_of(run: Run) -> Int64:
    """Give what the page of each article shows, int64[n, 10]: five related, then the five hottest.

    As on the page, the hottest have theirs first, and what follows them fills a short list.
    """
    lists, popular = run.recommendations.lists, run.recommendations.rankings.popular.tolist()
    hot = popular[:SLOTS]
    pages = np.full((len(lists.ends) - 1, 2 * SLOTS), NOTHING)
    for source in range(len(pages)):
        own = lists.items[lists.ends[source] : lists.ends[source + 1]].tolist()
        above = [row for row in hot if row != source]
        rest = dict.fromkeys(row for row in (*own, *popular) if row not in (*above, source))
        related = list(rest)[:SLOTS]
        pages[source, : len(related)] = related
        pages[source, SLOTS : SLOTS + len(above)] = above
    return pages


def note(day: Day, world: World, visits: Visits, pages: Int64) -> None:
    """Enter a stretch: what its pages showed, what was opened, and how well that was foreseen."""
    related = pages[:, :SLOTS]
    shown = related[visits.article]
    there = shown != NOTHING
    np.add.at(day.impressions, shown[there], 1)
    day.read[visits.article] = True
    day.views += len(visits)
    day.own += int((visits.slot > 0).sum())
    day.related += int(((visits.slot > 0) & (visits.slot <= SLOTS)).sum())
    taste = world.readers.taste[visits.reader]
    true = interest(world.coverage, taste, visits.article, shown, visits.time, world.attention)
    day.interest += true[there].tolist()
    order = np.lexsort((visits.time, visits.reader))
    here, then = order[:-1], order[1:]
    soon = (visits.reader[here] == visits.reader[then]) & (
        visits.time[then] - visits.time[here] <= SECONDS_OF_HOUR // 2
    )
    moved = visits.article[here] != visits.article[then]
    alone = soon & moved & (visits.slot[then] == 0) & there[here].any(axis=1)
    day.asked += int(alone.sum())
    found = related[visits.article[here]] == visits.article[then][:, None]
    day.hits += int((found.any(axis=1) & alone).sum())


class Log:
    """The site's log of views, as it grows."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._connection.execute(
            "CREATE TABLE views (time BIGINT, reader BIGINT, session BIGINT, article INTEGER, "
            "read_time INTEGER, block INTEGER, slot INTEGER, version INTEGER)"
        )
        self._count = 0

    def add(self, visits: Visits) -> None:
        """Add what was read."""
        place = visits.slot - 1
        columns: Mapping[str, Int64] = {
            "time": visits.time * 1_000_000,
            "reader": visits.reader,
            "article": visits.article,
            "read_time": visits.read_time,
            "block": np.where(place < 0, -1, np.asarray(CODES)[np.maximum(place, 0) // SLOTS]),
            "slot": np.where(place < 0, -1, place % SLOTS + 1),
        }
        self._connection.register("added", dict(columns))
        self._connection.execute(
            "INSERT INTO views SELECT time, reader, 0, article, max(read_time), max(block), "
            "max(slot), -1 FROM added GROUP BY ALL"
        )
        self._count += len(visits)

    def site(self, world: World, config: Config) -> Site:
        """Give the site as its files would tell of it by now."""
        first, last = self._connection.sql(
            f"SELECT coalesce(min(time), {NEVER}), coalesce(max(time), -1) FROM views"
        ).fetchall()[0]
        views = ViewTable(self._connection, "views", self._count, first, last)
        read = {"articles": len(world.articles), "views": self._count}
        return Site(config, world.articles.id, world.articles, views, read, Traffic.empty())


def mean(days: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Average the figures of some days."""
    return {name: float(np.mean([day[name] for day in days])) for name in days[0]}


def main() -> None:
    """Play the loop for each discount and seed, and print a line for each discount."""
    parser = argparse.ArgumentParser(description="Lists that are made of the clicks on them.")
    parser.add_argument("--discounts", default="0,0.5,0.8,1")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--articles", type=int, default=1500)
    parser.add_argument("--readers", type=int, default=2000)
    parser.add_argument("--readers-are", choices=ATTENTION, default="usual")
    asked = parser.parse_args()
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    total = asked.days + WARMUP
    attention = ATTENTION[asked.readers_are]
    worlds = [
        World.of(asked.articles, asked.readers, asked.days, seed, attention) for seed in seeds
    ]
    heading: Sequence[str] = ()
    for discount in map(float, asked.discounts.split(",")):
        found: list[dict[str, float]] = []
        for world in worlds:
            days = []
            for number, figures in enumerate(loop(world, asked.days, discount), WARMUP + 1):
                sys.stderr.write(f"\rdiscount {discount:g}, seed {world.seed}: {number}/{total}")
                days.append(figures)
            found.append(mean(days[-LATE:]))
        if not heading:
            heading = list(found[0])
            print("| `block_discount` |", " | ".join(heading), "|", flush=True)
        cells = (" / ".join(f"{figures[name]:.3f}" for figures in found) for name in heading)
        sys.stderr.write("\n")
        print(f"| {discount:g} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
