"""`clean` returns what a reader sees, normalised; it never raises and is idempotent."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import scaled
from training.texts import clean

PIECES = (
    "<p> </p> <b <b> </b> <script> </script> <!-- --> &amp; &lt; &# &#60; < > & "
    "\x00 \ud800 \u00ad ﬁ İ ß ᾳ \u0345 한"
)
MARKUP = st.lists(st.sampled_from(PIECES.split(" ")) | st.text(max_size=4)).map("".join)


@settings(max_examples=scaled(300))
@given(st.text() | MARKUP)
def test_never_raises_and_is_idempotent(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not set(once) & set("<>&\x00\ud800")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain", ["plain"]),
        ("<p>one</p><p>two</p>three<br>four", ["one", "two", "three", "four"]),
        ("<b>B</b>ahn<i>hof</i>", ["bahnhof"]),
        ("a<script>let x = '<p>'</script>b<style>p {}</style>c", ["abc"]),
        ("a <!-- <p>hidden</p> --> b", ["a", "b"]),
        ("<p class='open", ["p", "class='open"]),
        ("<p>never <div>closed <b>at all", ["never", "closed", "at", "all"]),
        ('<a href="https://example.org/x">link</a>', ["link"]),
        ("Caf&eacute; &#233; &#xe9;", ["café", "é", "é"]),
        ("&lt;p&gt;escaped&lt;/p&gt;&lt;p&gt;page", ["escaped", "page"]),
        ("a < b, c > d: #include <stdio.h>", ["a", "b,", "c", "d:", "#include", "stdio.h"]),
        ("AT&T", ["at", "t"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("ｆｕｌｌ ﬁn ①", ["full", "fin", "1"]),
        ("e\u0301te\u0301", ["été"]),
        ("soft\u00adhyphen zero\u200bwidth", ["softhyphen", "zero", "width"]),
        ("tab\tnul\x00bell\x07", ["tab", "nul", "bell"]),
        ("&#" + "9" * 5000 + ";", ["\ufffd"]),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert clean(text).split() == words


@pytest.mark.parametrize(
    "text",
    [
        "<div>word " * 100_000,
        "<x><b>word " * 100_000,
        "<p>" + "<" * 500_000,
        "word & <b>" * 100_000,
    ],
    ids=["blocks", "inline", "brackets", "mixed"],
)
def test_a_megabyte_of_unclosed_elements_takes_seconds(text: str) -> None:
    before = time.process_time()
    clean(text)
    assert time.process_time() - before < 10
