"""The database's folder of temporary files goes with the database, whatever happens."""

import gc
import sys
import tempfile
from pathlib import Path
from types import FrameType

import pytest

from training.config import DataConfig
from training.data import database as module
from training.data.database import Database, open_database


def opened(line: int) -> Database | None:
    """Open a database; None if an interrupt is raised at its n-th line, as a signal does."""
    left = line

    def interrupt(frame: FrameType, event: str, _arg: object) -> object:
        nonlocal left
        left -= event == "line" and frame.f_code.co_filename == module.__file__
        if left == 0:
            raise KeyboardInterrupt
        return interrupt

    before = sys.gettrace()
    sys.settrace(interrupt)
    try:
        return open_database(DataConfig())
    except KeyboardInterrupt:
        return None
    finally:
        sys.settrace(before)


def test_an_interrupt_at_any_line_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    line = 1
    while (database := opened(line)) is None:
        gc.collect()
        assert list(tmp_path.iterdir()) == [], line
        line += 1
    assert line > 5
    assert [folder.stat().st_mode & 0o777 for folder in tmp_path.iterdir()] == [0o700]
    database.close()
    assert list(tmp_path.iterdir()) == []
