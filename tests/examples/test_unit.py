"""The systemd unit of the service: sound, strict, and its command runs under what it forbids."""

import platform
import re
import shlex
import shutil
import signal
import sys
from pathlib import Path

import pytest

from recommender.service import server
from tests.processes import run_program
from tests.recommender.worlds import TOY
from tests.services import free_port, running

UNIT = Path(__file__).parents[2] / "examples" / "ymal-serve.service"
EXPOSURE = "20"
"""Tenths of what `systemd-analyze security` calls exposed; a unit that forbids nothing has 96."""

LINUX = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
FORBID = """
import ctypes, os, sys
prctl = ctypes.CDLL(None).prctl
no_new_privileges, memory_deny_write_execute = 38, 65
for what in (no_new_privileges, memory_deny_write_execute):
    assert prctl(what, 1, 0, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Becomes another program, under two of the unit's settings."""

analyze = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, installed for a site that lies here."""
    bin_of = Path(sys.executable).parent
    text = UNIT.read_text(encoding="utf-8")
    text = text.replace("/srv/news/.venv/bin", str(bin_of)).replace("/srv/news", str(tmp_path))
    path = tmp_path / UNIT.name
    path.write_text(text, encoding="utf-8")
    return path


def setting(unit: Path, key: str) -> str:
    (value,) = re.findall(rf"^{key}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    return str(value)


@analyze
@pytest.mark.parametrize(
    "command", [["verify"], ["security", "--no-pager", "--offline=true", f"--threshold={EXPOSURE}"]]
)
def test_systemd_finds_it_sound_and_strict(unit: Path, command: list[str]) -> None:
    done = run_program(["systemd-analyze", *command, str(unit)])
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(unit) not in done.stderr, done.stderr


@pytest.mark.skipif(LINUX < (6, 3), reason="needs Linux 6.3, to forbid what the unit forbids")
def test_its_command_runs(unit: Path, tmp_path: Path) -> None:
    TOY.publish(tmp_path / "artifacts")
    port = free_port()
    (tmp_path / "ymal.toml").write_text(f"[serve]\nport = {port}\n")
    command = [sys.executable, "-c", FORBID, *shlex.split(setting(unit, "ExecStart"))]
    folder = setting(unit, "WorkingDirectory")
    with running(command, port, tmp_path / "log", cwd=folder) as service:
        assert service.get("/v1/related/storm").json()["items"][0]["id"] == "rain"
        service.process.send_signal(signal.Signals[setting(unit, "KillSignal")])
        assert service.process.wait(int(setting(unit, "TimeoutStopSec"))) == 0


def test_it_is_given_time_to_answer_what_it_has_begun(unit: Path) -> None:
    assert int(setting(unit, "TimeoutStopSec")) > server._SHUTDOWN_SECONDS
