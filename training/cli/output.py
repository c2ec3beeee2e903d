"""Print results on stdout, and progress and warnings on stderr."""

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from training.errors import OutputError
from training.release import keep_overrides


def say(line: str = "") -> None:
    """Print a line of the result."""
    with _to_stdout():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def stream(lines: Iterable[bytes]) -> None:
    """Print a result of many lines, each as soon as it is generated."""
    for line in lines:
        with _to_stdout():
            sys.stdout.buffer.write(line)
    with _to_stdout():
        sys.stdout.buffer.flush()


@contextmanager
def _to_stdout() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output: cannot be written ({error.strerror})") from None


def say_json(value: object) -> None:
    """Print the result as JSON."""
    say(as_json(value))


def result(values: Mapping[str, object], *, json: bool) -> None:
    """Print a result of names and values, as JSON or in two columns."""
    if json:
        say_json(values)
    else:
        facts(values)


def as_json(value: object) -> str:
    """Return a result as JSON text."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def warn(line: str) -> None:
    """Print a warning on one line."""
    sys.stderr.write(f"ymal: warning: {' '.join(line.split())}\n")


def warn_of_overrides(artifacts: Path) -> None:
    """Warn if the editors' overrides cannot be used."""
    complaint = keep_overrides(artifacts)
    if complaint:
        warn(complaint)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show the current stage on stderr, if it is a terminal and --quiet is not given."""
    if quiet:
        yield lambda _line: None
        return
    from rich.console import Console  # slow to import; not always needed

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _line: None
        return
    with console.status("") as status:
        yield lambda line: status.update(line)


def table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in aligned columns, two spaces apart."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())


MIN_WRAP_COLUMNS: Final = 40
"""Minimum width of a wrapped value, in characters, even on a narrow terminal."""

LABELS: Final = {
    "before": "served before",
    "before_cut": "views too old",
    "bytes": "size in bytes",
    "day_counts": "view counts removed",
    "engine": "counted by",
    "exit_code": "exit code",
    "left_out": "rows left out",
    "log_loss": "log loss",
    "log_loss_prior": "of the prior",
    "next_reads": "transitions",
    "now": "data up to",
    "open_views": "views of open sessions removed",
    "outside": "gate violations",
    "own_items": "items",
    "path": "written to",
    "peak_memory_mb": "peak memory in MB",
    "reads": "transitions",
    "retrain": "retraining needed",
    "watched": "model since training",
}
"""Labels in tables, for JSON keys that are hard to understand."""


def facts(values: Mapping[str, object]) -> None:
    """Print names and values in two columns; on a terminal, long values are wrapped."""
    rows = [(LABELS.get(name, name), plain(value)) for name, value in values.items()]
    indent = max(len(name) for name, _ in rows) + 2
    width = shutil.get_terminal_size().columns - indent if sys.stdout.isatty() else sys.maxsize
    for name, value in rows:
        lines = textwrap.wrap(value, max(width, MIN_WRAP_COLUMNS), break_on_hyphens=False) or [""]
        for line, text in enumerate(lines):
            say(f"{'' if line else name:{indent}}{text}".rstrip())


def quantity(count: int, noun: str) -> str:
    """Format a count and its noun, in the plural unless the count is 1.

    Examples
    --------
    >>> quantity(1, "version"), quantity(2000, "version")
    ('1 version', '2,000 versions')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def plain(value: object) -> str:
    """Format a value of a summary on one line."""
    if isinstance(value, dict):
        parts = (f"{LABELS.get(name, name)} {plain(part)}" for name, part in value.items())
        return ", ".join(parts) or "none"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
