"""The notebook API of `training`: read a site, train on it, compare systems."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from training.config import Config, Settings, duration, load
from training.data import default_now, read_site
from training.records import Site
from training.texts import preload

if TYPE_CHECKING:
    from training.metrics.definitions import Metric
    from training.replay.systems import System
    from training.report.report import Report
    from training.run import Run


def read(
    config: Config | str | Path | None = None,
    *,
    articles: Sequence[str] = (),
    views: Sequence[str] = (),
) -> Site:
    """Read a site's files.

    Parameters
    ----------
    config : Config, str or Path, optional
        Settings, or the file that holds them; by default ./ymal.toml where it exists.
    articles, views : sequence of str, optional
        Files or globs; by default those of the config's `[paths]`.

    Returns
    -------
    Site

    Raises
    ------
    ConfigError, DataError, UsageError
        With one line that says where, what was found, and what to do.
    """
    if isinstance(config, Config):
        settings = Settings(config, Path())
    else:
        settings = load(None if config is None else Path(config))
    files = settings.articles(articles), settings.views(views)
    return read_site(settings.config, *files, key=b"", background=preload)


def train(site: Site, *, now: int | None = None, jobs: int = 1) -> "Run":
    """Train on a site; nothing is written.

    Parameters
    ----------
    site : Site
        As read; not modified.
    now : int, optional
        µs UTC: views at or after it are ignored; by default the newest view or publish time + 1 s.
    jobs : int
        Processor cores to use; the result does not depend on it.

    Returns
    -------
    Run
        State, lists and counts.
    """
    from training.pipeline import train  # slow to load: for those who train

    return train(site, default_now(site) if now is None else now, jobs=jobs)


def evaluate(
    site: Site,
    *,
    last: str = "7d",
    every: Sequence[str] = ("15m",),
    systems: Sequence["str | System"] = (),
    metrics: Mapping[str, "Metric"] = MappingProxyType({}),
    now: int | None = None,
    jobs: int = 1,
) -> "Report":
    """Replay production over a site's last days, and compare systems by what readers opened next.

    Parameters
    ----------
    site : Site
        As read; not modified.
    last : str
        How far back the tested transitions go, such as `"7d"`.
    every : sequence of str
        Refresh intervals, such as `"15m"`.
    systems : sequence of str or System
        Names; own systems (see `examples/own_system.py`); `Ymal` with another model or vectorizer,
        such as `Ymal("boosted", model=HistGradientBoostingClassifier())`. By default those that
        `ymal evaluate` compares.
    metrics : mapping of Metric, optional
        Own metrics by name (see the same example).
    now : int, optional
        µs UTC: the end of the test; by default the newest view or publish time + 1 s.
    jobs : int
        Processor cores to use; the figures do not depend on it.

    Returns
    -------
    Report
        `.table()`, `.frame()`, `.compare(a, b, every=…)`, `.misses(system)`, `.plot(name)`,
        `.as_json()`.

    Raises
    ------
    UsageError, DataError
        If a name or refresh interval is not valid, a metric's name is taken, or nothing can be
        tested.
    """
    from training.report.evaluate import DEFAULT, evaluate  # slow to load: for those who evaluate

    moment = default_now(site) if now is None else now
    intervals = [duration(text) for text in every]
    report, _ = evaluate(
        site,
        now=moment,
        last=duration(last),
        every=intervals,
        systems=systems or DEFAULT,
        metrics=metrics,
        jobs=jobs,
    )
    return report
