"""Columns that say what a row is: published, a draft, a page, for members only.

One registry, by which `ymal init` proposes `articles.only`, and by which a column that nobody has
mapped stops the training. A column is known by its name, or by values that are states.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from training.data.columns import ColumnFilter
from training.data.flags import NO, NOTHING, YES
from training.data.names import bare_path, forms_of, words_of

_AROUND: Final = (
    "is has article artikel articulo artigo articolo artikkel post story news nyhed nyhet noticia "
    "content item doc document entry node wp cms publication publish publishing editorial current "
    "attributes data fields properties payload object revision sys"
)
"""Words before or after the name of a state that do not change it: `post_status`, `is_live`."""

MAX_STATES: Final = 20
"""Different values of a column of states; one with more holds something else."""

SHOWN_VALUES: Final = 6
"""Values of a column that a message shows."""

SOMETHING: Final = "something"
"""Stands for all values but the empty one, where only that one tells."""

MAX_CHARACTERS: Final = 40
"""Longest name of a state; the beginnings of longer values are compared."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DRAFTS: Final = _words(
    "draft drafts auto-draft auto_draft unpublished trash trashed entwurf kladde utkast kladd "
    "luonnos brouillon borrador rascunho bozza szkic vázlat taslak черновик чернетка πρόχειρο "
    "ciornă 草稿 下書き 초안"
)
_PUBLISHED: Final = _words(
    "publish published public live online active visible released listed "
    "veröffentlicht publiziert freigegeben udgivet publisert publicerad julkaistu gepubliceerd "
    "publié publiée publicado publicada publicat pubblicato pubblicata opublikowany opublikowane "
    "publikováno publikovaný közzétéve yayında yayınlandı yayımlandı опубликовано опубликован "
    "опубликована опубліковано δημοσιευμένο 已发布 已發布 公開 公開済み 공개 게시됨"
)
_CLEAR: Final = _PUBLISHED - {"public", "live", "online", "active", "visible", "released", "listed"}
"""Words that are states also in a column of another name."""

_UNPUBLISHED: Final = _DRAFTS | _words(
    "autosave deleted removed withdrawn unpublish depublished private pending pending_review "
    "pending-review in_review in-review review needs_review needs-review ready_for_review approved "
    "submitted rejected declined scheduled future planned embargoed inherit archived archive "
    "hidden unlisted inactive disabled offline expired killed spiked retracted blocked internal "
    "sent editing in_progress pitch assigned request-pending request-completed gelöscht geplant "
    "concept koncept 非公開 비공개"
)
_STORIES: Final = _words("post posts article articles story stories news blog blogpost")
_NO_STORIES: Final = _words(
    "page pages attachment attachments revision revisions nav_menu_item custom_css oembed_cache "
    "customize_changeset user_request wp_block wp_template wp_template_part wp_global_styles "
    "wp_navigation wp_font_family wp_font_face acf-field acf-field-group elementor_library "
    "shop_order product menu_item block widget form landing_page basic_page media file "
    "author tag category taxonomy_term user comment"
)
_FOR_ALL: Final = _words("public everyone everybody all open")
_FOR_SOME: Final = _words(
    "members member paid tiers tier subscribers subscriber private internal restricted password "
    "password_protected hidden registered staff none specific unlisted"
)


@dataclass(frozen=True)
class _Kind:
    """A kind of columns that say what a row is.

    Attributes
    ----------
    words : names of such columns; more words may stand before and after.
    published, unpublished : values of rows that are published, and of rows that are not.
    canonical : the value to write where no row has one that is published.
    """

    words: str
    published: Collection[str]
    unpublished: Collection[str]
    canonical: str

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset("".join(words_of(word)) for word in self.words.split())

    def named(self, name: str) -> bool:
        """Return whether a column is called so."""
        return not self._names.isdisjoint(forms_of(bare_path(name), _AROUND))


_STATUS: Final = _Kind(
    "status state workflow_state workflow_status moderation_state moderation_status estado stato "
    "statut état stav stan durum tila tilstand zustand статус 状态 状態 ステータス 상태",
    _PUBLISHED,
    _UNPUBLISHED,
    "published",
)
_YES: Final = _Kind("live published public online active visible enabled", YES, NO, "true")
_NO: Final = _Kind(
    "draft deleted trashed removed hidden archived unpublished withdrawn retracted email_only "
    "embargoed expired private protected password_protected members_only",
    NO | NOTHING,
    YES,
    "false",
)
_NOTHING: Final = _Kind(
    "deleted_at trashed_at removed_at unpublished_at withdrawn_at retracted_at post_password "
    "password date_deleted",
    NOTHING,
    (),
    "",
)
_VISIBILITY: Final = _Kind("visibility", _FOR_ALL, _FOR_SOME, "public")
_TYPE: Final = _Kind("type content_type node_type bundle", _STORIES, _NO_STORIES, "post")
_KINDS: Final = (_NOTHING, _STATUS, _YES, _NO, _VISIBILITY, _TYPE)
"""Drupal's `promote` and `sticky` and Ghost's `featured` are none: they say where a story stands on
the front page, not whether it is published."""


@dataclass(frozen=True)
class StateColumn:
    """A column that says which rows are published.

    Attributes
    ----------
    name : as in the file.
    counts : the rows of each value, as in the file, the most frequent first; `""` for none.
    accepted : values of published rows, to be written into `articles.only`; none where nobody can
        tell, as for numbers of an own list.
    differs : whether rows differ in state, or some are certainly unpublished.
    """

    name: str
    counts: Mapping[str, int]
    accepted: Sequence[str]
    differs: bool

    @property
    def share(self) -> float:
        """Share of the rows that have an accepted value."""
        accepted = ColumnFilter.of(self.name, self.accepted).accepted
        kept = sum(rows for value, rows in self.counts.items() if value.strip().lower() in accepted)
        return kept / max(1, sum(self.counts.values()))

    def describe(self) -> str:
        """Say which values the column holds, in how many rows."""
        names = {"": "nothing", SOMETHING: SOMETHING}
        values = [f"{names.get(value, repr(value))} ({n:,})" for value, n in self.counts.items()]
        more = ", …" if len(values) > SHOWN_VALUES else ""
        return f"{self.name!r} holds {', '.join(values[:SHOWN_VALUES])}{more}"


def is_named_as_state(name: str) -> bool:
    """Return whether a column is called as one that says which rows are published.

    Examples
    --------
    >>> is_named_as_state("post_status"), is_named_as_state("comment_status")
    (True, False)
    """
    return any(kind.named(name) for kind in _KINDS)


def may_be_states(values: Collection[str]) -> bool:
    """Return whether some values of a column are few and short, and one is a known state."""
    words = {folded(value) for value in values} - NOTHING
    short = all(len(word) < MAX_CHARACTERS for word in words)
    return len(words) <= MAX_STATES and short and not words.isdisjoint(_DRAFTS | _CLEAR)


def recognise(name: str, counts: Mapping[str, int]) -> StateColumn | None:
    """Return what a column says of its rows, None if it says nothing of their state.

    Parameters
    ----------
    name : str
        Name of the column.
    counts : mapping of str to int
        The rows of each value, `""` for none. Of long values, the first `MAX_CHARACTERS`.
    """
    words = {folded(value) for value in counts}
    for kind in _KINDS:
        if kind.named(name):
            found = _of_kind(kind, name, counts, words)
            if found:
                return found
    known = words & (_PUBLISHED | _UNPUBLISHED)
    many = len(words) > MAX_STATES or 2 * len(known) < len(words - NOTHING)
    if many or len(known) < 2 or words.isdisjoint(_DRAFTS):
        return None
    return _of_words(name, counts, _STATUS)


def _of_kind(
    kind: _Kind, name: str, counts: Mapping[str, int], words: Collection[str]
) -> StateColumn | None:
    """Return a column that is called as those of a kind, if its values are of the kind too."""
    filled = set(words) - NOTHING
    if kind is _NOTHING:
        empty = sum(rows for value, rows in counts.items() if folded(value) in NOTHING)
        parts = {"": empty, SOMETHING: sum(counts.values()) - empty}  # a password is not shown
        shown = {value: rows for value, rows in parts.items() if rows}
        return StateColumn(name, shown, [""], differs=bool(filled))
    if len(words) > MAX_STATES or not filled:
        return None
    if kind is not _TYPE and filled <= YES | NO:
        return _of_truths(name, counts, accepted=kind is not _NO)
    if kind not in (_TYPE, _VISIBILITY) and all(re.fullmatch(r"-?\d", word) for word in filled):
        return _of_numbers(name, counts, filled)
    if kind in (_YES, _NO) or filled.isdisjoint({*kind.published, *kind.unpublished}):
        return None
    if kind is _TYPE and words_of(name)[-2:] != ["post", "type"]:
        # A type that nobody knows, such as a video, is a story too; not so WordPress's own ones.
        stories = replace(kind, published=filled - _NO_STORIES)
        return None if stories.published == filled else _of_words(name, counts, stories)
    return _of_words(name, counts, kind)


def _of_truths(name: str, counts: Mapping[str, int], *, accepted: bool) -> StateColumn:
    """Return a column of yes and no; the most frequent spelling stands for all."""
    meaning, other = (YES, NO) if accepted else (NO, YES)
    found = [value for value in counts if folded(value) in meaning]
    nothing = any(folded(value) in NOTHING for value in counts)
    differs = any(folded(value) in other for value in counts) or (accepted and nothing)
    return StateColumn(name, counts, found[:1] or [str(accepted).lower()], differs)


def _of_numbers(name: str, counts: Mapping[str, int], filled: Collection[str]) -> StateColumn:
    """Return a column of numbered states. Where one is 0 or below, 1 is the published one."""
    accepted = ["1"] if any(int(word) <= 0 for word in filled) else []
    return StateColumn(name, counts, accepted, differs=len(counts) > 1 or bool(accepted))


def _of_words(name: str, counts: Mapping[str, int], kind: _Kind) -> StateColumn:
    """Return a column of words: differing if a row is unpublished, or not as the others are."""
    found = [value for value in counts if folded(value) in kind.published]
    others = {folded(value) for value in counts if value not in found}
    differs = bool(found and others) or not others.isdisjoint(kind.unpublished)
    return StateColumn(name, counts, found or [kind.canonical], differs)


def folded(value: str) -> str:
    """Return a value without what `articles.only` does not compare, and without a prefix of types.

    Examples
    --------
    >>> folded(" Publish"), folded("node--article")
    ('publish', 'article')
    """
    return value.strip().lower().rpartition("--")[2]
