"""The arrays that a lookup uses to find and show articles."""

from typing import Final

import numpy as np

from training import kernels
from training.records import Bool, Int32, Int64, UInt32
from training.storage import Arrays
from training.strings import StringArray

_POLYNOMIAL: Final = 0xEDB88320
"""Polynomial of CRC-32, bits reflected."""

_SLOTS_PER_KEY: Final = 3
"""Minimum number of hash table slots per key; the actual number is less than twice this one."""


def lookup_arrays(
    *,
    ids: StringArray,
    titles: StringArray,
    urls: StringArray,
    extras: StringArray | None = None,
    section_names: StringArray,
    sections: Int32,
    languages: Int32 | None = None,
    published: Int64,
    known: Bool,
) -> Arrays:
    """Build the arrays that a lookup uses to find and show articles.

    Parameters
    ----------
    ids, titles, urls : StringArray
        One per row.
    extras : StringArray, optional
        JSON objects of strings, `""` for none; left out if all are empty.
    section_names : StringArray
        The m sections.
    sections : int32[n]
        Index into `section_names`, -1 for none.
    languages : int32[n], optional
        One number per language, -1 for none; lists do not mix languages. Left out if there are
        fewer than two.
    published : int64[n]
        µs UTC, `NEVER` if absent.
    known : bool[n]
        Whether an article can be looked up. Each known article gets a key, the CRC-32 of its id's
        UTF-8, and a slot in a hash table with open addressing (Knuth, The Art of Computer
        Programming, 6.4).

    Returns
    -------
    dict of arrays
    """
    arrays: Arrays = {"sections": sections, "published": published}
    named = {"id": ids, "title": titles, "url": urls, "section_name": section_names}
    if languages is not None and len(np.unique(languages[languages >= 0])) > 1:
        arrays["languages"] = languages
    if extras is not None and len(extras.blob):
        named["extra"] = extras
    for name, strings in named.items():
        arrays[f"{name}s"], arrays[f"{name}_ends"] = strings.blob, strings.ends
    rows = np.flatnonzero(known).astype(np.int32)
    hashes = _crc32(ids)[rows]
    order = np.argsort(hashes, kind="stable")
    hashes, rows = hashes[order], rows[order]
    slots = _slots(hashes, rows)
    return {**arrays, "key_hashes": hashes, "key_rows": rows, "key_slots": slots}


def _slots(hashes: UInt32, rows: Int32) -> Int32:
    """Build the hash table of rows; at most a third of its slots are used."""
    return kernels.release.slots(hashes, rows, 1 << (_SLOTS_PER_KEY * len(rows)).bit_length())


def _crc32(strings: StringArray) -> UInt32:
    """Return the CRC-32 of each string."""
    table = np.arange(256)
    for _ in range(8):
        table = (table >> 1) ^ np.where(table & 1, _POLYNOMIAL, 0)
    return kernels.release.crc32(strings.blob, strings.ends, table.astype(np.uint32))
