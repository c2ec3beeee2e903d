"""Input files: finding, recognising and decompressing them, and their checksums."""

import codecs
import difflib
import glob
import gzip
import hashlib
import lzma
import re
import shutil
import sys
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from training.config import ArticlesConfig, ViewsConfig
from training.data.encodings import wide_encoding
from training.data.formats import ENDINGS, FORMATS, Format, formats_by_ending
from training.data.partitions import as_glob, is_partitioned, overlapping
from training.data.scan import Source, Wanted
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
_MAX_HEAD_LINE: Final = 64_000_000


def find(paths: Sequence[str], start: int = 0, end: int = NEVER) -> list[str]:
    """Expand paths, folders and globs: each file once, in the order given, matches by name.

    Numbers in names count as numbers, so that the newest of numbered or dated files is the last:
    `export-9` comes before `export-10`. A folder stands for all files in it and its subfolders
    whose names have an ending of a format. A path with `%Y`, `%m`, `%d` or `%H` stands for the
    files that overlap [start, end), µs UTC.

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
    names = glob.glob(as_glob(path), recursive=True)  # noqa: PTH207 - as in `_expand`
    names.sort(key=natural_order)
    if not names:
        raise DataError(f"{path}: matches nothing; check the folder and the pattern")
    inside = map(Path, overlapping(path, names, start, end))
    return [str(file) for location in inside for file in _data_files(location)]


def _data_files(location: Path) -> list[Path]:
    if not location.is_dir():
        return [location]
    return sorted(filter(_is_data, location.rglob("*")), key=natural_order)


def natural_order(path: str | Path) -> tuple[tuple[object, ...], str]:
    """Return a key by which paths sort by folder, and numbers in their names by value.

    Examples
    --------
    >>> sorted(["export-10.csv", "export-9.csv", "Export-8.csv"], key=natural_order)
    ['Export-8.csv', 'export-9.csv', 'export-10.csv']
    """
    parts = ([_natural(piece) for piece in re.split(r"(\d+)", part)] for part in Path(path).parts)
    return tuple(map(tuple, parts)), str(path)


def _natural(piece: str) -> tuple[int, str]:
    return (int(piece), "") if piece.isdecimal() else (0, piece)


def _expand(path: str) -> list[str]:
    if not path:
        raise UsageError("an empty path among the files; is a variable of the shell unset?")
    if "://" in path:
        raise DataError(
            f"{path}: only Spark reads it; count it by ymal count --engine spark, and use "
            "--increments"
        )
    location = Path(path)
    if location.is_dir():
        inside = [str(file) for file in _data_files(location)]
        if not inside:
            raise DataError(
                f"{path}: is a directory without data files; name a file, or a glob such as "
                f"'{path}/*.log'"
            )
        return inside
    if location.exists():
        return [path]
    if glob.has_magic(path):
        names = glob.glob(path, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute one
        matches = sorted((file for file in names if Path(file).is_file()), key=natural_order)
        if not matches:
            raise DataError(f"{path}: the glob matches no file; check the folder and the pattern")
        return matches
    raise DataError(f"{path}: no such file; {_suggest_name(location)}")


def _suggest_name(location: Path) -> str:
    folder = location.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either"
    names = sorted(file.name for file in folder.iterdir())
    near = difflib.get_close_matches(location.name, names, 1)
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
        If the format is none of these.
    """
    if config.format != "auto":
        return FORMATS[config.format]
    possible = formats_by_ending(_ending(Path(path)))
    if len(possible) > 1:
        # Where nothing tells, the first line may be broken: the usual format has a row for it.
        possible = formats_by_content(path, possible) or possible[-1:]
    if not possible:
        raise DataError(
            f"{path}: its name does not show the format; end it in {', '.join(ENDINGS)} (with or "
            f"without {', '.join(_COMPRESSIONS)}), or set {section}.format"
        )
    return possible[0]


def format_by_name(path: str) -> Format | None:
    """Return the usual format of files of this name, None if the name does not tell."""
    possible = formats_by_ending(_ending(Path(path)))
    return possible[-1] if possible else None


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

    Its first line is whole, unless it is longer than 64 MB.

    Raises
    ------
    DataError
        As from `unpack`, for what shows in the first bytes.
    """
    with _open_decompressed(path, _compression_of(path), is_text=True) as stream:
        head = bytes(stream.read(_HEAD_BYTES))
        if b"\n" not in head:
            head += bytes(stream.readline(_MAX_HEAD_LINE)) + bytes(stream.read(_HEAD_BYTES))
        return head.removeprefix(codecs.BOM_UTF8)


def unpack(path: str, format_: Format, folder: Path, wanted: Wanted) -> tuple[Source, InputFile]:
    """Take a file's checksum; decompress it if the ending of its name says so, and convert it.

    Parameters
    ----------
    path : str
        The file.
    format_ : Format
        Its format.
    folder : Path
        Where copies go.
    wanted : Wanted
        Which of its tables, if it holds several.

    Returns
    -------
    Source, InputFile
        What to read, and the record of the file: size and SHA-256 of the compressed bytes.

    Raises
    ------
    DataError
        If the file cannot be opened, is empty, is truncated or damaged where it is compressed or in
        UTF-16, or contains another format than its name says.
    """
    try:
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            record = InputFile(path, file.tell(), digest)
    except OSError as error:
        raise _unreadable(path, error) from None
    source = Source(path, _plain_file(path, format_, folder))
    return _converted(source, format_, folder, wanted), record


def unpack_beginning(path: str, format_: Format, folder: Path, size: int, wanted: Wanted) -> Source:
    """Decompress and convert only the first lines of a text file.

    Parameters
    ----------
    path, format_, folder, wanted
        As for `unpack`.
    size : int
        Bytes of text after which the copy ends, with the line. A binary file is taken whole, since
        DuckDB reads only the part that it needs.

    Raises
    ------
    DataError
        As from `unpack`, for what shows in the beginning.
    """
    plain = _plain_file(path, format_, folder, size if format_.is_text else None)
    cut = format_.is_text and plain.stat().st_size >= size
    return _converted(Source(path, plain), format_, folder, replace(wanted, partial=cut))


def _converted(source: Source, format_: Format, folder: Path, wanted: Wanted) -> Source:
    """Return where the rows lie as the format's scan reads them."""
    if format_.convert is None:
        return source
    try:
        return format_.convert(source, folder / "rows", wanted)
    except OSError as error:
        raise OutputError(
            f"{source.path}: cannot be converted in {folder} ({error.strerror}); make room there, "
            "or set TMPDIR to another folder"
        ) from None
    finally:
        source.discard()


def _unreadable(path: str, error: OSError) -> DataError:
    return DataError(f"{path}: cannot be read ({error.strerror}); check its permissions")


def _plain_file(path: str, format_: Format, folder: Path, size: int | None = None) -> Path:
    """Return where a file's bytes lie to be read, all or some.

    They are copied if the file is compressed, or a text in UTF-16 or UTF-32.
    """
    compression, head = _compression_of(path), _first_bytes(path)
    if compression is _UNCOMPRESSED:
        _check_format(path, format_, head)
        if size is None and not (format_.is_text and wide_encoding(head)):
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
        raise DataError(f"{path}: is empty; leave it out, or export it again")
    named = _COMPRESSIONS.get(ending)
    if named is not None:
        if not head.startswith(named.magic):
            raise DataError(
                f"{path}: is not {named.name} (it starts with {head[:4]!r}); "
                f"remove {Path(path).suffix} from its name"
            )
        return named
    for other, compression in _COMPRESSIONS.items():
        if head.startswith(compression.magic):
            raise DataError(f"{path}: contains {compression.name}; end its name in {other}")
    if head.startswith(b"PK\3\4"):
        raise DataError(
            f"{path}: is a ZIP archive or an Excel workbook; unpack it, or save it as CSV"
        )
    return _UNCOMPRESSED


def _check_format(path: str, format_: Format, head: bytes) -> None:
    """Check that a file said to be text is of no binary format."""
    for other in FORMATS.values():
        if format_.is_text and not other.is_text and other.matches(head):
            raise DataError(
                f"{path}: contains {other.name}; end its name in {other.endings[0]}, or set its "
                "format"
            )


@contextmanager
def _open_decompressed(path: str, compression: _Compression, *, is_text: bool) -> Iterator[Any]:
    """Open a file as a stream of decompressed bytes, text in UTF-16 or UTF-32 as UTF-8.

    Python decompresses, since DuckDB does so on one thread, and hangs on a damaged stream.
    """
    encoding = None
    try:
        with compression.open(Path(path)) as stream:
            encoding = wide_encoding(stream.peek(4)) if is_text else None
            yield codecs.EncodedFile(stream, "utf-8", encoding) if encoding else stream
    except compression.errors as error:
        raise DataError(
            f"{path}: its {compression.name} is truncated or damaged ({error}); export it again"
        ) from None
    except UnicodeError as error:
        raise DataError(
            f"{path}: its {str(encoding).upper()} is truncated or damaged ({error}); save it as "
            "UTF-8"
        ) from None


def _copy(
    path: str, compression: _Compression, folder: Path, size: int | None, *, is_text: bool
) -> Path:
    plain = folder / "unpacked"
    try:
        with (
            _open_decompressed(path, compression, is_text=is_text) as stream,
            plain.open("wb") as out,
        ):
            if size is None:
                shutil.copyfileobj(stream, out, 1 << 20)
            else:
                out.write(stream.read(size) + stream.readline(size))
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be decompressed into {folder} ({error.strerror}); free space "
            "there, or set TMPDIR to another folder"
        ) from None
    if not plain.stat().st_size:
        raise DataError(f"{path}: is empty when decompressed; leave it out, or export it again")
    return plain
