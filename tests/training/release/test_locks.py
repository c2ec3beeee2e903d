"""Locks: who waits, who is refused, and that a killed run leaves them free."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from training import release
from training.errors import BusyError, OutputError

HOLD = """
import sys, time
from pathlib import Path
from training import release
with release.command_lock(Path(sys.argv[1]), "refresh"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_run_of_a_command_is_refused_and_a_killed_one_leaves_it_free(
    tmp_path: Path,
) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        message = rf"another ymal refresh is running here \(process {other.pid}\)"
        with pytest.raises(BusyError, match=message), release.command_lock(tmp_path, "refresh"):
            pass
        with release.command_lock(tmp_path, "train"):
            pass
        other.send_signal(signal.SIGKILL)
        other.wait(10)
    with release.command_lock(tmp_path, "refresh"):
        assert (tmp_path / ".refresh.lock").read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_refused(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(_handle: int, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", lacking)
    for lock in (release.command_lock(tmp_path, "train"), release.directory_lock(tmp_path)):
        with pytest.raises(OutputError, match="this file system has no locks"), lock:
            pass
