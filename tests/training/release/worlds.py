"""Versions of three articles, published."""

from pathlib import Path
from typing import Any

import numpy as np

from recommender import Recommender
from training import release
from training.records import NEVER
from training.storage import Contents
from training.strings import StringArray

NOW = 1_685_602_800_000_000  # 2023-06-01 07:00 UTC


def version_arrays(title: str) -> dict[str, np.ndarray[Any, Any]]:
    """Three articles; the first lists the second."""
    return {
        **release.lookup_arrays(
            ids=StringArray.of(["a", "b", "c"]),
            titles=StringArray.of([title] * 3),
            urls=StringArray.of(["", "", ""]),
            section_names=StringArray.of(["news"]),
            sections=np.array([0, 0, -1], np.int32),
            published=np.full(3, NEVER),
            known=np.ones(3, np.bool_),
        ),
        "events": np.arange(3, dtype=np.int32),
        "list_ends": np.array([0, 1, 1, 1], np.int64),
        "list_items": np.array([1], np.int32),
        "list_scores": np.array([0.5], np.float32),
        "list_reasons": np.array([0], np.uint8),
        "popular": np.array([2], np.int32),
        **{name: np.zeros(0, np.int32) for name in ("latest", "weekly", "must_reads")},
        "must_read_reasons": np.zeros(0, np.uint8),
        "section_ends": np.array([0, 2], np.int64),
        "section_rows": np.array([0, 1], np.int32),
        "section_latest_ends": np.array([0, 0], np.int64),
        "section_latest_rows": np.zeros(0, np.int32),
    }


FIELDS = {
    "reasons": ["readers"],
    "fallback": ["section", "popular"],
    "page": [],
    "why": {},
    "not_from": [],
    "apart": [],
}


def publish(
    artifacts: Path, title: str = "first", now: int = NOW, base: str | None = None, **more: Any
) -> release.Published:
    arrays = version_arrays(title) | more.pop("arrays", {})
    if base is not None:
        more["base"] = release.BaseVersion(base)
    return release.publish(
        artifacts,
        release.Publication(
            command="train",
            now=now,
            version=Contents(FIELDS | more.pop("fields", {}), arrays),
            state=Contents({"time": now}, {"sums": np.array([[1.5, 2.5]])}),
            **more,
        ),
    )


def titles(artifacts: Path) -> list[str]:
    return [story.title for story in Recommender.open(artifacts).related("a")]
