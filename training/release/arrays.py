"""The arrays by which a lookup finds and shows articles."""

import zlib
from itertools import pairwise

import numpy as np

from training.records import Bool, Int32, Int64
from training.storage import Arrays, Packed


def lookup_arrays(
    *,
    ids: Packed,
    titles: Packed,
    urls: Packed,
    extras: Packed | None = None,
    section_names: Packed,
    sections: Int32,
    languages: Int32 | None = None,
    published: Int64,
    known: Bool,
) -> Arrays:
    """Make the arrays by which a lookup finds and shows articles.

    Parameters
    ----------
    ids, titles, urls : (uint8, int64[n + 1])
        One per row, as `pack_strings` gives them.
    extras : (uint8, int64[n + 1]), optional
        JSON objects of texts, `""` where there is none; left out where all are.
    section_names : (uint8, int64[m + 1])
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
    """
    arrays: Arrays = {"sections": sections, "published": published}
    named = {"id": ids, "title": titles, "url": urls, "section_name": section_names}
    if languages is not None and len(np.unique(languages[languages >= 0])) > 1:
        arrays["languages"] = languages
    if extras is not None and len(extras[0]):
        named["extra"] = extras
    for name, (blob, ends) in named.items():
        arrays[f"{name}s"], arrays[f"{name}_ends"] = blob, ends
    data, rows = ids[0].tobytes(), np.flatnonzero(known).astype(np.int32)
    every = (zlib.crc32(data[start:end]) for start, end in pairwise(ids[1].tolist()))
    hashes = np.fromiter(every, np.uint32, len(known))[rows]
    order = np.argsort(hashes, kind="stable")
    return {**arrays, "key_hashes": hashes[order], "key_rows": rows[order]}
