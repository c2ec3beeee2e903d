"""Texts to their nearest, by the trainer's own reader, vectors and neighbours."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.speed.exact import Similarity, product
from benchmarks.speed.lists import NEAREST, Lists, less_itself
from benchmarks.speed.process import ROOT, THREADS
from benchmarks.speed.side import Clock
from training import Site, read
from training.texts import learn, neighbours
from training.texts.terms import Vectors


def sides(config: str) -> tuple[Callable[[Path, Clock], Lists], Callable[[Path], Similarity]]:
    """Return functions that make lists under an example's config, and compare its texts."""
    return partial(_lists, config), partial(_similarity, config)


def _site(config: str, path: Path) -> Site:
    return read(ROOT / "examples" / f"{config}.toml", articles=[str(path)])


def _vectors(site: Site) -> Vectors:
    """Vectorize all articles, without the collapse of near-duplicates."""
    n = len(site.articles)
    config = site.config.texts.model_copy(update={"near_identical": 0.0})
    return learn(site.articles, np.arange(n, dtype=np.int32), n, config, THREADS).vectors


def _lists(config: str, path: Path, clock: Clock) -> Lists:
    with clock("read"):
        site = _site(config, path)
    with clock("vectors"):
        vectors = _vectors(site)
    with clock("neighbours"):
        return less_itself(*neighbours(vectors, NEAREST + 1, jobs=THREADS))


def _similarity(config: str, path: Path) -> Similarity:
    return product(_vectors(_site(config, path)))
