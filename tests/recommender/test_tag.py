"""The tag of what is served: alike for the same answers, another with every change."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from recommender import Recommender
from recommender.active_overrides import ActiveOverrides
from recommender.overrides import Override, dump
from tests.thorough import scaled

from .test_page import some_overrides
from .worlds import NAME, TOY

OTHER = "20230601T080000Z-002"
BAN = Override(
    "o1",
    "ban",
    "rain",
    block="popular",
    section="sport",
    who="ada",
    why="a mistake",
    when=datetime(2023, 6, 1, tzinfo=UTC),
    starts=datetime(2023, 6, 1, tzinfo=UTC),
    until=datetime(2033, 6, 1, tzinfo=UTC),
)
NOW = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
CHANGES: dict[str, Any] = {
    "id": "o2",
    "action": "pin",
    "story": "storm",
    "block": "latest",
    "slot": 1,
    "article": "rain",
    "section": None,
    "who": "",
    "why": "another",
    "when": None,
    "starts": None,
    "until": None,
}


def digest(*overrides: Override) -> str:
    return ActiveOverrides(overrides, NOW).digest


def served(artifacts: Path, *overrides: Override) -> Recommender:
    (artifacts / "overrides.json").write_bytes(dump(overrides))
    return Recommender.open(artifacts)


def test_without_overrides_it_is_the_version() -> None:
    assert digest() == ""


def test_it_names_version_and_overrides(tmp_path: Path) -> None:
    TOY.publish(tmp_path)
    bare = served(tmp_path).snapshot()
    banned = served(tmp_path, BAN).snapshot()
    assert (bare.tag, bare.overrides) == (NAME, 0)
    assert (banned.tag, banned.overrides) == (f"{NAME}-{digest(BAN)}", 1)
    TOY.publish(tmp_path, OTHER)
    assert served(tmp_path, BAN).snapshot().tag == f"{OTHER}-{digest(BAN)}"


@pytest.mark.parametrize("field", Override._fields)
def test_any_change_of_an_override_changes_it(field: str) -> None:
    assert digest(BAN._replace(**{field: CHANGES[field]})) != digest(BAN)


@settings(max_examples=scaled(200))
@given(some_overrides(), some_overrides())
def test_it_is_the_same_for_the_same_overrides_only(
    some: list[Override], others: list[Override]
) -> None:
    assert digest(*some) == digest(*some)
    assert (digest(*some) == digest(*others)) == (some == others)


def test_it_changes_when_one_begins_and_when_one_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    begins, ends = (datetime.fromtimestamp(seconds, UTC) for seconds in (1010, 1020))
    always = Override("o1", "ban", "rain")
    recommender = served(
        TOY.publish(tmp_path), always, Override("o2", "ban", "snow", starts=begins, until=ends)
    )
    tags = []
    for clock[0] in (1000.0, 1009.0, 1011.0, 1019.0, 1021.0):
        tags.append(recommender.snapshot().tag)
    before, during = tags[0], tags[2]
    assert tags == [before, before, during, during, before]
    assert before == f"{NAME}-{digest(always)}" != during
