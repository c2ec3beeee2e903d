"""Loading the compiled code of texts while the data is read."""

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
def preload() -> Iterator[None]:
    """Load the kernels of `learn` and `neighbours` on another thread while the block runs.

    It takes half a second in a new process. An error is raised again where a kernel is called.
    """
    thread = threading.Thread(target=_load)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _load() -> None:
    """Vectorise two short texts, one of them in an inflected language."""
    articles = replace(Articles.with_ids(["1", "2"]), title=["regn og snø", "rain and snow"])
    with suppress(Exception):
        texts = learn(articles, np.arange(2, dtype=np.int32), 2, TextsConfig(), 2)
        neighbours(texts.vectors, 2, jobs=2)
