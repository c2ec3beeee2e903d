"""Comparing two versions: worlds small enough to count by hand."""

import numpy as np
import pytest

from training.release import compare_versions, lookup_arrays
from training.release.comparison import first_items
from training.storage import Arrays
from training.strings import StringArray

NEVER = np.iinfo(np.int64).max


def version(lists: dict[str, list[str]], unknown: tuple[str, ...] = ()) -> Arrays:
    """A version whose articles are the keys, in their order, each with its own items."""
    ids = list(lists)
    rows = {name: row for row, name in enumerate(ids)}
    return {
        **lookup_arrays(
            ids=StringArray.of(ids),
            titles=StringArray.of(ids),
            urls=StringArray.of([""] * len(ids)),
            section_names=StringArray.of([]),
            sections=np.full(len(ids), -1, np.int32),
            published=np.full(len(ids), NEVER),
            known=np.array([name not in unknown for name in ids]),
        ),
        "list_ends": np.cumsum([0, *map(len, lists.values())]),
        "list_items": np.array([rows[i] for items in lists.values() for i in items], np.int32),
    }


def test_a_version_does_not_differ_from_itself() -> None:
    one = version({"a": ["b", "c"], "b": ["a"], "c": []})
    found = compare_versions(one, one)
    assert (len(found.gone), len(found.new), found.common) == (0, 0, 2)
    assert (found.mean_overlap, found.changed) == (1, 0)
    assert found.before.tolist() == found.after.tolist() == [1, 1, 1]


@pytest.mark.parametrize("order", [["a", "b", "c", "d", "e"], ["e", "d", "c", "b", "a"]])
def test_what_is_gone_new_and_changed(order: list[str]) -> None:
    before = version({"a": ["b", "c"], "b": ["a"], "c": ["a"], "d": ["c"]})
    lists = {"a": ["b", "e"], "b": ["a"], "c": ["e"], "d": [], "e": ["a"]}
    after = version({name: lists[name] for name in order}, unknown=("d",))
    found = compare_versions(before, after)
    assert found.gone.tolist() == [3]
    assert [order[row] for row in found.new] == ["e"]
    assert sorted(found.overlap.tolist()) == [0, 0.5, 1]  # of c, a and b
    assert found.changed == pytest.approx(2 / 3)
    counts = {name: (found.before[row], found.after[row]) for row, name in enumerate(order)}
    # The list of e is new, that of d is gone: neither is counted.
    assert counts == {"a": (2, 1), "b": (1, 1), "c": (1, 0), "d": (0, 0), "e": (0, 2)}


def test_an_item_that_is_gone_does_not_stay() -> None:
    before = version({"a": ["b", "x"], "b": [], "x": []})
    after = version({"a": ["b"], "b": []})
    found = compare_versions(before, after)
    assert found.overlap.tolist() == [0.5]
    assert found.before.tolist() == [0, 1]


def test_the_first_five_are_compared_and_no_more() -> None:
    names = list("abcdefghi")
    before = version({"a": names[1:8], **{name: [] for name in names[1:]}})
    after = version({"a": [*names[5:0:-1], "i"], **{name: [] for name in names[1:]}})
    found = compare_versions(before, after)
    assert found.overlap.tolist() == [1]
    assert first_items(before)[1].tolist() == [1, 2, 3, 4, 5]


def test_nothing_to_compare() -> None:
    nothing, one = version({}), version({"a": []})
    found = compare_versions(nothing, one)
    assert (found.mean_overlap, found.changed, found.new.tolist()) == (1, 0, [0])
    assert compare_versions(one, nothing).gone.tolist() == [0]
