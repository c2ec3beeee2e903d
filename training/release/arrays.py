"""The arrays by which a lookup finds and shows articles."""

import zlib
from collections.abc import Sequence

import numpy as np

from training.records import Bool, Int32, Int64
from training.storage import Arrays, pack_strings


def lookup_arrays(
    *,
    ids: Sequence[str],
    titles: Sequence[str],
    urls: Sequence[str],
    extras: Sequence[str] = (),
    section_names: Sequence[str],
    sections: Int32,
    languages: Int32 | None = None,
    published: Int64,
    known: Bool,
) -> Arrays:
    """Make the arrays by which a lookup finds and shows articles.

    Parameters
    ----------
    ids, titles, urls : sequence of str
        One per row, n of them.
    extras : sequence of str
        JSON objects of texts, `""` where there is none; left out where all are.
    section_names : sequence of str
        m of them.
    sections : int32[n]
        Index into `section_names`, -1 where there is none.
    languages : int32[n], optional
        One number per language that must not stand beside another, -1 where an article has none;
        left out where there are no two.
    published : int64[n]
        µs UTC, `NEVER` where absent.
    known : bool[n]
        Which articles are found by their id: those get a key, the CRC-32 of the id's UTF-8.

    Returns
    -------
    dict of arrays

    Raises
    ------
    OutputError
        If a string has no UTF-8.
    """
    arrays: Arrays = {"sections": sections, "published": published}
    named = {"id": ids, "title": titles, "url": urls, "section_name": section_names}
    if languages is not None and len(np.unique(languages[languages >= 0])) > 1:
        arrays["languages"] = languages
    if any(extras):
        named["extra"] = extras
    for name, strings in named.items():
        arrays[f"{name}s"], arrays[f"{name}_ends"] = pack_strings(strings)
    rows = np.flatnonzero(known).astype(np.int32)
    hashes = np.array([zlib.crc32(ids[row].encode()) for row in rows.tolist()], np.uint32)
    order = np.lexsort((rows, hashes))
    return {**arrays, "key_hashes": hashes[order], "key_rows": rows[order]}
