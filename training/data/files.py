"""Input files: finding them, telling their format, their checksums, compression taken off."""

import codecs
import difflib
import glob
import gzip
import hashlib
import lzma
import shutil
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from training.config import ArticlesConfig, ViewsConfig
from training.data.encodings import wide
from training.data.partitions import as_glob, is_partitioned, overlapping
from training.errors import DataError, OutputError, UsageError
from training.records import NEVER, InputFile

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Format = Literal["csv", "tsv", "jsonl", "parquet"]

FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}


class _Packing(NamedTuple):
    """A way of compression: its name, how such files begin, what reads them, what may be wrong."""

    name: str
    magic: bytes
    open: Callable[[Path], Any]
    errors: tuple[type[Exception], ...]


_PACKINGS: Final = {
    ".gz": _Packing("gzip", b"\x1f\x8b", gzip.open, (EOFError, zlib.error, gzip.BadGzipFile)),
    ".xz": _Packing("xz", b"\xfd7zXZ\0", lzma.open, (EOFError, lzma.LZMAError)),
    ".zst": _Packing("zstd", b"\x28\xb5\x2f\xfd", zstd.open, (EOFError, zstd.ZstdError)),
}
_PARQUET: Final = b"PAR1"
_PLAIN: Final = _Packing("", b"", partial(Path.open, mode="rb"), ())


@dataclass(frozen=True)
class Source:
    """An input file: its path as given, where its bytes lie to be read, and their format."""

    path: str
    plain: Path
    format: Format

    def discard(self) -> None:
        """Remove the unpacked copy where there is one, never the file itself."""
        if self.plain != Path(self.path):
            self.plain.unlink()


def find(paths: Sequence[str], start: int = 0, end: int = NEVER) -> list[str]:
    """Expand paths, folders and globs: each file once, in the order given, others by name.

    A folder stands for all files in it, and in the folders in it, whose names tell their format. A
    path with `%Y`, `%m`, `%d` or `%H` stands for those that overlap [start, end), µs UTC.

    Raises
    ------
    DataError
        If a path does not exist (the nearest name is proposed), if a folder holds no such file, or
        a glob matches nothing.
    """
    found = [
        file
        for path in map(str, paths)
        for file in (
            _of_window(path, start, end)
            if is_partitioned(path) and not Path(path).exists()
            else _expand(path)
        )
    ]
    return list(dict.fromkeys(found))


def _of_window(path: str, start: int, end: int) -> list[str]:
    names = sorted(glob.glob(as_glob(path), recursive=True))  # noqa: PTH207 - as in `_expand`
    if not names:
        raise DataError(f"{path}: matches nothing; check the folder and the pattern")
    inside = map(Path, overlapping(path, names, start, end))
    return [str(file) for place in inside for file in _data_in(place)]


def _data_in(place: Path) -> list[Path]:
    return (
        [file for file in sorted(place.rglob("*")) if _is_data(file)] if place.is_dir() else [place]
    )


def _expand(path: str) -> list[str]:
    if not path:
        raise UsageError("an empty path among the files; is a variable of the shell unset?")
    if "://" in path:
        raise DataError(f"{path}: only Spark reads it: ymal count --engine spark, --increments")
    place = Path(path)
    if place.is_dir():
        inside = [str(file) for file in _data_in(place)]
        if not inside:
            raise DataError(
                f"{path}: is a directory without files of data; name a file, or a glob such as "
                f"'{path}/*.log'"
            )
        return inside
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


def _is_data(file: Path) -> bool:
    return not file.name.startswith((".", "_")) and _suffix(file) in FORMATS and file.is_file()


def _suffix(file: Path) -> str:
    """Give what a name ends in, in lower case, compression left aside."""
    bare = file.with_suffix("") if file.suffix.lower() in _PACKINGS else file
    return bare.suffix.lower()


def format_of(path: str, section: str, config: ArticlesConfig | ViewsConfig) -> Format:
    """Tell a file's format by the configuration, else by its name.

    Raises
    ------
    DataError
        If neither says it.
    """
    if config.format != "auto":
        return config.format
    suffix = _suffix(Path(path))
    if suffix not in FORMATS:
        raise DataError(
            f"{path}: its name does not tell the format; name it {', '.join(FORMATS)} (with or "
            f"without {', '.join(_PACKINGS)}), or set {section}.format"
        )
    return FORMATS[suffix]


def unpack(path: str, kind: Format, folder: Path) -> tuple[Source, InputFile]:
    """Take a file's checksum, and its compression off where its name ends in one.

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
        as it lies there, compressed.

    Raises
    ------
    DataError
        If the file cannot be opened, is empty, is cut short or damaged where it is compressed or in
        UTF-16, or holds something else than its name says.
    """
    try:
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            record = InputFile(path, file.tell(), digest)
    except OSError as error:
        raise _unreadable(path, error) from None
    return Source(path, _plain(path, kind, folder), kind), record


def beginning(path: str, kind: Format, folder: Path, size: int) -> Source:
    """Unpack only as much of a file of text as its first lines need, for a look at it.

    Parameters
    ----------
    path, kind, folder
        As for `unpack`.
    size : int
        Bytes of text after which the copy ends, with the line. Parquet is taken whole, since it can
        be read in part.

    Raises
    ------
    DataError
        As from `unpack`, for what shows in the beginning.
    """
    whole = kind == "parquet"
    return Source(path, _plain(path, kind, folder, None if whole else size), kind)


def is_parquet(path: str) -> bool:
    """Tell by how a file begins whether it is Parquet, whatever its name.

    Raises
    ------
    DataError
        If it cannot be opened.
    """
    return _head(path).startswith(_PARQUET)


def _head(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(6)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: OSError) -> DataError:
    return DataError(f"{path}: cannot be read ({error.strerror}); check its rights")


def _plain(path: str, kind: Format, folder: Path, size: int | None = None) -> Path:
    """Check how a file begins, and give where its bytes lie to be read, all or some.

    They are copied where the file is compressed, or a text in UTF-16 or UTF-32.
    """
    place, head = Path(path), _head(path)
    if not head:
        raise DataError(f"{path}: is empty; leave it out, or write it again")
    packing = _PACKINGS.get(place.suffix.lower())
    if packing is not None and not head.startswith(packing.magic):
        raise DataError(
            f"{path}: is no {packing.name} (it starts with {head[:4]!r}); "
            f"take {place.suffix} off its name"
        )
    if packing is None:
        _check_content(path, kind, head)
    text = kind != "parquet"
    if packing is None and size is None and not (text and wide(head)):
        return place
    return _copied(path, packing or _PLAIN, folder, size, text=text)


def _check_content(path: str, kind: Format, head: bytes) -> None:
    """Check that a file is not plainly something else than its name says."""
    for ending, other in _PACKINGS.items():
        if head.startswith(other.magic):
            raise DataError(f"{path}: holds {other.name}; let its name end in {ending}")
    if kind != "parquet" and head.startswith(_PARQUET):
        raise DataError(f"{path}: holds Parquet; let its name end in .parquet, or set its format")
    if head.startswith(b"PK\3\4"):
        raise DataError(
            f"{path}: holds a ZIP archive or an Excel workbook; unpack it, or save it as CSV"
        )


def _copied(path: str, packing: _Packing, folder: Path, size: int | None, *, text: bool) -> Path:
    """Unpack by Python: DuckDB reads on one thread, and stands still on a damaged stream."""
    plain = folder / "unpacked"
    try:
        with packing.open(Path(path)) as packed, plain.open("wb") as out:
            encoding = wide(packed.peek(4)) if text else None
            stream = codecs.EncodedFile(packed, "utf-8", encoding) if encoding else packed
            if size is None:
                shutil.copyfileobj(stream, out, 1 << 20)
            else:
                out.write(stream.read(size) + stream.readline(size))
    except packing.errors as error:
        raise DataError(
            f"{path}: {packing.name} cut short or damaged ({error}); write it again"
        ) from None
    except UnicodeError as error:
        raise DataError(
            f"{path}: {str(encoding).upper()} cut short or damaged ({error}); save it as UTF-8"
        ) from None
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be unpacked into {folder} ({error.strerror}); make room there, or set "
            "TMPDIR to another folder"
        ) from None
    if not plain.stat().st_size:
        raise DataError(f"{path}: is empty inside; leave it out, or write it again")
    return plain
