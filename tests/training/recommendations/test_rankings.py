"""Rankings on toy sites with evident answers."""

from pathlib import Path

import pytest

from tests.training.worlds import DAY, HOUR, MINUTE, NOW, START, World, spelled
from training import Config, Run, read, train
from training.recommendations import rankings
from training.records import utc

PLAIN = {"ranking": {"every": "6h"}, "lists": {"event_cosine": 0}}


def config(**blocks: dict[str, object]) -> Config:
    page = [{"key": key, **settings} for key, settings in blocks.items()]
    return Config(**PLAIN, page=page)


def named(run: Run, ranking: str) -> list[str]:
    return [run.state.catalogue.ids[row] for row in run.recommendations.rankings[ranking]]


def views(world: World, name: str, count: int, since: int, until: int = NOW) -> None:
    """Views of one article by as many readers, evenly spread."""
    for number in range(count):
        at = since + (until - since) * number // count
        world.session(f"{name}-{number}", at, [name])


def test_fridays_story_can_beat_mondays(tmp_path: Path) -> None:
    world = World(tmp_path)
    for day in range(6):
        for number in range(4):
            published = START + day * DAY + 8 * HOUR + number * MINUTE
            name = f"day{day}-{number}"
            world.article(name, spelled(10 * day + number), published)
            # A story is read for as long as it stands; each day one is read twice as much.
            reads = (6 - day) * (40 if number == 0 else 20)
            views(world, name, reads, published, NOW - MINUTE)
    run = world.train(config=config(weekly={"min_views": 1}))
    weekly = named(run, "weekly")
    assert {name[-1] for name in weekly[:6]} == {"0"}, "each day's best before any other story"
    total = run.state.sums.total
    by_views = sorted(run.state.catalogue.ids, key=lambda n: -total[run.state.catalogue.rows[n]])
    assert "day5-0" not in by_views[:6], "plain counts would leave the newest out"


def test_blocks_have_their_limits(tmp_path: Path) -> None:
    world = World(tmp_path)
    for name, age, reads in (("old", 100, 40), ("few", 20, 4), ("good", 20, 40), ("new", 1, 0)):
        world.article(name, spelled(len(name) + age), NOW - age * HOUR)
        views(world, name, reads, NOW - min(age, 20) * HOUR)
    limits = {"min_views": 10, "max_age": "3d"}
    run = world.train(config=config(weekly=limits, popular=limits))
    assert named(run, "weekly") == ["good"]
    assert named(run, "popular") == ["good"]
    assert named(run, "latest") == ["new", "few", "good", "old"]


def test_a_site_without_views_has_no_popular_weekly_or_must_reads(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.article("a", "a story", NOW - HOUR)
    world.article("b", "another tale", NOW - 2 * HOUR)
    articles, _ = world.write()
    run = train(read(config(popular={}, weekly={}), articles=articles), now=NOW)
    assert [named(run, name) for name in ("popular", "weekly", "must_reads")] == [[], [], []]
    assert named(run, "latest") == ["a", "b"]


def with_read_time(world: World, seconds: dict[str, int], tmp_path: Path) -> list[str]:
    file = tmp_path / "timed.csv"
    rows = [f"{user},{name},{time},{seconds[name]}" for user, name, time in world.views]
    file.write_text("\n".join(["user,article,time,read_time", *rows]) + "\n")
    return [str(file)]


def test_must_reads_are_read_longer_than_expected_for_their_length(tmp_path: Path) -> None:
    world = World(tmp_path)
    seconds = {}
    for number in range(12):
        length = 20 * (1 + number % 4)
        name = f"n{number:02}"
        world.article(name, "", NOW - (20 + number) * HOUR, title=spelled(number))
        world.articles[-1]["body"] = f"{spelled(number)} " * length
        seconds[name] = length
        views(world, name, 30, NOW - 19 * HOUR)
    seconds["n05"] *= 3
    articles, _ = world.write()
    views_file = with_read_time(world, seconds, tmp_path)
    run = train(
        read(config(must_reads={"min_views": 10}), articles=articles, views=views_file), now=NOW
    )
    assert named(run, "must_reads") == ["n05"]
    assert run.recommendations.rankings["must_read_reasons"].tolist() == [6]


def test_a_gallery_without_text_is_no_must_read_for_its_length(tmp_path: Path) -> None:
    world = World(tmp_path)
    seconds = {"gallery": 4}
    world.article("gallery", "", NOW - 20 * HOUR, title=spelled(99))
    views(world, "gallery", 30, NOW - 19 * HOUR)
    for number in range(20):
        name = f"n{number:02}"
        world.article(name, f"{spelled(number)} " * (30 + 10 * number), NOW - 20 * HOUR)
        seconds[name] = 30 + 10 * number
        views(world, name, 30, NOW - 19 * HOUR)
    articles, _ = world.write()
    views_file = with_read_time(world, seconds, tmp_path)
    site = read(config(must_reads={"min_views": 10}), articles=articles, views=views_file)
    assert named(train(site, now=NOW), "must_reads") == []


def test_an_unread_article_is_not_in_the_weekly_ranking(tmp_path: Path) -> None:
    world = World(tmp_path)
    for name in ("read", "unread"):
        world.article(name, spelled(len(name)), NOW - 20 * HOUR)
    views(world, "read", 5, NOW - 10 * HOUR)
    assert named(world.train(config=config(weekly={"min_views": 0})), "weekly") == ["read"]


@pytest.mark.parametrize("cells", [rankings._CHUNK_CELLS, 1])
def test_without_read_times_must_reads_are_opened_from_many_sections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    """All stories looked at at once, or one after the other."""
    monkeypatch.setattr(rankings, "_CHUNK_CELLS", cells)
    world = World(tmp_path)
    for number in range(8):
        world.article(f"s{number}", spelled(number), NOW - 30 * HOUR, section=f"section{number}")
    world.article("wide", spelled(20), NOW - 29 * HOUR, section="section0")
    world.article("narrow", spelled(21), NOW - 29 * HOUR, section="section0")
    for number in range(64):
        at = NOW - 20 * HOUR + number * 10 * MINUTE
        world.session(f"w{number}", at, [f"s{number % 8}", "wide"])
        world.session(f"n{number}", at, ["s0", "narrow"])
    run = world.train(config=config(must_reads={"min_views": 10}))
    assert named(run, "must_reads") == ["wide"]
    assert run.recommendations.rankings["must_read_reasons"].tolist() == [7]


@pytest.mark.parametrize("ranking", ["latest", "popular"])
def test_a_ranking_has_one_article_per_event_and_keeps_share_rules(
    tmp_path: Path, ranking: str
) -> None:
    world = World(tmp_path)
    words = "storm flood harbour bridge river rescue rain damage"
    for number in range(4):
        world.article(f"storm{number}", f"{words} {spelled(number)}", NOW - (9 - number) * HOUR)
        views(world, f"storm{number}", 3 + number, NOW - 2 * HOUR)
    for number in range(12):
        paid = {"sponsored": "yes"} if number < 6 else {}
        name = f"{'paid' if paid else 'own'}{number:02}"
        world.article(name, spelled(30 + number), NOW - (2 + number) * HOUR, **paid)
        views(world, name, 30 - number, NOW - HOUR)
    settings = Config(ranking={"every": "6h"}, rules={"max_sponsored": 0.4})
    ranked = named(world.train(config=settings), ranking)
    assert [name for name in ranked if name.startswith("storm")] == ["storm3"]
    paid = [name.startswith("paid") for name in ranked]
    assert any(paid)
    assert all(sum(paid[at : at + 5]) <= 2 for at in range(len(paid)))


def test_a_page_in_the_config_keeps_the_defaults_of_other_keys() -> None:
    blocks = config(weekly={"slots": 3, "title": "Wochenbeste"}, related={}).page
    assert [(block.key, block.title, block.slots) for block in blocks] == [
        ("weekly", "Wochenbeste", 3),
        ("related", "You May Also Like", 5),
    ]
    with pytest.raises(ValueError, match="name each block once"):
        Config(page=[{"key": "latest"}, {"key": "latest"}])


def test_views_by_our_own_blocks_do_not_keep_an_article_in_a_block(tmp_path: Path) -> None:
    """Of two stories the one that is read more has it from the block that it stands in."""
    world = World(tmp_path)
    rows = ["user,article,time,referrer_block"]
    for name, reads, block in (("shown", 40, "popular"), ("sought", 30, "")):
        world.article(name, spelled(len(name)), NOW - 5 * HOUR)
        times = (utc(NOW - 4 * HOUR + n * 4 * MINUTE) for n in range(reads))
        rows += [f"{name}-{n},{name},{time},{block}" for n, time in enumerate(times)]
    articles, _ = world.write()
    file = tmp_path / "led.csv"
    file.write_text("\n".join(rows) + "\n")

    def first(discount: float) -> list[str]:
        limits = {"min_views": 1}
        page = [{"key": key, **limits} for key in ("popular", "weekly")]
        made = Config(**PLAIN, page=page, readers={"block_discount": discount})
        run = train(read(made, articles=articles, views=[str(file)]), now=NOW)
        assert run.counts["views"] == 70, "each is a view, however much it counts"
        return [named(run, name)[0] for name in ("popular", "weekly")]

    assert first(0.0) == ["shown", "shown"]
    assert first(0.5) == ["sought", "sought"]  # 40 / 2 < 30
