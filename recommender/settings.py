"""The settings of a version that a lookup needs, validated fields of its manifest."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from .blocks import FALLBACKS, RELATED, UNLISTED_FIELDS, RankingSpec
from .manifest import ARRAY_FILE, raise_damaged

MAX_REASONS: Final = 256
"""Maximum number of reason codes: an index is one byte."""
MAX_SLOTS: Final = 100
"""Maximum number of slots of a block."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_OWN_LIST: Final = {"rankings": (), "skip_if_empty": False, "pin_reason": "pinned"}
"""`related` is filled from the article's own list, then from the rankings of `fallback`."""


@dataclass(frozen=True, slots=True)
class PageBlock:
    """A block of the page: its heading, its size, and its rankings.

    Attributes
    ----------
    key, title : its key, and its heading, in which `{section}` is the page's section.
    title_without_section : its heading on a page without a section.
    slots : maximum number of stories.
    max_per_section : maximum number of stories of one section, as long as there are others.
    priority : blocks choose their stories by ascending priority.
    rankings : the rankings that fill it, in this order; none for `related`.
    skip_if_empty : whether it stays empty if the first ranking is empty and nothing is pinned.
    pin_reason : reason of its pinned stories.
    """

    key: str
    title: str
    title_without_section: str
    slots: int
    max_per_section: int
    priority: int
    rankings: tuple[str, ...]
    skip_if_empty: bool
    pin_reason: str


def read_settings(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Check and return the fields of a version's manifest that a lookup needs.

    Parameters
    ----------
    path : Path
        The manifest's file, for messages.
    manifest : dict
        The result of `read_manifest`.

    Returns
    -------
    dict
        `now`, `reasons`, `fallback`, `page`, `why`, `why_without_section`, `not_from` and `apart`,
        as attributes of `Version`; `rankings`, a `RankingSpec` by name.

    Raises
    ------
    ArtifactError
        If a field is missing or wrong.
    """
    now, reasons, fallback = (manifest.get(name) for name in ("now", "reasons", "fallback"))
    if type(now) is not int:
        raise_damaged(path, f"its now is {now!r} instead of µs since 1970")
    if (
        not isinstance(reasons, list)
        or not all(map(_is_text, reasons))
        or len(reasons) > MAX_REASONS
    ):
        raise_damaged(path, f"its reasons are not a list of at most {MAX_REASONS} codes")
    if not isinstance(fallback, list) or not all(map(_is_text, fallback)):
        raise_damaged(path, "its fallback is not a list of rankings")
    try:
        time = EPOCH + now * MICROSECOND
    except OverflowError:
        raise_damaged(path, f"its now is {now}, which is not a valid time in µs since 1970")
    return {
        "now": time,
        "reasons": tuple(reasons),
        **_read_blocks(path, {**UNLISTED_FIELDS, **manifest}),
        **_read_page_rules(path, manifest),
    }


def _read_blocks(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the rankings and the blocks of the page; leave out what this release does not know."""
    rankings, blocks, page = (manifest.get(name) for name in ("rankings", "blocks", "page"))
    if not isinstance(rankings, dict) or not all(map(_is_ranking, rankings.values())):
        raise_damaged(path, "its rankings do not map names to arrays and a reason")
    if not isinstance(blocks, dict) or not all(
        _is_filling(block, rankings) for block in blocks.values()
    ):
        raise_damaged(path, "its blocks do not list the rankings that fill them")
    if not isinstance(page, list) or not all(map(_is_page_block, page)):
        raise_damaged(path, "its page is not a list of blocks")
    if len({block["key"] for block in page}) < len(page):
        raise_damaged(path, "its page has a block twice")
    fillings = {**blocks, RELATED: _OWN_LIST}
    return {
        "rankings": {
            name: RankingSpec(**{field: spec.get(field, "") for field in RankingSpec._fields})
            for name, spec in rankings.items()
        },
        "fallback": tuple(n for n in manifest["fallback"] if n in FALLBACKS and n in rankings),
        "page": tuple(
            PageBlock(
                key=key,
                title=block["title"],
                title_without_section=block.get("title_without_section", block["title"]),
                slots=block["slots"],
                max_per_section=block["most"],
                priority=block["priority"],
                rankings=tuple(fillings[key]["rankings"]),
                skip_if_empty=fillings[key]["skip_if_empty"],
                pin_reason=fillings[key]["pin_reason"],
            )
            for block in page
            if (key := block["key"]) in fillings
        ),
    }


def _read_page_rules(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the reasons' texts for readers, and the rules between sections."""
    why, not_from, apart = (manifest.get(name) for name in ("why", "not_from", "apart"))
    if not isinstance(why, dict) or not all(map(_is_text, why.values())):
        raise_damaged(path, "its why does not map reasons to texts")
    alone = manifest.get("why_without_section", {})
    if not isinstance(alone, dict) or not all(map(_is_text, alone.values())):
        raise_damaged(path, "its why_without_section does not map reasons to texts")
    if not isinstance(not_from, list) or not all(map(_is_name, not_from)):
        raise_damaged(path, "its not_from is not a list of sections")
    if not isinstance(apart, list) or not all(map(_is_pair, apart)):
        raise_damaged(path, "its apart is not a list of pairs of sections")
    excluded: dict[str, frozenset[str]] = {}
    for left, right in [*apart, *((right, left) for left, right in apart)]:
        excluded[left] = excluded.get(left, frozenset()) | {right}
    return {
        "why": why,
        "why_without_section": alone,
        "not_from": frozenset(not_from),
        "apart": excluded,
    }


def _is_page_block(block: object) -> bool:
    return (
        isinstance(block, dict)
        and set(block) >= {"key", "title", "slots", "priority", "most"}
        and _is_text(block["key"])
        and _is_text(block["title"])
        and _is_text(block.get("title_without_section", ""))
        and all(type(block[name]) is int for name in ("slots", "priority", "most"))
        and 1 <= block["most"] <= block["slots"] <= MAX_SLOTS
    )


def _is_ranking(ranking: object) -> bool:
    return (
        isinstance(ranking, dict)
        and all(
            isinstance(name := ranking.get(field, ""), str)
            and (name == "" or ARRAY_FILE.fullmatch(f"{name}.npy"))
            for field in ("rows", "ends", "reasons")
        )
        and ranking.get("rows", "") != ""
        and _is_text(ranking.get("reason", ""))
        and (ranking.get("reason", "") == "") != (ranking.get("reasons", "") == "")
    )


def _is_filling(block: object, rankings: dict[str, Any]) -> bool:
    return (
        isinstance(block, dict)
        and isinstance(block.get("rankings"), list)
        and block["rankings"] != []
        and all(isinstance(name, str) and name in rankings for name in block["rankings"])
        and isinstance(block.get("skip_if_empty"), bool)
        and _is_name(block.get("pin_reason"))
    )


def _is_text(value: object) -> bool:
    """Whether a value is a string with a UTF-8 encoding, so without lone surrogates."""
    return isinstance(value, str) and _SURROGATE.search(value) is None


def _is_name(value: object) -> bool:
    return value != "" and _is_text(value)


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(map(_is_name, pair))
