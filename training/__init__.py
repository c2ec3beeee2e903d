"""The trainer of `ymal`, and its notebook API: `read` a site, `train` on it, look at its lists.

from training import read, train
run = train(read("ymal.toml"))
run.lists["9737535"]
"""

from collections.abc import Sequence
from pathlib import Path

from training.config import Config, Settings, load
from training.data import default_now, read_site
from training.pipeline import Run
from training.pipeline import train as _train
from training.records import Site

__all__ = ["Config", "Run", "Site", "read", "train"]


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
    return read_site(settings.config, settings.articles(articles), settings.views(views), key=b"")


def train(site: Site, *, now: int | None = None, jobs: int = 1) -> Run:
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
    return _train(site, default_now(site) if now is None else now, jobs=jobs)
