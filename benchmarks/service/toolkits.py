"""ASGI toolkits and servers side by side, each with its shortest answer.

    python -m benchmarks.service.toolkits [--rounds 5]

One worker each, wrk with sixteen connections, medians of rounds in which all take turns. What is
not installed is passed over: the service needs but one of each.
"""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks.service import speed
from benchmarks.service.hello import SERVERS, TOOLKITS
from tests.services import serving

_COMMAND: Final = (sys.executable, "-m", "benchmarks.service.hello")


def installed(name: str) -> bool:
    """Tell whether a package is there; "raw" needs none."""
    found = name == "raw" or find_spec(name) is not None
    if not found:
        print(f"{name} is not installed: passed over")
    return found


def main() -> None:
    """Measure all, and print a table of answers in a second, and milliseconds."""
    parser = argparse.ArgumentParser(prog="benchmarks.service.toolkits")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    servers, toolkits = (list(filter(installed, names)) for names in (SERVERS, TOOLKITS))
    pairs = [(server, toolkit) for server in servers for toolkit in toolkits]
    found: dict[tuple[str, str], list[speed.Speed]] = {pair: [] for pair in pairs}
    with tempfile.TemporaryDirectory() as name, ExitStack() as started:
        folder = Path(name)
        (folder / "paths").write_text("/hello\n")
        urls = {
            pair: started.enter_context(
                serving(folder, folder / "-".join(pair), command=(*_COMMAND, *pair))
            ).url
            for pair in pairs
        }
        for number in range(asked.rounds + 1):
            for pair, url in urls.items():
                measured = speed.measure(url, folder / "paths")
                found[pair] += [measured] if number else []  # the first warms up
    medians = {pair: speed.median(rounds) for pair, rounds in found.items()}
    most = max(each.speed for each in medians.values())
    print(f"{'':28}{'a second':>8}{'of best':>8}{'p50 ms':>8}{'p99 ms':>8}")
    for pair, each in medians.items():
        print(speed.row(" ".join(pair), each, each.speed / most))


if __name__ == "__main__":
    main()
