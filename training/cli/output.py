"""What commands write: results on stdout, progress and warnings on stderr."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from training.errors import OutputError
from training.release import keep_overrides


def say(line: str = "") -> None:
    """Write a line of the result."""
    with _to_stdout():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def stream(lines: Iterable[bytes]) -> None:
    """Write a result of many lines, as they are made."""
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
    """Write the result as JSON."""
    say(as_json(value))


def result(values: Mapping[str, object], *, json: bool) -> None:
    """Write a result of names and values, as JSON or in two columns."""
    if json:
        say_json(values)
    else:
        facts(values)


def as_json(value: object) -> str:
    """Give a result as JSON text."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def warn(line: str) -> None:
    """Write a warning, on one line."""
    sys.stderr.write(f"ymal: warning: {' '.join(line.split())}\n")


def warn_of_overrides(artifacts: Path) -> None:
    """Warn where what editors wrote cannot be used."""
    complaint = keep_overrides(artifacts)
    if complaint:
        warn(complaint)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being done on stderr, where that is a terminal and nobody wants quiet."""
    if quiet:
        yield lambda _line: None
        return
    from rich.console import Console  # which most commands do without

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _line: None
        return
    with console.status("") as status:
        yield lambda line: status.update(line)


def table(rows: Sequence[Sequence[str]]) -> None:
    """Write rows in aligned columns, two spaces apart."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())


def facts(values: Mapping[str, object]) -> None:
    """Write names and values in two columns."""
    table([[name, plain(value)] for name, value in values.items()])


def plain(value: object) -> str:
    """Write a summary's value on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {plain(part)}" for name, part in value.items()) or "none"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "nothing"
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
