"""Run `ymal` commands in forks of a process that has loaded all modules and compiled kernels.

The tests run hundreds of commands, and loading took two seconds of each. A forked command has its
own process, `ymal.main`, arguments, working directory, environment, files for stdout and stderr,
and exit code, as if it had been started. Only the seed of `hash` is shared, and a module that
another command has loaded cannot be missing: `tests.training.cli.commands.started` starts `ymal`
itself where this matters.
"""

import atexit
import gc
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNNING = 1000
"""In the place of an exit code: there is none yet."""


class Warm:
    """A process that forks for each command, and waits for it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        atexit.register(self.end)

    def run(
        self, arguments: Sequence[str], cwd: Path, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end.

        Raises
        ------
        TimeoutError
            If it takes longer; the process is ended, and all that was begun in it.
        """
        with self.start(arguments, cwd) as forked:
            code = forked.wait(timeout)
            return subprocess.CompletedProcess(
                ["ymal", *arguments], code, _text(forked.out), _text(forked.err)
            )

    @contextmanager
    def start(self, arguments: Sequence[str], cwd: Path) -> Iterator["Forked"]:
        """Start a command; at the end of the context it is killed, if it still runs."""
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "stdout", Path(folder) / "stderr"
            for file in (out, err):
                file.touch()
            asked = {
                "arguments": list(arguments),
                "cwd": str(cwd),
                "environment": dict(os.environ),
                "files": [str(out), str(err)],
            }
            forked = Forked(self, list(arguments), self.ask(asked), out, err)
            try:
                yield forked
            finally:
                if forked.poll() is None:
                    forked.send_signal(signal.SIGKILL)
                    forked.wait()

    def ask(self, asked: dict[str, object], timeout: float | None = None) -> int:
        """Send a request, and return the answer: a process id, or an exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            self.end()
            warm.cache_clear()
            raise TimeoutError
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


@dataclass
class Forked:
    """A command at work; `out` and `err` are the files that it writes to."""

    process: Warm
    arguments: list[str]
    pid: int
    out: Path
    err: Path
    returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        if self.returncode is None:
            code = self.process.ask({"wait": self.pid, "options": os.WNOHANG})
            self.returncode = None if code == RUNNING else code
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, and return the exit code."""
        if self.returncode is None:
            try:
                self.returncode = self.process.ask({"wait": self.pid, "options": 0}, timeout)
            except TimeoutError:
                self.returncode = -signal.SIGKILL  # nobody is left to ask
                os.kill(self.pid, signal.SIGKILL)
                line = f"ymal {' '.join(self.arguments)}: longer than {timeout} s"
                raise TimeoutError(line) from None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


@cache
def warm() -> Warm:
    """Return the process of this one, which is started when it is first needed."""
    return Warm()


def _text(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read()


def main() -> None:
    """Load all, and fork for each line of stdin."""
    import training
    import ymal

    for module in pkgutil.walk_packages(training.__path__, "training."):
        import_module(module.name)
    _train()
    gc.freeze()  # children need not scan what is loaded
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if "wait" in asked:
            ended, status = os.waitpid(asked["wait"], asked["options"])
            print(os.waitstatus_to_exitcode(status) if ended else RUNNING, flush=True)
            continue
        child = os.fork()
        if not child:
            _become(asked)
            _leave(ymal.main)
        print(child, flush=True)


def _train() -> None:
    """Train a small site, which loads each kernel that a training calls."""
    from training.notebook import read, train
    from training.simulate import simulate

    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder), articles=100, days=3, readers=300)
        config = Path(folder) / "ymal.toml"
        config.write_text(f"{config.read_text()}[ranking]\nmin_transitions = 20\n")
        train(read(str(config)), jobs=1)


def _leave(run: Callable[[], None]) -> None:
    """Run to the end, and exit as Python does, but skip the teardown of modules."""
    code = 1
    try:
        run()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _become(asked: dict[str, object]) -> None:
    """Set working directory, environment, streams and arguments as for a new process."""
    files, arguments, environment = asked["files"], asked["arguments"], asked["environment"]
    assert isinstance(files, list)
    assert isinstance(arguments, list)
    assert isinstance(environment, dict)
    os.chdir(str(asked["cwd"]))
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as in the foreground
    for handle, path in enumerate((os.devnull, *files)):
        flags = os.O_WRONLY | os.O_CREAT if handle else os.O_RDONLY
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, handle)
        os.close(opened)
    sys.argv = ["ymal", *arguments]


if __name__ == "__main__":
    main()
