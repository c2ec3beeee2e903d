"""A good site, in which nothing is found, and its facts."""

from pathlib import Path

from tests.training.worlds import DAY, HOUR, MINUTE, NOW, START, World, spelled
from training import Config, Site
from training.checking.counting import collect_facts
from training.checking.facts import Facts
from training.checking.findings import find

DAYS = 6
SECTIONS = ("home", "world", "sport")


def good(folder: Path) -> World:
    """Twelve stories a day in three sections, fifty readers who read five in a row."""
    world = World(folder)
    for number in range(12 * DAYS):
        at = START + number * 2 * HOUR
        section = SECTIONS[number % 3]
        world.article(f"n{number:02}", f"{section} {spelled(number)}", at, section)
    for day in range(DAYS):
        for reader in range(50):
            at = START + day * DAY + 23 * HOUR + (reader + 1) * MINUTE
            newest = 12 * day + 11
            names = [f"n{max(newest - (reader + 2 * step) % 12, 0):02}" for step in range(5)]
            world.session(f"r{reader}", at, names)
    return world


def facts_of(world: World, now: int = NOW, **config: object) -> Facts:
    return collect_facts(world.read(Config(**config)), now)


def found_in(site: Site, now: int = NOW) -> dict[str, str]:
    """The findings by rule."""
    return {finding.key: finding.found for finding in find(collect_facts(site, now), site.config)}
