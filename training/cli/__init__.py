"""The `ymal` command line: parse, call, print, exit."""

import os
import signal
import sys
from collections.abc import Callable
from io import TextIOWrapper
from types import FrameType
from typing import Any

import typer

from training.cli import (
    check,
    evaluate,
    export,
    forget,
    init,
    lookup,
    overrides,
    page,
    refresh,
    serve,
    serving,
    simulate,
    train,
    versions,
)
from training.cli.ending import INTERRUPTED, ending
from training.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE

app = typer.Typer(
    name="ymal",
    help="You May Also Like: related stories for news sites.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(simulate.simulate)
app.command()(init.init)
app.command()(check.check)
app.command()(train.train)
app.command()(refresh.refresh)
app.command()(lookup.related)
app.command()(page.page)
app.command()(page.explain)
app.command()(export.export)
app.command()(serve.serve)
app.command()(overrides.pin)
app.command()(overrides.ban)
app.command()(overrides.withdraw)
app.command()(overrides.overrides)
app.command()(versions.versions)
app.command()(versions.diff)
app.command()(serving.publish)
app.command()(serving.rollback)
app.command()(serving.hold)
app.command("release")(serving.lift)
app.command()(versions.prune)
app.command()(evaluate.evaluate)
app.command()(lookup.verify)
app.command()(forget.forget)


def main() -> None:
    """Run the command line; a user's mistake is one line on stderr and a named exit code."""
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # a word that it lacks the letters for
    _on_signals(signal.default_int_handler)
    try:
        code = run(sys.argv[1:])
        _on_signals(signal.SIG_IGN)  # what is done is done, and the code says so
    except KeyboardInterrupt:
        _on_signals(signal.SIG_IGN)
        code = _failed(EXIT_INTERRUPTED, INTERRUPTED)
    sys.exit(code)


def _on_signals(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    """Handle SIGTERM, which systemd and `timeout` send, as an interrupt from the keyboard."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        code = app(arguments or ["--help"], prog_name="ymal", standalone_mode=False)
    except SystemExit:
        # Whoever read the result has had enough: nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except Exception as error:
        ended = ending(error)
        if ended is None:
            raise
        return _failed(*ended)
    if code == EXIT_INTERRUPTED:
        return _failed(EXIT_INTERRUPTED, INTERRUPTED)
    if not arguments:
        return EXIT_USAGE
    return code if isinstance(code, int) else EXIT_OK


def _failed(code: int, message: str) -> int:
    line = " ".join(message.split())
    sys.stderr.write(f"ymal: {line}\n")
    return code
