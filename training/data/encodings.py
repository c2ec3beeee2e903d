"""Text in other encodings: detected by the first bytes where that is certain, else guessed."""

import codecs
from pathlib import Path
from typing import Final

_BYTE_ORDER_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark begins like it
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LEGACY_ENCODINGS: Final = {
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
"""Encodings of text that is not in Unicode, the likeliest first."""

_LANGUAGE_ENCODINGS: Final = {
    **dict.fromkeys(("Croatian", "Czech", "Hungarian", "Polish", "Romanian"), "cp1250"),
    **dict.fromkeys(("Slovak", "Slovene"), "cp1250"),
    **dict.fromkeys(("Latvian", "Lithuanian"), "cp1257"),
    "Turkish": "cp1254",
}
"""The encoding of a language, among the nearly equal code pages of Latin letters."""

_SAMPLE_BYTES: Final = 16_384
"""Bytes of lines with characters beyond ASCII that the guess is based on."""

_MAX_CHAOS: Final = 0.2
_SCORE_TOLERANCE: Final = 0.01


def wide_encoding(head: bytes) -> str | None:
    r"""Return the encoding of a text whose letters take two bytes or four, by its first four bytes.

    Examples
    --------
    >>> [wide_encoding(head) for head in (b"\xff\xfei\0", b"i\0d\0", b"\0i\0d", b"id,t")]
    ['utf-16', 'utf-16-le', 'utf-16-be', None]
    """
    for mark, name in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return name
    zeros = [byte == 0 for byte in head[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else None


def advice(plain: Path) -> str:
    """Say what to do about a text file that is not UTF-8, and which encoding it may be in."""
    names = _guess_encodings(_non_ascii_lines(plain))
    doubt = f" (it may be {' or '.join(names)})" if names else ""
    return f"save the file as UTF-8{doubt}"


def _non_ascii_lines(plain: Path) -> bytes:
    """Return lines with bytes beyond ASCII: only these depend on the encoding."""
    found = bytearray()
    with plain.open("rb") as file:
        while len(found) < _SAMPLE_BYTES and (line := file.readline(_SAMPLE_BYTES)):
            if not line.isascii():
                found += line
    return bytes(found)


def _guess_encodings(text: bytes) -> list[str]:
    """Return the likeliest encoding of some bytes, or two of equal score."""
    from charset_normalizer import from_bytes

    found = from_bytes(
        text,
        steps=1,
        chunk_size=len(text),
        threshold=_MAX_CHAOS,
        cp_isolation=list(_LEGACY_ENCODINGS),
        preemptive_behaviour=False,
        enable_fallback=False,
    )
    scores = [match.coherence - match.chaos for match in found]
    threshold = max(scores, default=0.0) - _SCORE_TOLERANCE
    best = [match for match, value in zip(found, scores, strict=True) if value >= threshold]
    possible = {name for match in found for name in match.could_be_from_charset}
    by_language = {_LANGUAGE_ENCODINGS.get(match.language, "") for match in best} & possible
    # Of code pages that decode to the same text, the likeliest is named.
    order = list(_LEGACY_ENCODINGS)
    names = by_language or {min(match.could_be_from_charset, key=order.index) for match in best}
    return [_LEGACY_ENCODINGS[name] for name in sorted(names, key=order.index)[:2]]
