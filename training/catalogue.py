"""The catalogue: articles by row, updated as the files change."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from training.records import NEVER, Articles, Catalogue, Int32, Window
from training.strings import StringArray


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
    merged only by a later window that has it again.

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
    if not len(articles) and not window.new_ids:
        return before, articles, np.zeros(0, np.int32)
    grown = _add_rows(before, window.new_ids)
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
    names, section = _encode(grown.section_names, grown.section, at, changed.section)
    grown = replace(grown, **texts, section_names=names, section=section)
    names, language = _encode(grown.language_names, grown.language, at, changed.language)
    return replace(grown, language_names=names, language=language), changed, at


def _add_rows(before: Catalogue, ids: Sequence[str]) -> Catalogue:
    """Copy a catalogue with rows for more articles, without their texts."""

    def longer(values: npt.NDArray[Any], fill: int) -> npt.NDArray[Any]:
        return np.concatenate([values, np.full(len(ids), fill, values.dtype)])

    return Catalogue(
        ids=[*before.ids, *ids],
        titles=before.titles,
        urls=before.urls,
        extras=before.extras,
        section=longer(before.section, -1),
        section_names=before.section_names,
        language=longer(before.language, -1),
        language_names=before.language_names,
        published=longer(before.published, NEVER),
        flags=longer(before.flags, 0),
        length=longer(before.length, 0),
        digests=longer(before.digests, 0),
        touched=longer(before.touched, 0),
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
