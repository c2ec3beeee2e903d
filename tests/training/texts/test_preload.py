"""`preload` loads every kernel that vectorising and searching call."""

import sys

from tests.processes import run_program

WHAT_IS_LOADED = """
import numpy as np
from training.records import Articles
from training.config import TextsConfig
from training import kernels
from training.texts import learn, neighbours, preload

def loaded():
    modules = vars(kernels.terms), vars(kernels.words), vars(kernels.neighbours)
    return {name: tuple(map(str, made.signatures))
            for module in modules for name, made in module.items() if hasattr(made, "signatures")}

assert not any(loaded().values())
with preload():
    pass
before = loaded()
title = ["the river rose over its banks " * n for n in range(1, 90)] + ["Schneefall über Zürich"]
ids = [str(n) for n in range(len(title))]
articles = Articles(**{**vars(Articles.with_ids(ids)), "title": title})
texts = learn(articles, np.arange(len(ids), dtype=np.int32), len(ids), TextsConfig(), 2)
neighbours(texts.vectors, 21, jobs=2)
assert loaded() == before, (loaded(), before)
used = "split_words", "expand", "sum_by_term", "heaviest", "self_join"
assert all(before[name] for name in used)
"""


def test_no_kernel_is_compiled_or_loaded_after_preload() -> None:
    done = run_program([sys.executable, "-c", WHAT_IS_LOADED])
    assert done.returncode == 0, done.stderr
