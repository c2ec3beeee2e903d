"""Throughput of a server, measured by wrk with one thread and sixteen connections."""

import json
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

CONNECTIONS: Final = 16
SECONDS: Final = 2

_SCRIPT: Final = Path(__file__).with_name("paths.lua")


@dataclass(frozen=True)
class Speed:
    """What wrk measured.

    Attributes
    ----------
    speed : answers in a second.
    bad : connections that broke, and answers with a status of 400 or more.
    p50, p99 : milliseconds from request to answer.
    """

    speed: float
    bad: int
    p50: float
    p99: float


def measure(url: str, paths: Path) -> Speed:
    """Request the paths in a file for `SECONDS` seconds."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(_SCRIPT), url, "--"]
    done = subprocess.run([*command, str(paths)], capture_output=True, text=True, check=True)
    found = Speed(**json.loads(done.stdout.splitlines()[-1]))
    if found.bad:
        raise RuntimeError(f"{url}: {found.bad} requests were not answered well")
    return found


def median(rounds: Sequence[Speed]) -> Speed:
    """Return the median of each figure."""
    return Speed(
        *(statistics.median(getattr(r, field.name) for r in rounds) for field in fields(Speed))
    )


def row(name: str, found: Speed, ratio: float) -> str:
    """Format a row: name, answers per second, ratio to a reference, milliseconds."""
    return f"{name:28}{found.speed:8,.0f}{ratio:8.2f}{found.p50:8.2f}{found.p99:8.2f}"
