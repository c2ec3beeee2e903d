"""The catalogue: articles by row, updated as the files change."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from recommender.sections import section_key
from training.records import NEVER, Articles, Catalogue, Flag, Int32, Window, append_rows
from training.strings import StringArray

MAX_FORMER_URLS: Final = 10
"""Former addresses that are kept of an article, the latest."""


def empty_catalogue() -> Catalogue:
    """Return the catalogue of a site without articles."""
    times = np.zeros(0, np.int64)
    numbers, flags = np.zeros(0, np.int32), np.zeros(0, np.uint8)
    texts = StringArray.of([])
    return Catalogue(
        [], texts, texts, texts, numbers, [], numbers, [], times, flags, numbers, times, times
    )


def merge(before: Catalogue, window: Window) -> tuple[Catalogue, Articles, Int32]:
    """Merge a window's articles into a catalogue.

    An article published at the window's end or later gets its row and time; its other fields are
    merged only by a later window that has it again. A withdrawn article keeps its row.

    Parameters
    ----------
    before : Catalogue
        Not modified.
    window : Window
        Its articles may be some or all; its new ids get the rows after those of `before`.

    Returns
    -------
    Catalogue
    Articles
        The new and changed ones, in the order in which they became known (publish time, then row).
    int32
        Their rows.
    """
    articles = window.articles
    withdrawn = newly_withdrawn(before, window.withdrawn)
    if not (len(articles) or window.new_ids or len(withdrawn)):
        return before, articles, np.zeros(0, np.int32)
    grown = _add_rows(before, window.new_ids)
    grown.flags[withdrawn] |= np.uint8(Flag.WITHDRAWN)
    grown.digests[withdrawn] = 0  # an article that comes back counts as changed
    rows = grown.rows_of(articles.id)
    future = (articles.published >= window.end) & (articles.published != NEVER)
    grown.published[rows[future]] = articles.published[future]
    digests = articles.digests()
    known = np.where(articles.published == NEVER, window.end - 1, articles.published)
    touched = np.maximum(known, window.start)
    new = np.flatnonzero((grown.digests[rows] != digests) & ~future)
    new = new[np.lexsort((rows[new], touched[new]))]
    changed, at = articles.pick(new.tolist()), rows[new]
    grown.touched[at], grown.digests[at] = touched[new], digests[new]
    grown.published[at], grown.flags[at] = changed.published, changed.flags
    grown.length[at] = [len(body) for body in changed.body]
    shown = {"titles": changed.title, "urls": changed.url, "extras": changed.extra}
    texts = {n: getattr(before, n).replace(at, given, len(grown)) for n, given in shown.items()}
    spelling = section_spellings(before.section_names, articles.section)
    sections = [spelling[section_key(name)] for name in changed.section]
    names, section = _encode(grown.section_names, grown.section, at, sections)
    grown = replace(grown, **texts, section_names=names, section=section)
    names, language = _encode(grown.language_names, grown.language, at, changed.language)
    grown = replace(grown, language_names=names, language=language)
    seen = [row for row in at.tolist() if row < len(before)]
    return add_former_urls(grown, [(row, before.urls[row]) for row in seen]), changed, at


def add_former_urls(catalogue: Catalogue, former: Iterable[tuple[int, str]]) -> Catalogue:
    """Add addresses that articles had before, unless they have them still.

    Parameters
    ----------
    catalogue : Catalogue
        Not modified.
    former : iterable of (int, str)
        Rows and addresses, the latest last; `""` for none.

    Returns
    -------
    Catalogue
        At most `MAX_FORMER_URLS` of each article are kept, the latest.
    """
    present = catalogue.urls
    added = [(row, url) for row, url in former if url and url != present[row]]
    if not added:
        return catalogue
    kept: dict[int, dict[str, None]] = {}
    before = zip(catalogue.former_rows.tolist(), catalogue.former_urls, strict=True)
    for row, url in [*before, *added]:
        urls = kept.setdefault(row, {})
        urls.pop(url, None)
        urls[url] = None
    pairs = [
        (row, url)
        for row in sorted(kept)
        for url in [url for url in kept[row] if url != present[row]][-MAX_FORMER_URLS:]
    ]
    return replace(
        catalogue,
        former_rows=np.array([row for row, _ in pairs], np.int32),
        former_urls=StringArray.of([url for _, url in pairs]),
    )


def section_spellings(known: Sequence[str], given: Sequence[str]) -> dict[str, str]:
    """Return how each section is spelled, by its key: `POLITICS` and `Politics` are one section.

    The spelling of a known section stays. That of a new one is its most frequent in `given`, with
    single spaces; of equally frequent ones the first.
    """
    spelling = {section_key(name): name for name in reversed(known)}
    counts = Counter(given)
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        spelling.setdefault(section_key(name), " ".join(name.split()))
    return spelling


def newly_withdrawn(catalogue: Catalogue, ids: Sequence[str]) -> Int32:
    """Return the rows of those ids that the catalogue has as not withdrawn: int32[m], ascending."""
    if not ids:
        return np.zeros(0, np.int32)
    known = catalogue.rows
    rows = np.array(sorted(known[article] for article in ids if article in known), np.int32)
    return np.asarray(rows[~catalogue.has(Flag.WITHDRAWN)[rows]])


def _add_rows(before: Catalogue, ids: Sequence[str]) -> Catalogue:
    """Copy a catalogue and append rows for more articles, without their texts."""
    count = len(ids)
    return Catalogue(
        ids=[*before.ids, *ids],
        titles=before.titles,
        urls=before.urls,
        extras=before.extras,
        section=append_rows(before.section, count, -1),
        section_names=before.section_names,
        language=append_rows(before.language, count, -1),
        language_names=before.language_names,
        published=append_rows(before.published, count, NEVER),
        flags=append_rows(before.flags, count, 0),
        length=append_rows(before.length, count, 0),
        digests=append_rows(before.digests, count, 0),
        touched=append_rows(before.touched, count, 0),
        former_rows=before.former_rows,
        former_urls=before.former_urls,
    )


def _encode(
    known: Sequence[str], codes: Int32, rows: Int32, given: Sequence[str]
) -> tuple[list[str], Int32]:
    """Give rows the codes of names, -1 for `""`; names ascend, so other rows' codes may change."""
    names = sorted({*known, *given} - {""})
    code = {name: number for number, name in enumerate(names)}
    moved = np.array([*(code[name] for name in known), -1], np.int32)
    filed = moved[codes]
    filed[rows] = [code.get(name, -1) for name in given]
    return names, filed
