"""Hosts of addresses in one form, as SQL that needs no function of ours."""

import re
from typing import Final

from training.data.scan import sql_literal

_MOBILE: Final = r"^(?:(?:www\d?|m|mobile|mobil|amp|touch)\.)+([^/]*\.)"
_PORT: Final = r"^([^/:]*\.[^/:.]+|localhost)\.?(:\d*)?$"
_TRANSLATED: Final = ".translate.goog"

_NEEDS_DECODING: Final = rf"[^a-z0-9.-]|^[^.]*$|\.$|(^|\.)xn--|{re.escape(_TRANSLATED)}$"
"""What a host has whose form differs by more than `_MOBILE`; most have none."""

_MAX_WEIGHT: Final = 2_000_000_000
"""Bound of the numbers in a label; all Unicode characters are far below it."""

_DIGITS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def bind(value: str, name: str, body: str) -> str:
    """Return the SQL of `body`, in which `name` stands for a value that is computed once."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def host_form(host: str) -> str:
    """Return the SQL of a host without port, final dot, `www.`, `m.`, `mobile.`, `amp.`.

    Letters are lower case and Unicode, not punycode. A host of translate.goog is the one that was
    translated. A text without a dot may be an id: its letters stay.
    """
    lower = "CASE WHEN contains(h, '.') THEN lower(h) ELSE h END"
    bare = f"regexp_replace({lower}, {sql_literal(_PORT)}, '\\1')"
    label = f"replace(replace(replace(split_part({bare}, '.', 1), '--', ' '), '-', '.'), ' ', '-')"
    own = f"CASE WHEN ends_with({bare}, '{_TRANSLATED}') THEN {label} ELSE {bare} END"
    unicode = (
        f"array_to_string(list_transform(string_split({own}, '.'), lambda l: {_decoded()}), '.')"
    )
    needs = f"regexp_matches(h, {sql_literal(_NEEDS_DECODING)})"
    found = f"CASE WHEN {needs} THEN nfc_normalize({unicode}) ELSE h END"
    return f"regexp_replace({bind(host, 'h', found)}, '{_MOBILE}', '\\1')"


def _decoded() -> str:
    """Return the SQL of a label `l` in Unicode: RFC 3492 if it is punycode, else as it is.

    One step per digit: `o` are the characters so far, `i` the sum of the digits, `w` the weight of
    the next one. Where a digit ends a number, `i` says which character `n` comes at which place.
    """
    digit = f"strpos('{_DIGITS}', c) - 1"
    terms = (
        f"{{'digit': {digit}, 'i': least(s.i + ({digit}) * s.w, {_MAX_WEIGHT})::BIGINT, "
        "'least': greatest(1, least(26, s.k - s.bias)), 'size': len(s.o) + 1}"
    )
    part = "((t.i - s.first) // CASE WHEN s.first = 0 THEN 700 ELSE 2 END)"
    delta = f"({part} + {part} // t.size)"
    deltas = f"[{', '.join(f'{delta} // {35**power}' for power in range(5))}]"
    over = "len(list_filter(d, lambda x: x > 455))"
    at, n = "t.i % t.size", "s.n + t.i // t.size"
    ended = (
        f"{{'o': list_concat(list_append(s.o[:{at}], {n}), s.o[{at} + 1:]), 'n': {n}, "
        f"'i': {at} + 1, 'first': {at} + 1, 'w': 1::BIGINT, 'k': 36::BIGINT, "
        f"'bias': 36 * {over} + 36 * d[{over} + 1] // (d[{over} + 1] + 38), "
        "'bad': s.bad OR t.digit < 0}"
    )
    going_on = (
        "{'o': s.o, 'n': s.n, 'i': t.i, 'first': s.first, "
        f"'w': least(s.w * (36 - t.least), {_MAX_WEIGHT})::BIGINT, 'k': s.k + 36, "
        "'bias': s.bias, 'bad': s.bad}"
    )
    end = bind(deltas, "d", ended)
    one = bind(terms, "t", f"CASE WHEN t.digit < t.least THEN {end} ELSE {going_on} END")
    basic = "string_split(regexp_extract(l, '^xn--(.*)-[^-]*$', 1), '')"
    begin = (
        f"{{'o': list_transform(list_filter({basic}, lambda c: c <> ''), "
        "lambda c: unicode(c)::BIGINT), 'n': 128::BIGINT, 'i': 0::BIGINT, 'first': 0::BIGINT, "
        "'w': 1::BIGINT, 'k': 36::BIGINT, 'bias': 72::BIGINT, 'bad': false}"
    )
    digits = "string_split(regexp_extract(l, '([^-]*)$', 1), '')"
    reduced = f"list_reduce({digits}, lambda s, c: {one}, {begin})"
    text = "array_to_string(list_transform(s.o, lambda c: chr(c::INTEGER)), '')"
    is_bad = (
        "s.bad OR s.w <> 1 OR list_max(s.o) > 1114111 "
        "OR len(list_filter(s.o, lambda c: c // 2048 = 27)) > 0"
    )
    label = bind(reduced, "s", f"CASE WHEN {is_bad} THEN l ELSE {text} END")
    return f"CASE WHEN regexp_matches(l, '^xn--[a-z0-9-]{{0,58}}[a-z0-9]$') THEN {label} ELSE l END"
