"""The option `--html FILE`: the file is checked before the work and written after it."""

from pathlib import Path

from training.errors import UsageError
from training.extras import require_extra
from training.storage import check_folder, replace_file


def check_html(file: Path, *modules: str) -> None:
    """Check that a page can be drawn and written.

    Parameters
    ----------
    file : Path
        Where the page goes.
    modules : str
        What draws it: modules of the extra `report`.

    Raises
    ------
    UsageError
        If the option names no file, or a module is not installed.
    OutputError
        If there is no folder for the file.
    """
    require_extra("report", "--html", *modules)
    if not file.name:
        raise UsageError("--html: name a file")
    check_folder(file)


def write_html(file: Path, document: str) -> None:
    """Write a page; a lone surrogate, which UTF-8 lacks, as its escape."""
    replace_file(file, document.encode("utf-8", "backslashreplace"))
