"""Paths by the hour: what of them overlaps a window."""

from pathlib import Path

import pytest

from tests.training.worlds import START
from training.data import find
from training.data.partitions import overlapping
from training.errors import DataError
from training.records import DAY, HOUR, to_datetime


def test_a_window_takes_the_partitions_it_overlaps(tmp_path: Path) -> None:
    for hour in range(30):
        time = to_datetime(START + hour * HOUR)
        folder = tmp_path / time.strftime("day=%Y-%m-%d") / time.strftime("hour=%H")
        folder.mkdir(parents=True)
        (folder / "a.csv").touch()
        (folder / "_SUCCESS").touch()
    (tmp_path / "day=2024-99-99" / "hour=00").mkdir(parents=True)
    pattern = str(tmp_path / "day=%Y-%m-%d" / "hour=%H")
    assert len(find([pattern])) == 30
    assert len(find([pattern], START + HOUR)) == 29
    one = find([pattern], START + 25 * HOUR, START + 26 * HOUR)
    assert [Path(file).parent.name for file in one] == ["hour=01"]
    assert len(find([pattern], START + HOUR + 1, START + 2 * HOUR + 1)) == 2
    assert find([pattern], START + 2 * DAY) == []
    assert len(find([f"{pattern}/*.csv"], START + 29 * HOUR)) == 1
    with pytest.raises(DataError, match="matches nothing"):
        find([str(tmp_path / "%Y")])


def test_paths_are_matched_by_their_end() -> None:
    found = [
        "file:/lake/2024/2024-10-04",
        "file:/lake/2023/2024-10-04",
        "file:/lake/2024/2024-13-04",
    ]
    start = START - START % DAY
    assert overlapping("lake/%Y/%Y-%m-%d", found, start, start + DAY) == found[:1]
