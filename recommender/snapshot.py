"""The lookup: an article's id in, its related stories or its page out, in a few microseconds."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, compress, count, repeat
from typing import Final, Literal, NoReturn

from .answer_cache import AnswerCache
from .cached_version import UNKNOWN, CachedVersion, Candidate, Card
from .manifest import broken
from .overrides import NO_OVERRIDES, ActiveOverrides
from .page_builder import PageBuilder
from .values import Block, Page, RelatedStory

Missing = Literal["fallback", "empty", "error"]

VISITED: Final = 10
"""Stories of a visit, the last ones, whose lists say what to read next."""

_MISSING: Final = ("fallback", "empty", "error")
_NO_SECTION: Final[frozenset[str]] = frozenset()
_NONE: Final[tuple[str, ...]] = ()
"""Nothing to exclude, as by default: such an answer is the same for all, and may be kept."""
_FILLED_FROM: Final = {
    "latest": ("section_latest", "latest"),
    "weekly": ("weekly", "popular", "latest"),
    "popular": ("popular", "latest"),
    "must_reads": ("must_reads", "popular", "latest"),
}
"""The rankings that fill a block, in this order. A site that has nothing in the first lacks it."""

_new: Final = tuple.__new__  # what a NamedTuple's own constructor calls; half the time


class UnknownArticle(KeyError):  # noqa: N818 - it says what is wrong
    """No article of the version has this id."""

    def __str__(self) -> str:
        return str(self.args[0])


class Snapshot:
    """One version and the overrides in force: it answers the same for as long as it is held.

    Take one with `Recommender.snapshot()` and keep it for a whole request. Safe for any number of
    threads; processes that open the same version share its memory.
    """

    __slots__ = ("_active", "_banned", "_cached", "_recent", "_recent_ids", "_ruled")

    def __init__(self, cached: CachedVersion, active: ActiveOverrides = NO_OVERRIDES) -> None:
        self._cached, self._active = cached, active
        self._banned = active.uniform_bans("related")
        self._ruled = cached.version.not_from.union(cached.version.apart)
        self._recent: AnswerCache[list[RelatedStory]] = AnswerCache()
        self._recent_ids: AnswerCache[list[str]] = AnswerCache()

    @property
    def version(self) -> str:
        """Name of the version."""
        return self._cached.name

    @property
    def tag(self) -> str:
        """Name of the version and the overrides in force: of one tag, all answers are the same."""
        digest = self._active.digest
        return f"{self.version}-{digest}" if digest else self.version

    @property
    def overrides(self) -> int:
        """How many overrides are in force."""
        return len(self._active.in_force)

    @property
    def now(self) -> datetime:
        """Time up to which the data was read, aware, UTC."""
        return self._cached.version.now

    @property
    def age(self) -> timedelta:
        """Time passed since `now`."""
        return datetime.now(UTC) - self.now

    @property
    def blocks(self) -> tuple[str, ...]:
        """Keys of the blocks that a page may have, in their order on it."""
        return tuple(plan.key for plan in self._cached.version.page)

    def __len__(self) -> int:
        gone = sum(self._cached.row(article) != UNKNOWN for article in self._active.withdrawn)
        return len(self._cached.version.key_rows) - gone

    def __contains__(self, id: object) -> bool:  # noqa: A002
        return isinstance(id, str) and self._row(id) != UNKNOWN

    def ids(self) -> Iterator[str]:
        """Go through the ids of all known articles, in an order that means nothing."""
        ids, withdrawn = self._cached.version.ids, self._active.withdrawn
        known = (ids[row] for row in self._cached.version.key_rows)
        return (article for article in known if article not in withdrawn)

    def articles(self) -> Iterator[tuple[str, Card]]:
        """Go through all known articles, by id and card, in the order of the catalogue."""
        version, withdrawn = self._cached.version, self._active.withdrawn
        known = bytearray(len(version.ids))
        for row in version.key_rows:
            if row >= len(known):
                broken(version.file("key_rows"), f"there is no row {row}")
            known[row] = 1
        rows = compress(range(len(known)), known)
        found = ((version.ids[row], self._cached.card(row)) for row in rows)
        return ((article, card) for article, card in found if article not in withdrawn)

    def headline(self, id: str) -> tuple[str, str]:  # noqa: A002
        """Give title and section of an article; `""` both where the version does not know it."""
        row = self._row(id)
        if row == UNKNOWN:
            return "", ""
        title, _, section, _, _ = self._cached.card(row)
        return title, section

    def search(self, text: str, n: int = 20) -> list[tuple[str, Card]]:
        """Find articles by their title, in time that grows with their number.

        Parameters
        ----------
        text : str
            Words, or parts of words, that the title must have, all of them, in any case and order.
        n : int
            How many articles at most.

        Returns
        -------
        list of (str, Card)
            Id and card of those that are known and not withdrawn, the newest first, those without
            a time last; nothing for no words.
        """
        words, ids = text.casefold().split(), self._cached.version.ids
        if not words:
            return []
        rows = self._cached.titled(words, n, lambda row: self._row(ids[row]) == row)
        return [(ids[row], self._cached.card(row)) for row in rows]

    def related(
        self,
        id: str,  # noqa: A002
        n: int = 5,
        exclude: Iterable[str] = _NONE,
        *,
        missing: Missing = "fallback",
    ) -> list[RelatedStory]:
        """Give the related stories of an article, best first.

        First the article's own items; where they end, the site-wide rankings follow, as many as
        the site configured: the article's section, the popular, the latest. Never the article
        itself, never an excluded one, never one twice, no two of an event. What editors pinned to
        the block stands at its slot, what they banned or withdrew nowhere.

        Parameters
        ----------
        id : str
            The article whose page is shown.
        n : int
            How many stories at most.
        exclude : iterable of str
            Ids not to give, such as those that the reader has seen; unknown ones do no harm.
        missing : {"fallback", "empty", "error"}
            What to do for an article that the version does not know, as one just published, or
            that is withdrawn: give the popular and the latest, give an empty list, or raise
            `UnknownArticle`.

        Returns
        -------
        list of RelatedStory
            Fewer than `n` only where there are no more.

        Raises
        ------
        UnknownArticle
            A `KeyError`, where `missing="error"` asks for it.
        TypeError, ValueError
            If an argument is not of the kind above.
        ArtifactError
            If the version is damaged where it was read.
        """
        _check(id, n, exclude, missing)
        recent = self._recent if exclude is _NONE else None
        if recent and (kept := recent.get(id, n)) is not None:
            return _theirs(kept)
        row, taken = self._row(id, missing), {id, *exclude}
        first = self._first(row, n, taken)
        if first is None:
            stories = self._stories(self._related(row, id, n, taken, missing))
        else:
            begin, rows, ids = first
            stories = self._stories(zip(ids, rows, rows, repeat(""), count(begin)))
        if recent and row != UNKNOWN and recent.again(id):
            recent.keep(id, n, _theirs(stories))
        return stories

    def related_ids(
        self,
        id: str,  # noqa: A002
        n: int = 5,
        exclude: Iterable[str] = _NONE,
        *,
        missing: Missing = "fallback",
    ) -> list[str]:
        """Give the ids of what `related` gives; several times faster."""
        _check(id, n, exclude, missing)
        recent = self._recent_ids if exclude is _NONE else None
        if recent and (kept := recent.get(id, n)) is not None:
            return kept.copy()
        row, taken = self._row(id, missing), {id, *exclude}
        first = self._first(row, n, taken)
        if first is None:
            ids = [entry[0] for entry in self._related(row, id, n, taken, missing)]
        else:
            ids = first[2]
        if recent and row != UNKNOWN and recent.again(id):
            recent.keep(id, n, ids.copy())
        return ids

    def page(
        self,
        id: str,  # noqa: A002
        exclude: Iterable[str] = (),
        *,
        missing: Missing = "fallback",
    ) -> Page:
        """Give all blocks of an article's page: no story twice, the article itself nowhere.

        What editors pinned comes first; then the blocks choose in the order of their priority,
        each its next best. A block that the site has nothing for is left out.

        Parameters
        ----------
        id, exclude, missing
            As for `related`; with `missing="empty"` an unknown article's page has no block.

        Returns
        -------
        Page

        Raises
        ------
        UnknownArticle, TypeError, ArtifactError
            As `related`.
        """
        _check(id, 0, exclude, missing)
        row = self._row(id, missing)
        if row == UNKNOWN and missing == "empty":
            return Page(id, self.version, ())
        version, taken = self._cached.version, {id, *exclude}
        section = self._cached.section(row)
        builders: dict[str, PageBuilder] = {}
        for plan in self._cached.by_priority:
            if plan.key != "related" or section not in version.not_from:
                builder = self._builder(plan.key, id, section, plan.slots, taken, plan.most)
                builders[plan.key] = builder
        filled = {
            key: builder.fill(self._candidates(key, row, builder))
            for key, builder in builders.items()
        }
        blocks = []
        for plan in version.page:
            entries = filled.get(plan.key)
            if entries:
                title = plan.title.replace("{section}", section).strip(" ")
                blocks.append(Block(plan.key, title, tuple(self._stories(entries))))
        return Page(id, self.version, tuple(blocks))

    def block(
        self, key: str, section: str = "", n: int | None = None, exclude: Iterable[str] = ()
    ) -> Block:
        """Give a block for a page that is no article's, such as the front page of a section.

        Parameters
        ----------
        key : str
            One of `blocks`, other than `related`.
        section : str
            Section whose page it is; `""`, or one that has no articles, for the whole site's.
        n : int, optional
            How many stories at most; by default as many as the page of an article has.
        exclude : iterable of str
            As for `related`.

        Returns
        -------
        Block
            Without stories, where the site has nothing for it.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of the kind above.
        ArtifactError
            If the version is damaged where it was read.
        """
        plan = next((plan for plan in self._cached.version.page if plan.key == key), None)
        if plan is None or key not in _FILLED_FROM:
            offered = ", ".join(key for key in self.blocks if key in _FILLED_FROM)
            raise ValueError(f"key must be one of {offered}: {key!r}")
        if not isinstance(section, str):
            raise TypeError(f"section must be a str, not {type(section).__name__}: {section!r}")
        slots = plan.slots if n is None else n
        _check("", slots, exclude, "fallback")
        most = -(-slots * plan.most // plan.slots)  # the same share of them
        builder = self._builder(key, "", section, slots, set(exclude), most)
        front = [self._cached.front(name, section) for name in _FILLED_FROM[key]]
        entries = builder.fill(_unless_lacking(key, front, builder))
        title = plan.title.replace("{section}", section).strip(" ")
        return Block(key, title, tuple(self._stories(entries)))

    def next_for(self, history: Sequence[str], n: int = 5) -> list[RelatedStory]:
        """Give what to read next to a reader who opened some stories on this visit.

        The lists of the last stories add up, the latest weighs most; then the rankings follow as
        for the latest. Nothing that was opened is given, and nothing is stored.

        Parameters
        ----------
        history : sequence of str
            Ids in the order in which they were opened; unknown ones do no harm.
        n : int
            How many stories at most.

        Returns
        -------
        list of RelatedStory

        Raises
        ------
        TypeError, ValueError, ArtifactError
            As `related`; also a `ValueError` where nothing was opened.
        """
        if isinstance(history, str) or not all(isinstance(story, str) for story in history):
            raise TypeError(f"history must be ids in a list, the latest last: {history!r}")
        if not history:
            raise ValueError("history must be the ids of one story or more, the latest last")
        latest = history[-1]
        _check(latest, n, history, "fallback")
        row = self._row(latest)
        section = self._cached.section(row)
        if section in self._cached.version.not_from:
            return []
        builder = self._builder("related", latest, section, n, set(history), n)
        recent = list(dict.fromkeys(reversed(history)))[:VISITED]
        rows = [self._row(story) for story in recent]
        merged = self._cached.merged(rows, sections=builder.by_section)
        return self._stories(builder.fill(merged))

    def _first(self, row: int, n: int, taken: set[str]) -> tuple[int, list[int], list[str]] | None:
        """Give an article's first own items, as `CachedVersion.first` does, if they are the answer.

        Most often they are: where nothing is pinned, and no section matters. None if it takes a
        `PageBuilder`.
        """
        banned, ruled = self._banned, self._ruled
        if banned is None or (ruled and self._cached.section(row) in ruled):
            return None
        return self._cached.first(row, n, taken, banned)

    def _related(
        self, row: int, source: str, n: int, taken: set[str], missing: Missing
    ) -> list[Candidate]:
        if row == UNKNOWN and missing == "empty":
            return []
        version, active = self._cached.version, self._active
        section = ""
        if active.uses_sections or version.apart or version.not_from:
            section = self._cached.section(row)
            if section in version.not_from:
                return []
        builder = self._builder("related", source, section, n, taken, n)
        return builder.fill(self._candidates("related", row, builder))

    def _builder(
        self, key: str, source: str, section: str, slots: int, taken: set[str], most: int
    ) -> PageBuilder:
        """Begin a block of the page of an article: what is pinned there has its place."""
        cached, active = self._cached, self._active
        apart = cached.version.apart.get(section, _NO_SECTION)
        builder = PageBuilder(slots, taken, active.banned(key, source, section), apart, most)
        for slot, story in active.pinned(key, source, section):
            row = cached.row(story)
            if row != UNKNOWN:
                reason = "picked" if key == "must_reads" else "pinned"
                builder.pin(slot, cached.entry(row, reason))
        return builder

    def _candidates(self, key: str, row: int, builder: PageBuilder) -> Iterable[Candidate]:
        """Go through what may fill a block, best first; nothing for one that the site lacks."""
        if key == "related":
            return self._cached.related(row, sections=builder.by_section)
        rankings = [self._cached.ranking(name, row) for name in _FILLED_FROM[key]]
        return _unless_lacking(key, rankings, builder)

    def _row(self, source: str, missing: Missing = "fallback") -> int:
        """Find the row of a known article that is not withdrawn; any other is `UNKNOWN`.

        That is refused where `missing` asks for it.
        """
        row = UNKNOWN if source in self._active.withdrawn else self._cached.row(source)
        if row == UNKNOWN and missing == "error":
            raise UnknownArticle(f"version {self.version} has no article {source!r}")
        return row

    def _stories(self, entries: Iterable[Candidate]) -> list[RelatedStory]:
        """Write out what was chosen, for readers."""
        cached, texts, stories = self._cached, self._cached.version.why, []
        for rank, (story, row, _, _, origin) in enumerate(entries, 1):
            title, url, section, time, extra = cached.card(row)
            score, reason = (
                (None, origin) if isinstance(origin, str) else cached.score_and_reason(origin)
            )
            why = texts.get(reason, "")
            if "{" in why:
                why = why.replace("{section}", section)
            own = extra.copy() if extra else {}  # theirs to change
            fields = (story, title, url, section, time, rank, score, reason, why, own)
            stories.append(_new(RelatedStory, fields))
        return stories


def _unless_lacking(
    key: str, rankings: Sequence[Sequence[Candidate]], builder: PageBuilder
) -> Iterable[Candidate]:
    """Go through the rankings that fill a block; nothing for a block that the site lacks."""
    lacking = not rankings[0] and key != "latest" and builder.empty
    return () if lacking else chain.from_iterable(rankings)


def _theirs(stories: list[RelatedStory]) -> list[RelatedStory]:
    """Copy stories, with the further fields, which are a caller's to change."""
    return [_new(RelatedStory, (*story[:-1], story[-1].copy())) for story in stories]


def _check(source: str, n: int, exclude: Iterable[str], missing: str) -> None:
    """Check a call's arguments."""
    if not isinstance(source, str) or not isinstance(n, int) or isinstance(exclude, str):
        _refuse_types(source, n)
    if n < 0 or missing not in _MISSING:
        _refuse_values(n, missing)


def _refuse_types(source: object, n: object) -> NoReturn:
    if not isinstance(source, str):
        raise TypeError(f"id must be a str, not {type(source).__name__}: {source!r}")
    if not isinstance(n, int):
        raise TypeError(f"n must be an int, not {type(n).__name__}: {n!r}")
    raise TypeError("exclude must be ids in a list or set, not one str")


def _refuse_values(n: int, missing: str) -> NoReturn:
    if n < 0:
        raise ValueError(f"n must not be negative: {n}")
    raise ValueError(f"missing must be one of {', '.join(_MISSING)}: {missing!r}")
