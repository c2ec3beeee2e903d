"""A few runs on a full disk: `python -m benchmarks.faults.disk` fills it to twenty points."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.faults.disk import (
    CannotMount,
    Outcome,
    Room,
    fill,
    free,
    outcomes,
    plan,
    small_disk,
    table,
)
from benchmarks.faults.site import Run


def test_a_full_disk_is_one_line_and_leaves_what_is_served(tmp_path: Path) -> None:
    try:
        done = outcomes(tmp_path, 4, seed=1, articles=100)
    except CannotMount as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    assert [one for one in done if not one.well] == []
    assert table(done).endswith("as it should be: 6 of 6")


def test_room_is_what_was_asked_for_and_the_mount_is_gone_after_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    try:
        with small_disk(folder) as disk:
            fill(disk, "bytes", 3 * 4096 + 1)
            assert free(disk).bytes == 3 * 4096
        with small_disk(folder) as disk:
            fill(disk, "inodes", 7)
            assert free(disk).inodes == 7
        with pytest.raises(ZeroDivisionError), small_disk(folder):
            raise ZeroDivisionError
    except CannotMount as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    assert not folder.is_mount()


def test_points_go_from_nothing_to_just_too_little() -> None:
    planned = plan(20, {"refresh": Room(409_600, 80), "train": Room(819_200, 90)})
    assert [verb for verb, _, _ in planned].count("ban") == 2
    rooms = {
        kind: [r for v, k, r in planned if (v, k) == ("refresh", kind)] for _, kind, _ in planned
    }
    assert (len(planned), rooms["bytes"][0], rooms["inodes"][0]) == (22, 0, 0)
    assert planned[14] == ("train", "bytes", 819_200 - 4096)
    assert planned[20] == ("train", "inodes", 89)


@pytest.mark.parametrize(
    "change",
    [
        {"run": {"code": 1}},
        {"run": {"stderr": "Traceback\nNo space left on device\n"}},
        {"run": {"broken": "x"}},
        {"moved": True},
        {"run": {"left": ("states/1",)}},
        {"later": {"code": 6}},
        {"later": {"broken": "x"}},
    ],
)
def test_an_outcome_is_well_only_where_all_is(change: dict[str, Any]) -> None:
    stderr = "ymal: x: cannot be written (No space left on device)\n"
    good = Outcome("refresh", "bytes", 0, Run(6, stderr, "", ()), False, 0, Run(0, "", "", ()))
    assert good.well
    changes = {
        name: replace(getattr(good, name), **what) if isinstance(what, dict) else what
        for name, what in change.items()
    }
    assert not replace(good, **changes).well
