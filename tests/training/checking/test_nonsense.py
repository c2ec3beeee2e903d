"""Input that makes no sense stops a check, and its version is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.checking.worlds import found_in, good
from tests.training.cli.commands import simulate_site, ymal
from tests.training.worlds import DAY, HOUR, NOW, START, World
from training import Config
from training.checking.findings import GATE_RULES
from training.data.quality import title_figures
from training.errors import EXIT_REFUSED
from training.records import utc

Change = Callable[[World], None]


def articles(**fields: Callable[[str], object]) -> Change:
    """Change fields of every article, each by its old value."""

    def change(world: World) -> None:
        for article in world.articles:
            article.update({name: of(str(article[name])) for name, of in fields.items()})

    return change


def views(reader: Callable[[int, str], str] | None = None, article: str = "{}") -> Change:
    """Change the readers of the views, by number and old value, or the ids they name."""

    def change(world: World) -> None:
        world.views = [
            (reader(number, of) if reader else of, article.format(name), time)
            for number, (of, name, time) in enumerate(world.views)
        ]

    return change


def first(share: float, then: Change) -> Change:
    """Change the first share of the views."""

    def change(world: World) -> None:
        cut = int(share * len(world.views))
        rest, world.views = world.views[cut:], world.views[:cut]
        then(world)
        world.views += rest

    return change


def robot(world: World) -> None:
    """It opens one story every five seconds."""
    world.views += [("robot", "n00", utc(NOW - HOUR + step * 5_000_000)) for step in range(600)]


def without_times(world: World) -> None:
    world.views.clear()
    for article in world.articles:
        del article["published_at"]


def cut_off(world: World) -> None:
    """Many readers, whose log ends nine hours before the articles do."""
    world.views = [(f"{reader}.{n}", *view) for reader, *view in world.views for n in range(4)]
    world.article("n99", "words of the newest story", NOW + 9 * HOUR)


def at(time: int) -> Callable[[str], object]:
    return lambda _: utc(time)


NONSENSE: dict[str, tuple[str, Change]] = {
    "views name articles in another way": ("gate-matched", views(article="id-{}")),
    "views name addresses": ("gate-matched", views(article="https://a.example/{}")),
    "articles are those of another site": ("gate-matched", articles(id=lambda old: f"x{old}")),
    "articles are all one": ("gate-matched", articles(id=lambda _: "n00")),
    "views are of another site": ("gate-matched", first(0.95, views(article="x{}"))),
    "titles are empty": ("gate-titled", articles(title=lambda _: "")),
    "titles are blanks": ("gate-titled", articles(title=lambda _: " \t")),
    "titles are JSON, cut off": ("gate-markup", articles(title=lambda old: f'{{"title": "{old}')),
    "titles are lists, cut off": ("gate-markup", articles(title=lambda old: f'[["{old}')),
    "titles are JSON of no name": ("gate-titled", articles(title=lambda _: {"size": 3})),
    "the reader is one": ("gate-readers", views(lambda *_: "1")),
    "the reader is the kind of device": ("gate-readers", views(lambda n, _: f"{n % 3}")),
    "the reader is most often unknown": (
        "gate-one-reader",
        first(0.9, views(lambda *_: "unknown")),
    ),
    "a robot reads one story": ("gate-repeated", robot),
    "articles are of 1990": ("gate-eligible", articles(published_at=at(7_305 * DAY))),
    "articles are of next year": ("nothing-known", articles(published_at=at(NOW + 365 * DAY))),
    "articles are an archive": ("gate-eligible", articles(published_at=at(START - 300 * DAY))),
    "articles have neither time nor view": ("gate-eligible", without_times),
    "the log is cut off": ("gate-view-age", cut_off),
}


def test_every_rule_of_the_gate_has_its_case() -> None:
    assert {rule.key for rule in GATE_RULES} < {key for key, _ in NONSENSE.values()}


@pytest.mark.parametrize(("key", "change"), NONSENSE.values(), ids=NONSENSE)
def test_a_check_says_what_the_gate_would_refuse(tmp_path: Path, key: str, change: Change) -> None:
    world = good(tmp_path)
    change(world)
    now = NOW if key != "gate-view-age" else NOW + 10 * HOUR
    found = found_in(world.read(Config()), now)
    assert key in found, found


def test_titles_of_all_kinds_are_no_markup() -> None:
    usual = [
        "Profit & loss: AT&T; 5 < 6",
        "[Opinion] What now?",
        "{...}",
        "<3 is a heart",
        "R&D; then growth",
    ]
    assert title_figures(usual * 5, has_text=True) == {"titled": 1, "markup": 0}


def test_the_first_version_is_refused_with_cause_and_remedy(tmp_path: Path) -> None:
    """One line, exit code 7, nothing served; with --force and --why it is served."""
    folder = simulate_site(tmp_path, 120, 3, 300)
    text = (folder / "views.csv").read_text()
    (folder / "views.csv").write_text(text.replace(",a0", ",other0"))
    *_, line = ymal("train", "--quiet", cwd=folder, code=EXIT_REFUSED).stderr.splitlines()
    assert "0.0% of the views match an article: a view names 'other" in line
    assert "views.article_by" in line
    assert not (folder / "artifacts" / "current").exists()
    ymal("train", "--quiet", "--force", "--why", "a trial", cwd=folder)
    assert (folder / "artifacts" / "current").exists()
