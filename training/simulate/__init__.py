"""Simulate a news site and its readers: test data of any size, from a seed, with known truth."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from training.errors import OutputError, UsageError
from training.records import quantity
from training.simulate.articles import write_texts
from training.simulate.browsing import HABITS, draw_readers, simulate_views
from training.simulate.grammar import load_grammar
from training.simulate.newsroom import SECONDS_OF_DAY, plan_coverage
from training.simulate.parquet_folders import ParquetFolders
from training.simulate.text_files import TextFiles, write_config

__all__ = ["SimulatedSite", "simulate"]

_END: Final = 1_780_293_600_000_000
"""2026-06-01T06:00:00Z, in µs since 1970: early morning, when a site refreshes its lists."""

_AS_TEXT: Final = 100_000
"""Maximum number of articles written as text: they are sorted by publish time in memory."""

_BOUNDS: Final = {
    "articles": (100, 1_000_000),
    "days": (1, 365),
    "readers": (10, 1_000_000),
    "seed": (0, 2**63 - 1),
}


@dataclass(frozen=True)
class SimulatedSite:
    """The directory of a simulated site, and its numbers of articles, views and events."""

    out: Path
    articles: int
    views: int
    events: int


def simulate(
    out: Path,
    *,
    articles: int = 2000,
    days: int = 14,
    readers: int = 3000,
    seed: int = 1,
    habits: str = "usual",
    end: int = _END,
    parquet: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> SimulatedSite:
    """Write articles, views, truth and `ymal.toml` of an invented news site.

    The files are `articles.jsonl`, `views.csv` and `truth.json`, or folders of Parquet files with
    one file of views per day. Parquet is written while the site is generated, so memory grows with
    the numbers of articles and readers only. The same arguments give the same bytes.

    Parameters
    ----------
    out : directory, created if missing; existing files of these names are replaced.
    articles : number of articles, 100 to 1,000,000; above 100,000 only as Parquet.
    days : length of the history in days before `end`, 1 to 365.
    readers : number of readers with robots, 10 to 1,000,000; about ten views each in 14 days.
    seed : seed of all random draws, at least 0.
    habits : name of the readers' habits, a key of `browsing.HABITS`.
    end : µs since 1970, UTC; all articles and views are before it.
    parquet : whether to write Parquet instead of text.
    progress : called with a line at the start of each stage.

    Returns
    -------
    SimulatedSite
        The directory and the counts.

    Raises
    ------
    UsageError
        If a number is out of bounds, or there are no habits of this name.
    OutputError
        If the directory or a file cannot be written.
    """
    _check(articles=articles, days=days, readers=readers, seed=seed)
    if habits not in HABITS:
        raise UsageError(f"habits: {habits} is unknown; choose one of {', '.join(HABITS)}")
    if articles > _AS_TEXT and not parquet:
        raise UsageError(f"articles: more than {_AS_TEXT:,} need Parquet; add --parquet")
    rng = np.random.default_rng(seed)
    grammar = load_grammar()
    sections = [section.name for section in grammar.sections]
    weights = [section.weight for section in grammar.sections]
    kinds = [len(section.kinds) for section in grammar.sections]
    last = end // 1_000_000
    first = last - days * SECONDS_OF_DAY

    try:
        out.mkdir(parents=True, exist_ok=True)
        files = ParquetFolders(out) if parquet else TextFiles(out)
        coverage = plan_coverage(rng, articles, first, last, weights, kinds)
        progress(f"writing {quantity(articles, 'article')}")
        files.articles(coverage, sections, write_texts(rng, grammar, coverage))
        progress(f"simulating {quantity(readers, 'reader')} day by day")
        public = draw_readers(rng, readers, weights)
        views = files.views(simulate_views(rng, coverage, public, HABITS[habits], first, last))
        progress("writing the truth and ymal.toml")
        files.truth(coverage, sections, public)
        write_config(out / "ymal.toml", files.names)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"{out}: cannot be written ({reason}); name another folder") from error
    return SimulatedSite(out, articles, views, coverage.events)


def _check(**numbers: int) -> None:
    for name, number in numbers.items():
        low, high = _BOUNDS[name]
        if not low <= number <= high:
            raise UsageError(f"{name}: {number:,} is out of bounds; give {low:,} to {high:,}")
