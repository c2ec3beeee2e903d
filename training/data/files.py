"""Input files: finding, recognising and decompressing them, and their checksums."""

import codecs
import difflib
import glob
import gzip
import hashlib
import lzma
import shutil
import sys
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from training.config import ArticlesConfig, ViewsConfig
from training.data.encodings import wide
from training.data.formats import ENDINGS, FORMATS, Format, formats_by_ending
from training.data.partitions import as_glob, is_partitioned, overlapping
from training.data.scan import Source
from training.errors import DataError, OutputError, UsageError
from training.records import NEVER, InputFile

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


class _Compression(NamedTuple):
    """A compression: its name, first bytes of its files, how to open one, and errors of that."""

    name: str
    magic: bytes
    open: Callable[[Path], Any]
    errors: tuple[type[Exception], ...]


_COMPRESSIONS: Final = {
    ".gz": _Compression("gzip", b"\x1f\x8b", gzip.open, (EOFError, zlib.error, gzip.BadGzipFile)),
    ".xz": _Compression("xz", b"\xfd7zXZ\0", lzma.open, (EOFError, lzma.LZMAError)),
    ".zst": _Compression("zstd", b"\x28\xb5\x2f\xfd", zstd.open, (EOFError, zstd.ZstdError)),
}
_UNCOMPRESSED: Final = _Compression("", b"", partial(Path.open, mode="rb"), ())
_HEAD_BYTES: Final = 4096


def find(paths: Sequence[str], start: int = 0, end: int = NEVER) -> list[str]:
    """Expand paths, folders and globs: each file once, in the order given, matches by name.

    A folder stands for all files in it and its subfolders whose names have an ending of a format. A
    path with `%Y`, `%m`, `%d` or `%H` stands for the files that overlap [start, end), µs UTC.

    Raises
    ------
    DataError
        If a path does not exist (the message proposes the nearest name), a folder holds no data
        file, or a glob matches nothing.
    """
    found = [
        file
        for path in map(str, paths)
        for file in (
            _expand_partitions(path, start, end)
            if is_partitioned(path) and not Path(path).exists()
            else _expand(path)
        )
    ]
    return list(dict.fromkeys(found))


def _expand_partitions(path: str, start: int, end: int) -> list[str]:
    names = sorted(glob.glob(as_glob(path), recursive=True))  # noqa: PTH207 - as in `_expand`
    if not names:
        raise DataError(f"{path}: matches nothing; check the folder and the pattern")
    inside = map(Path, overlapping(path, names, start, end))
    return [str(file) for place in inside for file in _data_files(place)]


def _data_files(place: Path) -> list[Path]:
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
        inside = [str(file) for file in _data_files(place)]
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
    raise DataError(f"{path}: no such file; {_suggest_name(place)}")


def _suggest_name(place: Path) -> str:
    folder = place.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either"
    names = sorted(file.name for file in folder.iterdir())
    near = difflib.get_close_matches(place.name, names, 1)
    return f"did you mean {folder / near[0]}?" if near else f"name one that is in {folder}"


def _is_data(file: Path) -> bool:
    return not file.name.startswith((".", "_")) and _ending(file) in ENDINGS and file.is_file()


def _ending(file: Path) -> str:
    """Return the ending of a name in lower case, compression left aside."""
    bare = file.with_suffix("") if file.suffix.lower() in _COMPRESSIONS else file
    return bare.suffix.lower()


def format_of(path: str, section: str, config: ArticlesConfig | ViewsConfig) -> Format:
    """Return a file's format: the configured one, else that of its name's ending.

    Its content decides where formats share an ending.

    Raises
    ------
    DataError
        If none of them tells.
    """
    if config.format != "auto":
        return FORMATS[config.format]
    possible = formats_by_ending(_ending(Path(path)))
    if len(possible) > 1:
        possible = formats_by_content(path, possible)
    if not possible:
        raise DataError(
            f"{path}: its name does not tell the format; name it {', '.join(ENDINGS)} (with or "
            f"without {', '.join(_COMPRESSIONS)}), or set {section}.format"
        )
    return possible[0]


def formats_by_content(path: str, possible: Collection[Format]) -> list[Format]:
    """Return those of some formats that a file's first bytes, decompressed, are of.

    Raises
    ------
    DataError
        As from `unpack`, for what shows in the first bytes.
    """
    head = read_head(path)
    return [row for row in possible if row.matches(head)]


def read_head(path: str) -> bytes:
    """Return the first bytes of a file, decompressed, text as UTF-8 without byte order mark.

    Raises
    ------
    DataError
        As from `unpack`, for what shows in the first bytes.
    """
    with _decompressed(path, _compression_of(path), is_text=True) as stream:
        return bytes(stream.read(_HEAD_BYTES)).removeprefix(codecs.BOM_UTF8)


def unpack(path: str, format_: Format, folder: Path) -> tuple[Source, InputFile]:
    """Take a file's checksum, and decompress it if the ending of its name says so.

    Parameters
    ----------
    path : str
        The file.
    format_ : Format
        Its format.
    folder : Path
        Where the decompressed copy goes.

    Returns
    -------
    Source, InputFile
        What to read, and the record of the file: size and SHA-256 of the compressed bytes.

    Raises
    ------
    DataError
        If the file cannot be opened, is empty, is truncated or damaged where it is compressed or in
        UTF-16, or holds something else than its name says.
    """
    try:
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            record = InputFile(path, file.tell(), digest)
    except OSError as error:
        raise _unreadable(path, error) from None
    return Source(path, _plain(path, format_, folder)), record


def unpack_beginning(path: str, format_: Format, folder: Path, size: int) -> Source:
    """Decompress only the first lines of a text file.

    Parameters
    ----------
    path, format_, folder
        As for `unpack`.
    size : int
        Bytes of text after which the copy ends, with the line. A binary file is taken whole, since
        DuckDB reads only the part that it needs.

    Raises
    ------
    DataError
        As from `unpack`, for what shows in the beginning.
    """
    return Source(path, _plain(path, format_, folder, size if format_.is_text else None))


def _unreadable(path: str, error: OSError) -> DataError:
    return DataError(f"{path}: cannot be read ({error.strerror}); check its rights")


def _plain(path: str, format_: Format, folder: Path, size: int | None = None) -> Path:
    """Return where a file's bytes lie to be read, all or some.

    They are copied if the file is compressed, or a text in UTF-16 or UTF-32.
    """
    compression, head = _compression_of(path), _first_bytes(path)
    if compression is _UNCOMPRESSED:
        _check_format(path, format_, head)
        if size is None and not (format_.is_text and wide(head)):
            return Path(path)
    return _copy(path, compression, folder, size, is_text=format_.is_text)


def _first_bytes(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(6)
    except OSError as error:
        raise _unreadable(path, error) from None


def _compression_of(path: str) -> _Compression:
    """Return a file's compression by the ending of its name; its first bytes must agree."""
    head, ending = _first_bytes(path), Path(path).suffix.lower()
    if not head:
        raise DataError(f"{path}: is empty; leave it out, or write it again")
    named = _COMPRESSIONS.get(ending)
    if named is not None:
        if not head.startswith(named.magic):
            raise DataError(
                f"{path}: is no {named.name} (it starts with {head[:4]!r}); "
                f"take {Path(path).suffix} off its name"
            )
        return named
    for other, compression in _COMPRESSIONS.items():
        if head.startswith(compression.magic):
            raise DataError(f"{path}: holds {compression.name}; let its name end in {other}")
    if head.startswith(b"PK\3\4"):
        raise DataError(
            f"{path}: holds a ZIP archive or an Excel workbook; unpack it, or save it as CSV"
        )
    return _UNCOMPRESSED


def _check_format(path: str, format_: Format, head: bytes) -> None:
    """Check that a file said to be text is of no binary format."""
    for other in FORMATS.values():
        if format_.is_text and not other.is_text and other.matches(head):
            raise DataError(
                f"{path}: holds {other.name}; let its name end in {other.endings[0]}, or set its "
                "format"
            )


@contextmanager
def _decompressed(path: str, compression: _Compression, *, is_text: bool) -> Iterator[Any]:
    """Open a file as a stream of decompressed bytes, text in UTF-16 or UTF-32 as UTF-8.

    Python decompresses, since DuckDB does so on one thread, and hangs on a damaged stream.
    """
    encoding = None
    try:
        with compression.open(Path(path)) as stream:
            encoding = wide(stream.peek(4)) if is_text else None
            yield codecs.EncodedFile(stream, "utf-8", encoding) if encoding else stream
    except compression.errors as error:
        raise DataError(
            f"{path}: {compression.name} cut short or damaged ({error}); write it again"
        ) from None
    except UnicodeError as error:
        raise DataError(
            f"{path}: {str(encoding).upper()} cut short or damaged ({error}); save it as UTF-8"
        ) from None


def _copy(
    path: str, compression: _Compression, folder: Path, size: int | None, *, is_text: bool
) -> Path:
    plain = folder / "unpacked"
    try:
        with (
            _decompressed(path, compression, is_text=is_text) as stream,
            plain.open("wb") as out,
        ):
            if size is None:
                shutil.copyfileobj(stream, out, 1 << 20)
            else:
                out.write(stream.read(size) + stream.readline(size))
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be unpacked into {folder} ({error.strerror}); make room there, or set "
            "TMPDIR to another folder"
        ) from None
    if not plain.stat().st_size:
        raise DataError(f"{path}: is empty inside; leave it out, or write it again")
    return plain
