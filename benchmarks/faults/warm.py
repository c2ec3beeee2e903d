"""Run `ymal` commands in forks of a process that has loaded all modules.

The tests run hundreds of commands, and loading took a second of each. A forked command has its own
process, `ymal.main`, arguments, working directory, environment, files for stdout and stderr, and
exit code, as if it had been started. Only the seed of `hash` is shared, and a module that another
command has loaded cannot be missing: `tests.training.cli.commands.started` starts `ymal` itself
where this matters.
"""

import atexit
import gc
import json
import os
import pkgutil
import select
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Warm:
    """A process that forks for each command, and waits for it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.faults.warm"],
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
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder) / "stdout", Path(folder) / "stderr"
            asked = {
                "arguments": list(arguments),
                "cwd": str(cwd),
                "environment": dict(os.environ),
                "files": [str(out), str(err)],
            }
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            self._process.stdin.flush()
            if not select.select([self._process.stdout], [], [], timeout)[0]:
                self.end()
                warm.cache_clear()
                raise TimeoutError(f"ymal {' '.join(arguments)}: longer than {timeout} s")
            code = int(self._process.stdout.readline())
            return subprocess.CompletedProcess(["ymal", *arguments], code, _text(out), _text(err))

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


@cache
def warm() -> Warm:
    """Return the process of this one, which is started when it is first needed."""
    return Warm()


def _text(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read()


def main() -> None:
    """Load all, and fork for each line of stdin."""
    import numpy as np

    import training
    import ymal
    from training.kernels.selection import kth_largest

    for module in pkgutil.walk_packages(training.__path__, "training."):
        import_module(module.name)
    kth_largest(np.zeros(2), 1)  # the first call loads the compiler, half a second
    gc.freeze()  # children need not scan what is loaded
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _become(asked)
            _leave(ymal.main)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


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
        atexit._run_exitfuncs()  # noqa: SLF001
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
    for handle, path in enumerate((os.devnull, *files)):
        flags = os.O_WRONLY | os.O_CREAT if handle else os.O_RDONLY
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, handle)
        os.close(opened)
    sys.argv = ["ymal", *arguments]


if __name__ == "__main__":
    main()
