"""The lookup: returns an article's related stories or page in a few microseconds."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, compress, count, repeat
from typing import Final, Literal, NoReturn

from .active_overrides import NO_OVERRIDES, ActiveOverrides
from .answer_cache import AnswerCache
from .blocks import RELATED
from .cached_version import NO_SECTION, UNKNOWN, CachedVersion, Candidate, Card
from .manifest import raise_damaged
from .page_builder import BlockBuilder, PageBuilder
from .search import search_titles
from .settings import PageBlock
from .values import Block, Page, RelatedStory

Missing = Literal["fallback", "empty", "error"]

MAX_HISTORY: Final = 10
"""Number of last stories of a visit whose lists `next_for` merges."""

_MISSING: Final = ("fallback", "empty", "error")
_NOTHING: Final[tuple[str, ...]] = ()
"""Default of `exclude`: the answer is then the same for all callers, and may be cached."""

_new: Final = tuple.__new__  # same result as a NamedTuple's constructor, in half the time


class UnknownArticle(KeyError):  # noqa: N818 - the name describes the error
    """No article of the version has this id."""

    def __str__(self) -> str:
        return str(self.args[0])


class Snapshot:
    """One version and the overrides in force at one time; the same call returns the same answer.

    Take one with `Recommender.snapshot()` for a whole request. Threads may share it; processes that
    open the same version share its memory.
    """

    __slots__ = (
        "_banned",
        "_cached",
        "_id_answers",
        "_overrides",
        "_restricted_sections",
        "_story_answers",
    )

    def __init__(self, cached: CachedVersion, overrides: ActiveOverrides = NO_OVERRIDES) -> None:
        self._cached, self._overrides = cached, overrides
        self._banned = overrides.uniform_bans(RELATED)
        self._restricted_sections = cached.version.not_from.union(cached.version.apart)
        self._story_answers: AnswerCache[list[RelatedStory]] = AnswerCache()
        self._id_answers: AnswerCache[list[str]] = AnswerCache()

    @property
    def version(self) -> str:
        """Name of the version."""
        return self._cached.name

    @property
    def tag(self) -> str:
        """Name of the version and its overrides in force; an equal tag means equal answers."""
        digest = self._overrides.digest
        return f"{self.version}-{digest}" if digest else self.version

    @property
    def overrides(self) -> int:
        """Number of overrides in force."""
        return len(self._overrides.in_force)

    @property
    def now(self) -> datetime:
        """Snapshot time, up to which the data was read, aware, UTC."""
        return self._cached.version.now

    @property
    def age(self) -> timedelta:
        """Time since `now`."""
        return datetime.now(UTC) - self.now

    @property
    def blocks(self) -> tuple[str, ...]:
        """Keys of the blocks that a page may have, in page order."""
        return tuple(block.key for block in self._cached.version.page)

    def __len__(self) -> int:
        gone = sum(self._cached.row(article) != UNKNOWN for article in self._overrides.withdrawn)
        return len(self._cached.version.key_rows) - gone

    def __contains__(self, id: object) -> bool:  # noqa: A002
        return isinstance(id, str) and self._row(id) != UNKNOWN

    def ids(self) -> Iterator[str]:
        """Iterate over the ids of all known articles, in no particular order."""
        ids, withdrawn = self._cached.version.ids, self._overrides.withdrawn
        known = (ids[row] for row in self._cached.version.key_rows)
        return (article for article in known if article not in withdrawn)

    def articles(self) -> Iterator[tuple[str, Card]]:
        """Iterate over ids and cards of all known articles, in catalogue order."""
        version, withdrawn = self._cached.version, self._overrides.withdrawn
        known = bytearray(len(version.ids))
        for row in version.key_rows:
            if row >= len(known):
                raise_damaged(version.file("key_rows"), f"there is no row {row}")
            known[row] = 1
        rows = compress(range(len(known)), known)
        found = ((version.ids[row], self._cached.card(row)) for row in rows)
        return ((article, card) for article, card in found if article not in withdrawn)

    def headline(self, id: str) -> tuple[str, str]:  # noqa: A002
        """Return title and section of an article; both `""` for an unknown article."""
        row = self._row(id)
        if row == UNKNOWN:
            return "", ""
        title, _, section, _, _ = self._cached.card(row)
        return title, section

    def search(self, text: str, n: int = 20) -> list[tuple[str, Card]]:
        """Find articles by words of their titles; the time grows with the number of articles.

        Parameters
        ----------
        text : str
            Words, or parts of words; the title must have all of them, in any case and order.
        n : int
            Maximum number of articles.

        Returns
        -------
        list of (str, Card)
            Id and card of the known articles that are not withdrawn, newest first; articles without
            a publish time come last. Empty for a text without words.
        """
        words, ids = text.casefold().split(), self._cached.version.ids
        if not words:
            return []
        rows = search_titles(self._cached.version, words, n, lambda row: self._row(ids[row]) == row)
        return [(ids[row], self._cached.card(row)) for row in rows]

    def related(
        self,
        id: str,  # noqa: A002
        n: int = 5,
        exclude: Iterable[str] = _NOTHING,
        *,
        missing: Missing = "fallback",
    ) -> list[RelatedStory]:
        """Return the related stories of an article, best first.

        The article's list comes first, then the rankings of `lists.fallback`: the article's
        section, the popular, the latest. The list never contains the article itself, an excluded
        story, a story twice, or two stories of one event. Stories that editors pinned to the block
        take their slots; banned and withdrawn stories are left out.

        Parameters
        ----------
        id : str
            The article whose page is shown.
        n : int
            Maximum number of stories.
        exclude : iterable of str
            Ids to leave out, such as stories the reader has seen; unknown ids are ignored.
        missing : {"fallback", "empty", "error"}
            For a withdrawn article, or one that the version does not know, such as an article just
            published: return the popular and the latest stories, return an empty list, or raise
            `UnknownArticle`.

        Returns
        -------
        list of RelatedStory
            Fewer than `n` only where there are no more candidates.

        Raises
        ------
        UnknownArticle
            A `KeyError`, with `missing="error"`.
        TypeError, ValueError
            If an argument has a wrong type or value.
        ArtifactError
            If the part of the version that was read is damaged.
        """
        _check(id, n, exclude, missing)
        cache = self._story_answers if exclude is _NOTHING else None
        if cache and (answer := cache.get(id, n)) is not None:
            return _copy(answer)
        row = self._row(id, missing)
        taken = {id} if exclude is _NOTHING else _taken(id, exclude)
        first = self._first_items(row, n, taken)
        if first is None:
            stories = self._stories(self._related(row, id, n, taken, missing))
        else:
            begin, rows, ids = first
            stories = self._stories(zip(ids, rows, rows, repeat(""), count(begin)))
        if cache and row != UNKNOWN and cache.admit(id):
            cache.put(id, n, _copy(stories))
        return stories

    def related_ids(
        self,
        id: str,  # noqa: A002
        n: int = 5,
        exclude: Iterable[str] = _NOTHING,
        *,
        missing: Missing = "fallback",
    ) -> list[str]:
        """Return only the ids of the stories that `related` returns; several times faster."""
        _check(id, n, exclude, missing)
        cache = self._id_answers if exclude is _NOTHING else None
        if cache and (answer := cache.get(id, n)) is not None:
            return answer.copy()
        row = self._row(id, missing)
        taken = {id} if exclude is _NOTHING else _taken(id, exclude)
        first = self._first_items(row, n, taken)
        if first is None:
            ids = [candidate[0] for candidate in self._related(row, id, n, taken, missing)]
        else:
            ids = first[2]
        if cache and row != UNKNOWN and cache.admit(id):
            cache.put(id, n, ids.copy())
        return ids

    def page(
        self,
        id: str,  # noqa: A002
        exclude: Iterable[str] = _NOTHING,
        *,
        missing: Missing = "fallback",
    ) -> Page:
        """Return all blocks of an article's page, without the article itself or a story twice.

        Pins come first; then the blocks choose their best stories in order of priority. A block
        without stories is left out.

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
        version = self._cached.version
        section = self._cached.section(row)
        taken = _taken(id, exclude)
        builder = PageBuilder(self._cached, self._overrides, id, row, section, taken)
        opened = [
            (
                block,
                builder.open_block(block.key, block.slots, block.max_per_section, block.pin_reason),
            )
            for block in self._cached.by_priority
            if block.key != RELATED or section not in version.not_from
        ]
        filled = {
            block.key: opening.fill(self._block_candidates(block, row, opening))
            for block, opening in opened
        }
        blocks = []
        for block in version.page:
            stories = filled.get(block.key)
            if stories:
                title = _title(block, section)
                blocks.append(Block(block.key, title, tuple(self._stories(stories))))
        return Page(id, self.version, tuple(blocks))

    def block(
        self, key: str, section: str = "", n: int | None = None, exclude: Iterable[str] = ()
    ) -> Block:
        """Return a block for a page without an article, such as the front page of a section.

        Parameters
        ----------
        key : str
            One of `blocks`, other than `related`.
        section : str
            Section of the page, in any case; `""`, or a section without articles, means the whole
            site.
        n : int, optional
            Maximum number of stories; by default the slots of the block.
        exclude : iterable of str
            As for `related`.

        Returns
        -------
        Block
            Empty if the site has no stories for it.

        Raises
        ------
        TypeError, ValueError
            If an argument has a wrong type or value.
        ArtifactError
            If the part of the version that was read is damaged.
        """
        found = next((block for block in self._cached.version.page if block.key == key), None)
        if found is None or key == RELATED:
            offered = ", ".join(key for key in self.blocks if key != RELATED)
            raise ValueError(f"key must be one of {offered}: {key!r}")
        if not isinstance(section, str):
            raise TypeError(f"section must be a str, not {type(section).__name__}: {section!r}")
        slots = found.slots if n is None else n
        _check("", slots, exclude, "fallback")
        max_per_section = -(-slots * found.max_per_section // found.slots)  # the same share
        code = self._cached.section_code(section) if section else NO_SECTION
        if code != NO_SECTION:
            section = self._cached.version.section_names[code]
        taken = _taken("", exclude).difference(("",))
        builder = PageBuilder(self._cached, self._overrides, "", UNKNOWN, section, taken)
        opened = builder.open_block(key, slots, max_per_section, found.pin_reason)
        rankings = [self._cached.section_ranking(name, section) for name in found.rankings]
        stories = opened.fill(_chain_rankings(found, rankings, opened))
        return Block(key, _title(found, section), tuple(self._stories(stories)))

    def next_for(self, history: Sequence[str], n: int = 5) -> list[RelatedStory]:
        """Return the stories to read next for a reader who opened some stories on this visit.

        The lists of the last stories are merged; the list of the latest story weighs most. Its
        fallback rankings follow. Opened stories are left out, and nothing is stored.

        Parameters
        ----------
        history : sequence of str
            Ids in the order of opening; unknown ids are ignored.
        n : int
            Maximum number of stories.

        Returns
        -------
        list of RelatedStory

        Raises
        ------
        TypeError, ValueError, ArtifactError
            As `related`; also a `ValueError` for an empty history.
        """
        if isinstance(history, str):
            raise TypeError(f"history must be ids in a list, the latest last: {history!r}")
        if not all(isinstance(story, str) for story in history):
            _refuse_ids("history", history)
        if not history:
            raise ValueError("history must be the ids of one story or more, the latest last")
        latest = history[-1]
        _check(latest, n, history, "fallback")
        row = self._row(latest)
        section = self._cached.section(row)
        if section in self._cached.version.not_from:
            return []
        builder = PageBuilder(self._cached, self._overrides, latest, row, section, set(history))
        block = builder.open_block(RELATED, n, n)
        recent = list(dict.fromkeys(reversed(history)))[:MAX_HISTORY]
        rows = [self._row(story) for story in recent]
        candidates = self._cached.related_to_all(rows, sections=block.needs_sections)
        return self._stories(block.fill(candidates))

    def _first_items(
        self, row: int, n: int, taken: set[str]
    ) -> tuple[int, list[int], list[str]] | None:
        """Return the result of `CachedVersion.first_items` if no override or rule changes it.

        None if the list must be built.
        """
        banned, restricted = self._banned, self._restricted_sections
        if banned is None or (restricted and self._cached.section(row) in restricted):
            return None
        return self._cached.first_items(row, n, taken, banned)

    def _related(
        self, row: int, source: str, n: int, taken: set[str], missing: Missing
    ) -> list[Candidate]:
        if row == UNKNOWN and missing == "empty":
            return []
        version, section = self._cached.version, ""
        if self._overrides.uses_sections or self._restricted_sections:
            section = self._cached.section(row)
            if section in version.not_from:
                return []
        builder = PageBuilder(self._cached, self._overrides, source, row, section, taken)
        block = builder.open_block(RELATED, n, n)
        return block.fill(self._cached.related(row, sections=block.needs_sections))

    def _block_candidates(
        self, block: PageBlock, row: int, opened: BlockBuilder
    ) -> Iterable[Candidate]:
        """Iterate over the candidates of a block, best first."""
        if block.key == RELATED:
            return self._cached.related(row, sections=opened.needs_sections)
        rankings = [self._cached.ranking(name, row) for name in block.rankings]
        return _chain_rankings(block, rankings, opened)

    def _row(self, source: str, missing: Missing = "fallback") -> int:
        """Find the row of a known article that is not withdrawn.

        Return `UNKNOWN` for any other article; with `missing="error"`, raise `UnknownArticle`.
        """
        row = UNKNOWN if source in self._overrides.withdrawn else self._cached.row(source)
        if row == UNKNOWN and missing == "error":
            raise UnknownArticle(f"version {self.version} has no article {source!r}")
        return row

    def _stories(self, candidates: Iterable[Candidate]) -> list[RelatedStory]:
        """Convert the chosen candidates to stories."""
        cached, stories = self._cached, []
        texts, alone = cached.version.why, cached.version.why_without_section
        for rank, (story, row, _, _, origin) in enumerate(candidates, 1):
            title, url, section, time, extra = cached.card(row)
            if isinstance(origin, str):
                score, reason = None, origin
            else:
                score, reason = cached.score_and_reason(origin)
            why = texts.get(reason, "")
            if "{" in why:
                if not section:
                    why = alone.get(reason, why)
                why = why.replace("{section}", section)
            own = extra.copy() if extra else {}  # a copy, since the caller may change it
            fields = (story, title, url, section, time, rank, score, reason, why, own)
            stories.append(_new(RelatedStory, fields))
        return stories


def _chain_rankings(
    block: PageBlock, rankings: Sequence[Sequence[Candidate]], opened: BlockBuilder
) -> Iterable[Candidate]:
    """Chain the rankings that fill a block; return no candidates if the block is skipped."""
    if block.skip_if_empty and not rankings[0] and not opened.has_pins:
        return ()
    return chain.from_iterable(rankings)


def _title(block: PageBlock, section: str) -> str:
    title = block.title if section else block.title_without_section
    return title.replace("{section}", section).strip(" ")


def _copy(stories: list[RelatedStory]) -> list[RelatedStory]:
    """Copy stories and their further fields, since the caller may change those."""
    return [_new(RelatedStory, (*story[:-1], story[-1].copy())) for story in stories]


def _check(source: str, n: int, exclude: Iterable[str], missing: str) -> None:
    """Check a call's arguments."""
    if not isinstance(source, str) or not isinstance(n, int) or isinstance(exclude, str):
        _refuse_types(source, n)
    if n < 0 or missing not in _MISSING:
        _refuse_values(n, missing)


def _taken(source: str, exclude: Iterable[str]) -> set[str]:
    """Return the ids that no answer may have: the page's article and the excluded stories."""
    ids = exclude if isinstance(exclude, Collection) else [*exclude]
    try:
        "".join(ids)  # the fastest check that all are texts
    except TypeError:
        _refuse_ids("exclude", ids)
    return {source, *ids}


def _refuse_ids(name: str, ids: Iterable[object]) -> NoReturn:
    odd = next(article for article in ids if not isinstance(article, str))
    raise TypeError(
        f"{name} must be ids, each a str, not {type(odd).__name__}: {odd!r}; "
        f"write {str(odd)!r} if it is that id"
    )


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
