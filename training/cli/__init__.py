"""The `ymal` command line: parse, call, print, exit."""

import os
import signal
import sys
from io import TextIOWrapper

import duckdb
import typer

from recommender import ArtifactError
from training.cli import (
    evaluate,
    export,
    forget,
    lookup,
    overrides,
    page,
    refresh,
    serving,
    simulate,
    train,
    versions,
)
from training.errors import (
    EXIT_ARTIFACT,
    EXIT_DATA,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_USAGE,
    YmalError,
)

INTERRUPTED = "interrupted; what was published before stays"

app = typer.Typer(
    name="ymal",
    help="You May Also Like: related stories for news sites.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(simulate.simulate)
app.command()(train.train)
app.command()(refresh.refresh)
app.command()(lookup.related)
app.command()(page.page)
app.command()(page.explain)
app.command()(export.export)
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
    try:
        code = run(sys.argv[1:])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is done is done, and the code says so
    except KeyboardInterrupt:
        code = _failed(INTERRUPTED, EXIT_INTERRUPTED)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        code = app(arguments or ["--help"], prog_name="ymal", standalone_mode=False)
    except YmalError as error:
        return _failed(str(error), error.exit_code)
    except ArtifactError as error:
        return _failed(str(error), EXIT_ARTIFACT)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "ymal"
        return _failed(f"{error.format_message()} See {command} --help.", EXIT_USAGE)
    except SystemExit:
        # Whoever read the result has had enough: nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except RuntimeError as error:
        if str(error) != "Query interrupted":
            raise
        code = EXIT_INTERRUPTED
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        return _failed(f"{message}; raise data.memory, or make room for temporary files", EXIT_DATA)
    if code == EXIT_INTERRUPTED:
        return _failed(INTERRUPTED, EXIT_INTERRUPTED)
    if not arguments:
        return EXIT_USAGE
    return code if isinstance(code, int) else EXIT_OK


def _failed(message: str, code: int) -> int:
    line = " ".join(message.split())
    sys.stderr.write(f"ymal: {line}\n")
    return code
