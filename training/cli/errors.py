"""Exit code and message of an error that ends a command."""

import typer

from recommender import ArtifactError
from training.errors import (
    EXIT_ARTIFACT,
    EXIT_DATA,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_USAGE,
    YmalError,
    is_interrupt,
)

INTERRUPTED = "interrupted; nothing is left half written"


def exit_status(error: BaseException) -> tuple[int, str] | None:
    """Return exit code and message of an error, or None for a bug, which gets a traceback."""
    match error:
        case YmalError():
            return error.exit_code, str(error)
        case ArtifactError():
            return EXIT_ARTIFACT, str(error)
        case typer.TyperException():
            context = getattr(error, "ctx", None)
            command = context.command_path if context else "ymal"
            message = error.format_message().removesuffix(".").replace("Input should", "must", 1)
            return EXIT_USAGE, f"{message}; see {command} --help"
        case _ if is_interrupt(error):
            return EXIT_INTERRUPTED, INTERRUPTED
        case SystemExit():  # the reader closed stdout
            return EXIT_OK, ""
        case _:
            return _of_duckdb(error)


def _of_duckdb(error: BaseException) -> tuple[int, str] | None:
    import duckdb  # slow to import; most commands do not need it

    if not isinstance(error, duckdb.Error):
        return None
    advice = "raise data.memory, or make room for temporary files"
    return EXIT_DATA, f"{str(error).splitlines()[0]}; {advice}"
