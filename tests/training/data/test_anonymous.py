"""Views without a reader: they count, connect nothing, and are named."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from training.config import Config
from training.data import read_shared, read_site, write_shared
from training.data.forgotten import reader_hash
from training.records import NEVER, Site

KEY = bytes(32)
MIDNIGHT = "2026-05-01T00:00:00Z"


def read(
    folder: Path,
    rows: Sequence[tuple[str, str]],
    head: str = "user,article",
    shared: Sequence[int] | None = None,
    forgotten: Sequence[int] = (),
    **views: object,
) -> Site:
    text = "".join(f'"{user}",{rest},{MIDNIGHT}\n' for user, rest in rows)
    (folder / "v.csv").write_text(f"{head},time\n{text}")
    config = Config.model_validate({"views": views})
    files = [str(folder / "v.csv")]
    return read_site(config, [], files, key=KEY, shared=shared, forgotten=forgotten)


def readers(site: Site) -> list[int | None]:
    found = site.views.rows().connection.sql("SELECT reader FROM views ORDER BY place").fetchall()
    return [reader for (reader,) in found]


@pytest.mark.parametrize(
    "value",
    ["", " ", "NULL", "nan", "undefined", "(not set)", "Anonymous", "opt-out", "-", "our own word",
     "00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}", "0" * 32,
     "d41d8cd98f00b204e9800998ecf8427e"],
)  # fmt: skip
def test_a_value_that_names_nobody_is_no_reader_and_no_bad_row(tmp_path: Path, value: str) -> None:
    rows = [(value, "a"), (value, "a"), ("ann", "a"), ("ann", "a")]
    site = read(tmp_path, rows, no_reader=["OUR own word"])
    assert readers(site) == [None, None, reader_hash("ann", KEY)], "one of a reader's, both others"
    assert site.left_out == {"exact duplicate": 1}
    assert site.anonymous.views == 2
    assert site.anonymous.values == {value.strip(): 2}
    found = site.views.read_counts(0, NEVER)
    assert found["views"].tolist() == [1], "robots and readers are counted without them"


@pytest.mark.parametrize("value", ["0", "7", "unknown-17", "none@example.org", "0000"])
def test_a_value_that_can_name_somebody_is_a_reader(tmp_path: Path, value: str) -> None:
    assert readers(read(tmp_path, [(value, "a")])) == [reader_hash(value, KEY)]


def test_a_session_stands_for_a_reader_who_is_not_named(tmp_path: Path) -> None:
    rows = [("", "s1,a"), ("", "s1,b"), ("ann", "s2,a"), ("nobody", "null,a")]
    site = read(tmp_path, rows, "user,session,article")
    session, same, ann, none = readers(site)
    assert session == same == reader_hash("s1", KEY)
    assert (ann, none) == (reader_hash("ann", KEY), None)
    assert site.anonymous.views == 1
    gone = read(tmp_path, rows, "user,session,article", forgotten=[reader_hash("s1", KEY)])
    assert readers(gone) == [ann, None]


def shared_by_many(value: str = "proxy") -> list[tuple[str, str]]:
    """Two fifths of the views have one value, the others are of sixty readers."""
    many = [(value, f"a{n % 20}") for n in range(400)]
    return many + [(f"u{n % 60}", f"a{n % 20}") for n in range(600)]


def test_one_value_for_many_readers_is_found_by_what_it_reads(tmp_path: Path) -> None:
    site = read(tmp_path, shared_by_many())
    assert site.anonymous.shared == [reader_hash("proxy", KEY)]
    assert site.anonymous.most_frequent() == ("proxy", 400)
    assert site.anonymous.views == 400
    few = read(tmp_path, [("proxy", "a1")], shared=site.anonymous.shared)
    assert readers(few) == [None], "a refresh knows it from the training"
    assert readers(read(tmp_path, [("proxy", "a1")])) == [reader_hash("proxy", KEY)]


def test_a_robot_that_opens_one_article_again_and_again_stays_one_reader(tmp_path: Path) -> None:
    robot = [("robot", f"a{n % 2}") for n in range(400)]
    site = read(tmp_path, robot + shared_by_many()[400:])
    assert not site.anonymous.shared
    assert site.anonymous.views == 0


def test_the_shared_values_are_kept_beside_the_versions(tmp_path: Path) -> None:
    assert read_shared(tmp_path) == []
    write_shared(tmp_path, [7, -3])
    assert read_shared(tmp_path) == [7, -3]
    (tmp_path / "shared_readers.json").write_text("{")
    assert read_shared(tmp_path) == []
