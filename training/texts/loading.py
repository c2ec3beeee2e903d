"""The compiled code of texts, loaded while something else is waited for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import numpy as np

from training.config import TextsConfig
from training.records import Articles
from training.texts.neighbours import neighbours
from training.texts.vectors import learn


@contextmanager
def loading() -> Iterator[None]:
    """Load what `learn` and `neighbours` compute with on another thread, while the block runs.

    That takes half a second in a new process, and next to none in one that has loaded it. Where it
    fails, whoever needs it will fail alike.
    """
    beside = threading.Thread(target=_load)
    beside.start()
    try:
        yield
    finally:
        beside.join()


def _load() -> None:
    """Put two short texts through it, one of which bends its words."""
    articles = replace(Articles.with_ids(["1", "2"]), title=["regn og snø", "rain and snow"])
    with suppress(Exception):
        texts = learn(articles, np.arange(2, dtype=np.int32), 2, TextsConfig(), 2)
        neighbours(texts.vectors, 2, jobs=2)
