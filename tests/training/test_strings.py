"""Arrays of strings: round trips, and some strings replaced."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import OutputError
from training.strings import StringArray

TEXTS = st.lists(st.text())


@given(TEXTS)
def test_strings_come_back(strings: list[str]) -> None:
    packed = StringArray.of(strings)
    assert packed.blob.dtype == np.uint8
    assert packed.ends.dtype == np.int64
    assert packed.ends.tolist()[0] == 0
    assert len(packed) == len(strings) == len(packed.ends) - 1
    assert list(packed) == [packed[at] for at in range(len(packed))] == strings
    assert packed.valid
    with pytest.raises(IndexError):
        packed[len(strings)]


@given(TEXTS, st.integers(0, 3), st.data())
def test_some_are_changed_and_more_come_behind(
    strings: list[str], more: int, data: st.DataObject
) -> None:
    plain = [*strings, *[""] * more]
    places = st.lists(st.integers(0, len(plain) - 1), unique=True) if plain else st.just([])
    rows = data.draw(places)
    others = data.draw(st.lists(st.text(), min_size=len(rows), max_size=len(rows)))
    before = StringArray.of(strings)
    changed = before.replace(np.array(rows, np.int32), others, len(plain))
    for row, text in zip(rows, others, strict=True):
        plain[row] = text
    assert list(changed) == plain
    packed = StringArray.of(plain)
    np.testing.assert_array_equal(changed.blob, packed.blob)
    np.testing.assert_array_equal(changed.ends, packed.ends)
    assert list(before) == strings


def test_half_a_surrogate_pair_has_no_utf8() -> None:
    with pytest.raises(OutputError, match=r"'ab\\ud800' holds half of a surrogate pair"):
        StringArray.of(["fine", "ab\ud800"])


def test_what_is_not_utf8_is_not_valid() -> None:
    snow = "❄".encode()
    for blob, ends in ((b"ab\xff", [0, 3]), (snow, [0, 1, 3]), (snow[:2], [0, 2])):
        assert not StringArray(np.frombuffer(blob, np.uint8), np.array(ends)).valid
    assert StringArray(np.frombuffer(snow + snow, np.uint8), np.array([0, 3, 3, 6, 6])).valid
