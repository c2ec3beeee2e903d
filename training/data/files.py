"""Input files: finding them, telling their format, their checksums, gzip taken off."""

import difflib
import glob
import gzip
import hashlib
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

from training.config import ArticlesConfig, ViewsConfig
from training.errors import DataError, OutputError, UsageError
from training.records import InputFile

Format = Literal["csv", "tsv", "jsonl", "parquet"]

_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
_GZIP = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Source:
    """An input file: its path as given, where its bytes lie without gzip, and their format."""

    path: str
    plain: Path
    format: Format


def find(paths: Sequence[str]) -> list[str]:
    """Expand paths and globs: each file once, in the order given, a glob's in order of name.

    Raises
    ------
    DataError
        If a path does not exist (the nearest name is proposed) or is a directory, or if a glob
        matches nothing.
    """
    found = [file for path in paths for file in _expand(path)]
    return list(dict.fromkeys(found))


def _expand(path: str) -> list[str]:
    if not path:
        raise UsageError("an empty path among the files; is a variable of the shell unset?")
    place = Path(path)
    if place.is_dir():
        raise DataError(f"{path}: is a directory; name a file, or a glob such as '{path}/*.csv'")
    if place.exists():
        return [path]
    if glob.has_magic(path):
        names = glob.glob(path, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute one
        matches = [file for file in sorted(names) if Path(file).is_file()]
        if not matches:
            raise DataError(f"{path}: the glob matches no file; check the folder and the pattern")
        return matches
    raise DataError(f"{path}: no such file; {_proposal(place)}")


def _proposal(place: Path) -> str:
    folder = place.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either"
    names = sorted(file.name for file in folder.iterdir())
    near = difflib.get_close_matches(place.name, names, 1)
    return f"did you mean {folder / near[0]}?" if near else f"name one that is in {folder}"


def format_of(path: str, section: str, config: ArticlesConfig | ViewsConfig) -> Format:
    """Tell a file's format by the configuration, else by its name.

    Raises
    ------
    DataError
        If neither says it.
    """
    if config.format != "auto":
        return config.format
    suffix = Path(path.lower().removesuffix(".gz")).suffix
    if suffix not in _FORMATS:
        raise DataError(
            f"{path}: its name does not tell the format; name it {', '.join(_FORMATS)} (with or "
            f"without .gz), or set {section}.format"
        )
    return _FORMATS[suffix]


def unpack(path: str, kind: Format, folder: Path) -> tuple[Source, InputFile]:
    """Take a file's checksum, and its gzip off where its name ends in `.gz`.

    Parameters
    ----------
    path : str
        The file.
    kind : Format
        What it holds.
    folder : Path
        Where the unpacked copy goes.

    Returns
    -------
    Source, InputFile
        What to read, and what to write down about it: size and SHA-256 are those of the file
        as it lies there, gzip included.

    Raises
    ------
    DataError
        If the file cannot be opened, is empty, is gzip that is cut short or damaged, is gzip by
        name or by content alone, or is UTF-16.
    """
    place = Path(path)
    try:
        with place.open("rb") as file:
            head = file.read(4)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            record = InputFile(path, file.tell(), digest)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check its rights") from None
    if not record.bytes:
        raise DataError(f"{path}: is empty; leave it out, or write it again")
    plain = place
    if place.suffix.lower() == ".gz":
        plain = _without_gzip(path, head, folder)
    elif head.startswith(_GZIP):
        raise DataError(f"{path}: holds gzip; let its name end in .gz")
    if kind != "parquet":
        with plain.open("rb") as file:
            _check_text(path, file)
    return Source(path, plain, kind), record


def _without_gzip(path: str, head: bytes, folder: Path) -> Path:
    """Unpack by Python: DuckDB reads gzip on one thread, and stands still on a damaged stream."""
    if not head.startswith(_GZIP):
        raise DataError(f"{path}: is no gzip (it starts with {head!r}); take .gz off its name")
    plain = folder / "unpacked"
    try:
        with gzip.open(path) as packed, plain.open("wb") as out:
            shutil.copyfileobj(cast(BinaryIO, packed), out, 1 << 20)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: gzip cut short or damaged ({error}); write it again") from None
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be unpacked into {folder} ({error.strerror}); make room there, or set "
            "TMPDIR to another folder"
        ) from None
    if not plain.stat().st_size:
        raise DataError(f"{path}: is empty inside; leave it out, or write it again")
    return plain


def _check_text(path: str, file: BinaryIO) -> None:
    if file.read(2) in _UTF_16:
        raise DataError(f"{path}: not UTF-8 but UTF-16; save it as UTF-8")
