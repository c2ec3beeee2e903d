"""Print results on stdout, and progress and warnings on stderr."""

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Final

from training.errors import OutputError
from training.release import keep_overrides


def print_line(line: str = "") -> None:
    """Print a line of the result."""
    with _to_stdout():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def print_text(text: str) -> None:
    """Print a sentence; on a terminal, it is wrapped between words."""
    for line in _wrap(text, _columns()):
        print_line(line)


def print_bytes(lines: Iterable[bytes]) -> None:
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


def print_json(value: object) -> None:
    """Print the result as JSON."""
    print_line(as_json(value))


def print_result(values: Mapping[str, object], *, json: bool) -> None:
    """Print a result of names and values, as JSON or in two columns."""
    if json:
        print_json(values)
    else:
        print_facts(values)


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
def show_progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
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


MIN_WRAP_COLUMNS: Final = 40
"""Minimum width of a wrapped text, in characters, even on a narrow terminal."""


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in aligned columns, two spaces apart.

    On a terminal that is too narrow for them, the widest column is wrapped.
    """
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    excess = sum(widths) + 2 * (len(widths) - 1) - _columns()
    if excess > 0:
        widest = widths.index(max(widths))
        widths[widest] = min(widths[widest], max(widths[widest] - excess, MIN_WRAP_COLUMNS))
    for row in rows:
        cells = [_wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
        for line in zip_longest(*cells, fillvalue=""):
            print_line("  ".join(map(str.ljust, line, widths)).rstrip())


LABELS: Final = {
    "before": "served before",
    "before_cut": "views too old",
    "bytes": "size in bytes",
    "day_counts": "view counts removed",
    "engine": "counted by",
    "exit_code": "exit code",
    "gone": "version removed",
    "left_out": "rows left out",
    "log_loss": "log loss",
    "log_loss_prior": "of the prior",
    "moved": "in another slot",
    "next_reads": "transitions",
    "now": "data up to",
    "open_views": "views of open sessions removed",
    "outside": "gate violations",
    "own_items": "items",
    "path": "written to",
    "peak_memory_mb": "peak memory in MB",
    "reads": "transitions",
    "retrain": "retraining needed",
    "shown": "page known",
    "traced": "page found",
    "untold": "version unknown",
    "untraced": "page not found",
    "watched": "model since training",
}
"""Labels in tables, for JSON keys that are hard to understand."""


def print_facts(values: Mapping[str, object]) -> None:
    """Print names and values in two columns; on a terminal, long values are wrapped."""
    rows = [(LABELS.get(name, name), format_value(value)) for name, value in values.items()]
    indent = max(len(name) for name, _ in rows) + 2
    width = max(_columns() - indent, MIN_WRAP_COLUMNS)
    for name, value in rows:
        for line, text in enumerate(_wrap(value, width)):
            print_line(f"{'' if line else name:{indent}}{text}".rstrip())


def _columns() -> int:
    """Return the width of the terminal; without one, lines have no limit."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False) if len(text) > width else [text]


def format_value(value: object) -> str:
    """Format a value of a summary on one line."""
    if isinstance(value, dict):
        parts = (f"{LABELS.get(name, name)} {format_value(part)}" for name, part in value.items())
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
