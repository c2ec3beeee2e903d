"""Text in other encodings: told by its first bytes where that is certain, else guessed."""

import codecs
from pathlib import Path
from typing import Final

_MARKED: Final = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark begins like it
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LIKELY: Final = {
    "cp1252": "Windows-1252",
    "cp1251": "Windows-1251",
    "gb18030": "GB18030",
    "cp932": "Shift-JIS",
    "cp949": "EUC-KR",
    "big5": "Big5",
    "euc_jp": "EUC-JP",
    "cp1250": "Windows-1250",
    "cp1254": "Windows-1254",
    "cp1253": "Windows-1253",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "cp1257": "Windows-1257",
    "cp874": "Windows-874",
    "koi8_r": "KOI8-R",
}
"""What files of text are in where they are not in Unicode, the likeliest first."""

_AT_HOME: Final = {
    **dict.fromkeys(("Croatian", "Czech", "Hungarian", "Polish", "Romanian"), "cp1250"),
    **dict.fromkeys(("Slovak", "Slovene"), "cp1250"),
    **dict.fromkeys(("Latvian", "Lithuanian"), "cp1257"),
    "Turkish": "cp1254",
}
"""Where a language is written, of the code pages of Latin letters that are all but alike."""

_ENOUGH: Final = 16_384
"""Bytes of lines with other letters than those of ASCII that are looked at."""

_MOST_CHAOS: Final = 0.2
_AS_GOOD: Final = 0.01


def wide(head: bytes) -> str | None:
    r"""Return the encoding of a text whose letters take two bytes or four, by its first four bytes.

    Examples
    --------
    >>> wide(b"\xff\xfei\0"), wide(b"i\0d\0"), wide(b"\0i\0d"), wide(b"id,t")
    ('utf-16', 'utf-16-le', 'utf-16-be', None)
    """
    for mark, name in _MARKED.items():
        if head.startswith(mark):
            return name
    zeros = [byte == 0 for byte in head[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else None


def advice(plain: Path) -> str:
    """Say what to do about a file of text that is not UTF-8, and which encoding it may be in."""
    names = _guessed(_foreign(plain))
    doubt = f" (it may be {' or '.join(names)})" if names else ""
    return f"save the file as UTF-8{doubt}"


def _foreign(plain: Path) -> bytes:
    """Return lines that hold other bytes than ASCII: only those tell."""
    found = bytearray()
    with plain.open("rb") as file:
        while len(found) < _ENOUGH and (line := file.readline(_ENOUGH)):
            if not line.isascii():
                found += line
    return bytes(found)


def _guessed(text: bytes) -> list[str]:
    """Name what the bytes may be, two where both read as well."""
    from charset_normalizer import from_bytes

    found = from_bytes(
        text,
        steps=1,
        chunk_size=len(text),
        threshold=_MOST_CHAOS,
        cp_isolation=list(_LIKELY),
        preemptive_behaviour=False,
        enable_fallback=False,
    )
    worth = [match.coherence - match.chaos for match in found]
    least = max(worth, default=0.0) - _AS_GOOD
    best = [match for match, value in zip(found, worth, strict=True) if value >= least]
    possible = {name for match in found for name in match.could_be_from_charset}
    homes = {_AT_HOME.get(match.language, "") for match in best} & possible
    # Code pages that give the same letters are one: the likeliest stands for them.
    order = list(_LIKELY)
    names = homes or {min(match.could_be_from_charset, key=order.index) for match in best}
    return [_LIKELY[name] for name in sorted(names, key=order.index)[:2]]
