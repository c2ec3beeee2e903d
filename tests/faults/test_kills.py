"""A few runs that are killed: `python -m benchmarks.faults.kills` kills two hundred."""

from pathlib import Path

import pytest

from benchmarks.faults.kills import PHASES, Kill, rounds, table
from benchmarks.faults.site import damage, left_over
from tests.recommender.worlds import TOY

KILLS = 4
"""The first of a training, the others of a refresh."""


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> list[Kill]:
    return rounds(tmp_path_factory.mktemp("kills"), KILLS, seed=2, articles=100)


def test_what_is_served_is_whole_after_every_kill(kills: list[Kill]) -> None:
    assert [kill.broken for kill in kills] == [""] * KILLS


def test_the_next_run_ends_well_and_leaves_nothing_over(kills: list[Kill]) -> None:
    for kill in kills:
        assert (kill.following.code, kill.following.broken, kill.following.left) == (0, "", ()), (
            kill
        )


def test_some_are_killed_while_they_write(kills: list[Kill]) -> None:
    assert {kill.phase for kill in kills} <= {*PHASES}
    assert any(kill.phase == "while writing" for kill in kills)
    assert f"kills             {KILLS} (1 train, 3 refresh)" in table(kills)


def test_the_check_sees_damage_and_what_is_left_over(tmp_path: Path) -> None:
    artifacts = TOY.publish(tmp_path)
    name = (artifacts / "current").read_text().strip()
    assert "it names no state" in damage(artifacts)
    assert left_over(artifacts) == [f"versions/{name}"]
    for path in ("states/0", f"states/{name}", "versions/.1.partial", "states/.2.partial"):
        (artifacts / path).mkdir(parents=True)
    (artifacts / ".current.12ab.partial").touch()
    (artifacts / "versions/3").mkdir()
    (artifacts / "versions/-").mkdir()  # older than every state: its own was pruned
    left = [
        ".current.12ab.partial",
        "states/.2.partial",
        "states/0",
        "versions/.1.partial",
        "versions/3",
    ]
    assert left_over(artifacts) == left
