"""The values that packages exchange: times, articles, views, windows.

Times are int64 microseconds since 1970 in UTC; `NEVER` means "no such time". An *id* is
the site's own string, a *row* our integer; a row indexes every per-article array.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntFlag
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from training.config import Config
from training.strings import StringArray

if TYPE_CHECKING:
    import duckdb

HOUR: Final = 3_600_000_000
DAY: Final = 24 * HOUR
BUCKET: Final = HOUR // 12
"""Width of a time bucket (five minutes): the grain at which decay is applied."""

NEVER: Final = np.iinfo(np.int64).max
"""An unknown time."""

_MIN_SHARE_FOR_TABLE: Final = 0.01
"""Share of the ids from which they are looked up in a table of all, not among the sorted ones."""

UInt8 = npt.NDArray[np.uint8]
UInt32 = npt.NDArray[np.uint32]
UInt64 = npt.NDArray[np.uint64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


class Flag(IntFlag):
    """The marks of an article, one bit each.

    Withdrawn: taken down by the site. Evergreen: age limits do not apply.
    """

    WITHDRAWN = 1
    SPONSORED = 2
    PAYWALLED = 4
    EVERGREEN = 8


@dataclass(frozen=True)
class Articles:
    """Articles as read from the site's files: one entry per article in every field.

    Attributes
    ----------
    id : the site's own ids, distinct.
    title, section, tags : as a reader sees them, on one line; `""` where absent. Tags are joined by
        newlines.
    body, url : text as given, a body without pictures; `""` where absent.
    language : primary subtag in lower case, such as `en`; `""` where absent.
    extra : further fields that the site wants back, as JSON objects of texts; `""` for none.
    published : int64[n], µs UTC, `NEVER` where absent.
    flags : uint8[n], bits of `Flag`.
    """

    id: Sequence[str]
    title: Sequence[str]
    body: Sequence[str]
    section: Sequence[str]
    tags: Sequence[str]
    url: Sequence[str]
    language: Sequence[str]
    extra: Sequence[str]
    published: Int64
    flags: UInt8

    def __len__(self) -> int:
        return len(self.id)

    @classmethod
    def with_ids(cls, ids: Sequence[str]) -> "Articles":
        """Return articles with ids alone."""
        n = len(ids)
        texts = ("title", "body", "section", "tags", "url", "language", "extra")
        blank = dict.fromkeys(texts, [""] * n)
        return cls(ids, **blank, published=np.full(n, NEVER), flags=np.zeros(n, np.uint8))

    @classmethod
    def empty(cls) -> "Articles":
        """Return no articles."""
        return cls.with_ids([])

    def pick(self, positions: Sequence[int]) -> "Articles":
        """Return the articles at some positions, in that order."""
        texts = ("id", "title", "body", "section", "tags", "url", "language", "extra")
        picked = {name: [getattr(self, name)[i] for i in positions] for name in texts}
        at = np.asarray(positions, np.intp)
        return Articles(**picked, published=self.published[at], flags=self.flags[at])

    def digests(self) -> Int64:
        """Return a hash of each article's fields: int64[n]."""
        texts = self.title, self.body, self.section, self.tags, self.url, self.language, self.extra
        marks = self.published.tolist(), self.flags.tolist()
        rows = zip(*texts, *marks, strict=True)
        hashes = (blake2b(repr(row).encode(), digest_size=8) for row in rows)
        whole = [int.from_bytes(hashed.digest(), "little") for hashed in hashes]
        return np.array(whole, np.uint64).view(np.int64)


class ViewSource(Protocol):
    """A site's views: each of them, or the increments that were counted from them."""

    @property
    def count(self) -> int:
        """Number of views."""

    @property
    def start(self) -> int:
        """Time of the first view, µs UTC; `NEVER` where there is none."""

    @property
    def newest(self) -> int:
        """Time of the last view, µs UTC; -1 where there is none."""

    @property
    def ends(self) -> Sequence[int] | None:
        """The times (µs UTC, ascending) where the open sessions are known; None for all."""

    def count_between(self, start: int, end: int) -> int:
        """Count the views in [start, end), µs UTC."""

    def count_late(self, time: int) -> int:
        """Count the views that came too late for a state at `time`, µs UTC."""

    def daily_counts(self, start: int, end: int) -> list[tuple[int, int]]:
        """Count the views in [start, end) of each UTC day that has any; its midnight (µs) first."""

    def first_views(self, articles: int, until: int) -> Int64:
        """Return the first view of each of n rows before `until`: int64[n], `NEVER` without one."""

    def read_counts(self, start: int, end: int) -> Mapping[str, npt.NDArray[Any]]:
        """Count the views in [start, end) by `reader` and `article`, ascending by them."""

    def rows(self) -> "ViewRows":
        """Return the views one by one.

        Raises
        ------
        UsageError
            If only their increments are known.
        """


class ViewRows(ViewSource, Protocol):
    """Page views in a DuckDB table, in the order of time and of the files, exact duplicates gone.

    The table's columns: `time` BIGINT (µs UTC), `reader` BIGINT (keyed hash of the user, NULL where
    nobody is named),
    `session` BIGINT (hash of the site's session id, 0 where unmapped), `article` INTEGER (row),
    `read_time` INTEGER (seconds, -1 if unknown), and the origin of the view: `block` INTEGER
    (position in `BLOCKS`, -1 if it was none of them), `slot` INTEGER (from 1) and `version` INTEGER
    (position in `versions`), each -1 if unknown; and `place` BIGINT, ascending in the files.
    """

    @property
    def connection(self) -> "duckdb.DuckDBPyConnection":
        """The connection that holds the table."""

    @property
    def table(self) -> str:
        """Name of the table."""

    @property
    def versions(self) -> Sequence[str]:
        """The versions that views came from, ascending."""

    @property
    def navigation(self) -> str:
        """Name of the table of views of no article: time, reader, session; empty for none."""


@dataclass(frozen=True)
class Traffic:
    """Views in the files by the UTC hour, those of unknown articles included.

    Attributes
    ----------
    hour : int64[k], when it begins, µs UTC, ascending.
    views, unknown : int64[k], all of them, and those of articles that no file describes.
    unknown_ids : the most viewed ids that no file describes, with their views.
    """

    hour: Int64
    views: Int64
    unknown: Int64
    unknown_ids: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> "Traffic":
        """Return the traffic of no views."""
        nothing = np.zeros(0, np.int64)
        return cls(nothing, nothing, nothing)

    def unknown_share(self, start: int, end: int, min_views: int) -> float | None:
        """Return the share of views of unknown articles in the hours that begin in [start, end).

        None if there are fewer views than `min_views`.
        """
        inside = (self.hour >= start) & (self.hour < end)
        views = int(self.views[inside].sum())
        return None if views < min_views else float(self.unknown[inside].sum()) / views


@dataclass(frozen=True)
class QuarantinedRow:
    """A bad row: its file and line, why it is bad, and its value (readers masked)."""

    file: str
    line: int
    reason: str
    value: str


@dataclass(frozen=True)
class UnknownFlag:
    """A flag's column that holds values which are neither a known yes nor a known no.

    The flag counts as set in these articles, unless it is `evergreen`.

    Attributes
    ----------
    column : the field, such as `withdrawn`.
    values : the different values, as in the file; that of the first row first.
    file, line : where the first row is.
    articles : ids of the articles that have one of the values, ascending.
    """

    column: str
    values: Sequence[str]
    file: str
    line: int
    articles: Sequence[str]


@dataclass(frozen=True)
class ArticlesRead:
    """What article files say.

    Attributes
    ----------
    articles : the published ones.
    unknown_flags : columns of flags with values that are not understood.
    unpublished : ids that stand there as no published article, each with the column that says so,
        `""` if it lacks a publish time.
    listed : all ids that stand there, also in rows that cannot be used.
    is_certain : whether all columns that say which rows are published are mapped. If not, an
        article that was withdrawn stays so.
    """

    articles: Articles
    unknown_flags: Sequence[UnknownFlag]
    unpublished: Mapping[str, str]
    listed: Set[str]
    is_certain: bool


@dataclass(frozen=True)
class InputFile:
    """A file that was read: its path as given, size in bytes, SHA-256 of its bytes."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Anonymous:
    """Views without a reader.

    Attributes
    ----------
    views : number of views of known articles that are in no session.
    values : number of all views by the value in the reader's place, `""` for none.
    shared : keyed hashes of values that are those of many readers.
    """

    views: int = 0
    values: Mapping[str, int] = field(default_factory=dict)
    shared: Sequence[int] = ()

    def most_frequent(self) -> tuple[str, int]:
        """Return the value that names nobody in most views, and their number; `""` for none."""
        named = ((value, views) for value, views in self.values.items() if value)
        return max(named, key=lambda found: found[1], default=("", 0))


@dataclass(frozen=True)
class Site:
    """A site: its configuration, articles and views.

    Attributes
    ----------
    config : all settings.
    ids : row → id: known rows, then the new ones in ascending order of id.
    articles : those of the article files, ascending by id; without article files, what was viewed.
    views : page views of known articles, or their increments.
    traffic : all views by the hour.
    read : rows read, by input (`articles`, `views`).
    unpublished : ids that stand in the article files as no published article: see `articles.only`.
    missing : known ids that stand in none of the article files.
    quarantine : rows left out, the first thousand of each reason.
    left_out : number of rows left out or collapsed, by reason.
    inputs : the files read.
    unknown_flags : columns of flags with values that are not understood.
    anonymous : the views without a reader.
    known_urls : ids and addresses that articles had before, as given to `read_site`.
    """

    config: Config
    ids: Sequence[str]
    articles: Articles
    views: ViewSource
    read: dict[str, int]
    traffic: Traffic
    unpublished: Sequence[str] = ()
    missing: Sequence[str] = ()
    quarantine: Sequence[QuarantinedRow] = ()
    left_out: dict[str, int] = field(default_factory=dict)
    inputs: Sequence[InputFile] = ()
    unknown_flags: Sequence[UnknownFlag] = ()
    anonymous: Anonymous = Anonymous()
    known_urls: Sequence[tuple[str, str]] = ()

    @property
    def withdrawn(self) -> Sequence[str]:
        """Ids that are no articles any more, whether known or not.

        Unpublished ones, and the missing where the files are declared complete.
        """
        missing = self.missing if self.config.articles.complete else ()
        return [*self.unpublished, *missing]


@dataclass(frozen=True)
class Catalogue:
    """The articles in the state, by row.

    Attributes
    ----------
    ids, titles, urls, extras : one string per row.
    section : int32[n], index into `section_names`, -1 where there is none.
    section_names : ascending.
    language, language_names : likewise.
    published : int64[n], µs UTC, `NEVER` where absent.
    flags : uint8[n], bits of `Flag`; withdrawn articles are neither sources nor candidates.
    length : int32[n], characters of the body.
    digests : int64[n], hash of the article's fields, by which a change is detected.
    touched : int64[n], µs UTC, when its text last changed.
    former_rows : int32[a], rows of articles that had other addresses before, ascending.
    former_urls : those addresses, a strings; of a row the latest last.
    """

    ids: list[str]
    titles: StringArray
    urls: StringArray
    extras: StringArray
    section: Int32
    section_names: Sequence[str]
    language: Int32
    language_names: Sequence[str]
    published: Int64
    flags: UInt8
    length: Int32
    digests: Int64
    touched: Int64
    former_rows: Int32 = field(default_factory=lambda: np.zeros(0, np.int32))
    former_urls: StringArray = field(default_factory=lambda: StringArray.of([]))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def known_urls(self) -> list[tuple[str, str]]:
        """Ids and addresses, the former ones first; an article without one has its id."""
        former = zip(self.former_rows.tolist(), self.former_urls, strict=True)
        present = zip(self.ids, self.urls, strict=True)
        return [*((self.ids[row], url) for row, url in former), *present]

    def has(self, flag: Flag) -> Bool:
        """Mark the rows (bool[n]) that have a flag."""
        return np.asarray(self.flags & flag > 0)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Map an id to its row."""
        return {article: row for row, article in enumerate(self.ids)}

    def rows_of(self, ids: Sequence[str]) -> Int32:
        """Return the rows of some ids, all of them known: int32[len(ids)]."""
        if len(ids) > len(self.ids) * _MIN_SHARE_FOR_TABLE:
            return np.array([self.rows[article] for article in ids], np.int32)
        order, id_of = self.by_id, self.ids.__getitem__
        positions = [bisect_left(order, article, key=id_of) for article in ids]
        return order[positions].astype(np.int32)

    @cached_property
    def by_id(self) -> npt.NDArray[np.intp]:
        """Rows in ascending order of id."""
        return np.argsort(np.array(self.ids, dtype=object), kind="stable")


@dataclass(frozen=True)
class Model:
    """A sum of curves, one per feature, whose slopes vary with the source's context.

    The utility of a candidate is

        base + Σ_c slopes[f, c] z_c + Σ_j (curve_j(x_j) + x_j Σ_c slopes[j, c] z_c)

    with x_j its features, held within the end knots, curve_j piecewise linear, and z_c the context
    of the source, (context_c − centre_c) / spread_c within ± `CONTEXT_REACH`. Its probability is
    the softmax over a source's candidates and the outside option (utility 0). A feature without
    information is 0 and adds nothing.

    Attributes
    ----------
    kind : `learned`, `prior`, or the name of another model of a replay.
    features : names, in the order of the rows below.
    knots : float64[f, k], ascending in each row.
    values : float64[f, k], the curve at each knot.
    slopes : float64[f + 1, c], how a source's context tilts each curve, and shifts the base.
    centre, spread : float64[c], mean and standard deviation of the context.
    base : utility of a candidate whose features are all 0.
    validation : figures on the held-out last tenth of the transitions; empty for the prior.
    """

    kind: str
    features: Sequence[str]
    knots: Float64
    values: Float64
    slopes: Float64
    centre: Float64
    spread: Float64
    base: float
    validation: dict[str, float]


@dataclass(frozen=True)
class Window:
    """A half-open span of time, and its views and articles.

    Attributes
    ----------
    start, end : µs UTC, [start, end).
    views : those outside the window are ignored.
    articles : the articles of the files at its end; none if there were no files.
    new_ids : ids without a row yet, ascending; they get the next rows.
    withdrawn : ids that are no articles any more; unknown ones are ignored.
    """

    start: int
    end: int
    views: ViewSource
    articles: Articles = field(default_factory=Articles.empty)
    new_ids: Sequence[str] = ()
    withdrawn: Sequence[str] = ()


def quantity(count: int, noun: str) -> str:
    """Format a count and its noun, in the plural unless the count is 1.

    Examples
    --------
    >>> quantity(1, "version"), quantity(2000, "version"), quantity(0, "story")
    ('1 version', '2,000 versions', '0 stories')
    """
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("ry") else f"{count:,} {noun}s"


def to_datetime(time: int) -> datetime:
    """Return a time in µs UTC as an aware datetime.

    Examples
    --------
    >>> to_datetime(0).year
    1970
    """
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)


def sorted_unique(keys: Int64) -> Int64:
    """Return the distinct int64 keys, ascending; numpy.unique hashes, which takes longer."""
    ordered = np.sort(keys)
    return np.asarray(ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0])


def append_rows(values: npt.NDArray[Any], count: int, fill: int) -> npt.NDArray[Any]:
    """Return an array with further rows, all of one value."""
    rest = np.full((count, *values.shape[1:]), fill, values.dtype)
    return np.concatenate([values, rest])


def utc(time: int) -> str:
    """Return a time in µs UTC as ISO 8601, in whole seconds, with `Z` at the end.

    Examples
    --------
    >>> utc(0)
    '1970-01-01T00:00:00Z'
    """
    return to_datetime(time).strftime("%Y-%m-%dT%H:%M:%SZ")
