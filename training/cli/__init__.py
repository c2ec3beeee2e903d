"""The `ymal` command line: its commands, and its exit codes."""

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from io import TextIOWrapper
from typing import Final

import typer.main
from typer.core import TyperGroup

from training.cli import signals
from training.cli.errors import INTERRUPTED, exit_status
from training.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE

COMMANDS: Final = {
    "simulate": "simulate.simulate",
    "init": "init.init",
    "check": "check.check",
    "count": "count.count",
    "train": "train.train",
    "refresh": "refresh.refresh",
    "related": "lookup.related",
    "page": "page.page",
    "explain": "explain.explain",
    "export": "export.export",
    "serve": "serve.serve",
    "pin": "overrides.pin",
    "ban": "overrides.ban",
    "withdraw": "overrides.withdraw",
    "overrides": "overrides.overrides",
    "versions": "versions.versions",
    "diff": "versions.diff",
    "publish": "release.publish",
    "rollback": "release.rollback",
    "hold": "release.hold",
    "release": "release.lift",
    "prune": "versions.prune",
    "evaluate": "evaluate.evaluate",
    "compare": "compare.compare",
    "tune": "tune.tune",
    "verify": "lookup.verify",
    "forget": "forget.forget",
}
"""The module and the function of each command.

Only the module of the given command is imported. `ymal ban`, for example, starts without the
numeric libraries.
"""


def commands(names: Iterable[str] = COMMANDS) -> TyperGroup:
    """Import the modules of commands, by default of all."""
    app = typer.Typer(
        name="ymal",
        help="You May Also Like: related stories for news sites.",
        add_completion=False,
        rich_markup_mode=None,  # it hides brackets, as of [default: all]
        pretty_exceptions_enable=False,
    )
    for name in names:
        module, _, function = COMMANDS[name].partition(".")
        app.command(name)(getattr(import_module(f"training.cli.{module}"), function))
    return typer.main.get_group(app)


def main() -> None:
    """Run the command line. A user's mistake gives one line on stderr and an exit code."""
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        # A terminal may be unable to encode a character.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        signals.raise_interrupts()
        code = run(sys.argv[1:])
        signals.ignore()  # the command is done: keep its exit code
    except KeyboardInterrupt:
        signals.ignore()
        code = _report_failure(EXIT_INTERRUPTED, INTERRUPTED)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        group = commands([arguments[0]] if arguments[:1] and arguments[0] in COMMANDS else COMMANDS)
        code = group(arguments or ["--help"], prog_name="ymal", standalone_mode=False)
    except SystemExit:
        # The reader closed stdout: redirect what is still buffered.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except Exception as error:
        if signals.interrupt_is_pending():
            signals.ignore()  # its retry would come on top of this one
            raise KeyboardInterrupt from error
        ended = exit_status(error)
        if ended is None:
            raise
        return _report_failure(*ended)
    if code == EXIT_INTERRUPTED:
        return _report_failure(EXIT_INTERRUPTED, INTERRUPTED)
    if not arguments:
        return EXIT_USAGE
    return code if isinstance(code, int) else EXIT_OK


def _report_failure(code: int, message: str) -> int:
    line = " ".join(message.split())
    sys.stderr.write(f"ymal: {line}\n")
    return code
