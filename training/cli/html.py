"""The option `--html FILE`: check the file before the work, and write it afterwards."""

from pathlib import Path

from training.errors import UsageError
from training.extras import require_extra
from training.storage import check_folder, replace_file


def check_html(file: Path, *modules: str) -> None:
    """Check that a page can be rendered and written.

    Parameters
    ----------
    file : Path
        The file to write.
    modules : str
        The modules that render it, from the extra `report`.

    Raises
    ------
    UsageError
        If the path has no file name, or a module is not installed.
    OutputError
        If the folder of the file does not exist.
    """
    require_extra("report", "--html", *modules)
    if not file.name:
        raise UsageError("--html: name a file")
    check_folder(file)


def write_html(file: Path, document: str) -> None:
    """Write a page. A lone surrogate, which UTF-8 cannot encode, is escaped."""
    replace_file(file, document.encode("utf-8", "backslashreplace"))
