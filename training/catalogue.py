"""The catalogue: articles by row, carried on as the files say more of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from training.records import NEVER, Articles, Catalogue, Int32, Window
from training.strings import StringArray


def empty_catalogue() -> Catalogue:
    """Make the catalogue of a site that has no article yet."""
    times = np.zeros(0, np.int64)
    numbers, flags = np.zeros(0, np.int32), np.zeros(0, np.uint8)
    texts = StringArray.of([])
    return Catalogue(
        [], texts, texts, texts, numbers, [], numbers, [], times, flags, numbers, times, times
    )


def merge(before: Catalogue, window: Window) -> tuple[Catalogue, Articles, Int32]:
    """Take in what a site's files say at the end of a window.

    An article published at its end or later gets its row and time, but what else the files say of
    it is not taken in before it is published: it must be given again then.

    Parameters
    ----------
    before : Catalogue
        Not modified.
    window : Window
        Its articles may be few or all; its new ids get the rows behind those of `before`.

    Returns
    -------
    Catalogue
    Articles
        What is new or changed, in the order in which it became known (publish time, then row).
    int32
        Its rows.
    """
    articles = window.articles
    if not len(articles) and not window.new_ids:
        return before, articles, np.zeros(0, np.int32)
    grown = _grown(before, window.new_ids)
    rows = grown.rows_of(articles.id)
    future = (articles.published >= window.end) & (articles.published != NEVER)
    grown.published[rows[future]] = articles.published[future]
    digests = articles.digests()
    told = np.where(articles.published == NEVER, window.end - 1, articles.published)
    touched = np.maximum(told, window.start)
    new = np.flatnonzero((grown.digests[rows] != digests) & ~future)
    new = new[np.lexsort((rows[new], touched[new]))]
    changed, at = articles.pick(new.tolist()), rows[new]
    grown.touched[at], grown.digests[at] = touched[new], digests[new]
    grown.published[at], grown.flags[at] = changed.published, changed.flags
    grown.length[at] = [len(body) for body in changed.body]
    shown = {"titles": changed.title, "urls": changed.url, "extras": changed.extra}
    texts = {n: getattr(before, n).replace(at, given, len(grown)) for n, given in shown.items()}
    names, section = _filed(grown.section_names, grown.section, at, changed.section)
    grown = replace(grown, **texts, section_names=names, section=section)
    names, language = _filed(grown.language_names, grown.language, at, changed.language)
    return replace(grown, language_names=names, language=language), changed, at


def _grown(before: Catalogue, ids: Sequence[str]) -> Catalogue:
    """Copy a catalogue with room for more articles; its texts stay those of before."""

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


def _filed(
    known: Sequence[str], codes: Int32, rows: Int32, given: Sequence[str]
) -> tuple[list[str], Int32]:
    """File rows under given names, `""` under none; names ascend, so codes may move."""
    names = sorted({*known, *given} - {""})
    code = {name: number for number, name in enumerate(names)}
    moved = np.array([*(code[name] for name in known), -1], np.int32)
    filed = moved[codes]
    filed[rows] = [code.get(name, -1) for name in given]
    return names, filed
