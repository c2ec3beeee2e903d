"""What a refresh carried on, held to what training on everything gives."""

from pathlib import Path

from benchmarks.speed.carried import sums_recall
from tests.training.worlds import COARSE, START, World
from training.pipeline import initial_state, step, window_since
from training.records import DAY, HOUR, Window


def test_a_state_carried_on_has_the_strongest_pairs_and_one_left_behind_lacks_some(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    for visit in range(120):
        names = [f"n{visit % 9}", f"n{visit % 5}", f"n{visit // 70 * 9}", "a"]
        world.session(f"r{visit % 40}", START + visit * HOUR // 2, names)
    site = world.read()
    end = START + 3 * DAY
    first = initial_state(site, end, 1)
    anew, _ = step(first, window_since(site, first, end), COARSE)
    base, _ = step(first, Window(first.time, START + DAY, site.views), COARSE)
    carried, _ = step(base, Window(base.time, end, site.views), COARSE)
    assert sums_recall(carried, anew, COARSE) == 1
    assert sums_recall(base, anew, COARSE) < 1
