"""The page against a naive page builder, under random worlds and random overrides."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import Page, Recommender, UnknownArticle
from recommender.overrides import Override, dump
from tests.thorough import scaled

from .worlds import TOY, Article, World

PLAN = {
    "latest": ("{section} Latest Stories", 6, 4),
    "weekly": ("Weekly Best", 12, 5),
    "related": ("You May Also Like", 5, 2),
    "popular": ("Popular Now", 5, 1),
    "must_reads": ("Must-Reads", 5, 3),
}
FOLLOWED = {
    "latest": ["section_latest", "latest"],
    "weekly": ["weekly", "popular", "latest"],
    "popular": ["popular", "latest"],
    "must_reads": ["must_reads", "popular", "latest"],
}
IDS = [f"a{number}" for number in range(14)]


def block(key: str, slots: int | None = None, most: int | None = None) -> dict[str, object]:
    title, usual, priority = PLAN[key]
    slots = slots or usual
    return {
        "key": key,
        "title": title,
        "slots": slots,
        "priority": priority,
        "most": min(most or slots, slots),
    }


@dataclass
class Naive:
    """A block as one would fill it by hand."""

    slots: int
    most: int
    banned: set[str]
    pins: dict[int, tuple[int, str]] = field(default_factory=dict)
    chosen: list[tuple[int, str]] = field(default_factory=list)

    def holds(self) -> list[tuple[int, str]]:
        return [*self.pins.values(), *self.chosen]

    def with_pins(self) -> list[tuple[int, str]]:
        rest, pins = list(self.chosen), dict(self.pins)
        placed: list[tuple[int, str]] = []
        while rest or pins:
            slot = len(placed) + 1
            if slot in pins:
                placed.append(pins.pop(slot))
            elif rest:
                placed.append(rest.pop(0))
            else:
                placed.append(pins.pop(min(pins)))
        return placed


@dataclass
class Builder:
    """Builds pages of a world under overrides, all of them in force."""

    world: World
    overrides: Sequence[Override] = ()

    def scoped(self, action: str, key: str, source: str, section: str) -> list[list[Override]]:
        """What is asked of a block of a page: for all pages, for the section's, for its own."""
        asked = [o for o in self.overrides if o.action == action]
        asked = [o for o in asked if (o.block or ("related" if action == "pin" else key)) == key]
        return [
            [o for o in asked if o.article is None and o.section is None],
            [o for o in asked if o.section == section],
            [o for o in asked if o.article == source],
        ]

    def page(self, source: str, exclude: Iterable[str] = ()) -> dict[str, list[tuple[str, str]]]:
        """Ids and reasons by block."""
        world = self.world
        withdrawn = {o.story for o in self.overrides if o.action == "withdraw"}
        article = None if source in withdrawn else world.known(source)
        section = article.section if article else ""
        taken = {source, *exclude}
        blocks: dict[str, Naive] = {}
        for plan in sorted(world.page, key=lambda p: int(str(p["priority"]))):
            key, slots = str(plan["key"]), int(str(plan["slots"]))
            if key == "related" and section in world.not_from:
                continue
            bans = self.scoped("ban", key, source, section)
            banned = withdrawn | {o.story for some in bans for o in some}
            blocks[key] = naive = Naive(slots, int(str(plan["most"])), banned)
            self.pin(naive, key, source, article, taken)
        for key, naive in blocks.items():
            parts = list(self.parts(key, article))
            if parts[0] or key in {"latest", "related"} or naive.pins:
                self.fill(naive, [story for part in parts for story in part], taken, section)
        return {
            key: [(world.articles[place].id, why) for place, why in blocks[key].with_pins()]
            for key in (str(plan["key"]) for plan in world.page)
            if key in blocks and blocks[key].holds()
        }

    def pin(
        self, naive: Naive, key: str, source: str, article: Article | None, taken: set[str]
    ) -> None:
        scopes = self.scoped("pin", key, source, article.section if article else "")
        pins = [o for some in reversed(scopes) for o in reversed(some)]  # the first comes first
        known = {a.id: place for place, a in enumerate(self.world.articles) if a.known}
        for pin in sorted(pins, key=lambda o: o.slot or 1):
            slot, story = pin.slot or 1, pin.story
            free = slot <= naive.slots and story not in taken and story not in naive.banned
            if not free or slot in naive.pins or story not in known:
                continue
            if self.world.together(article, [known[story]]):
                naive.pins[slot] = (known[story], "picked" if key == "must_reads" else "pinned")
                taken.add(story)

    def parts(self, key: str, article: Article | None) -> Iterator[list[tuple[int, str]]]:
        """What a block is filled from, in order."""
        world = self.world
        section = article.section if article else ""
        rankings: dict[str, list[tuple[int, str]]] = {
            "section": [(row, "section") for row in world.sections.get(section, [])],
            "section_latest": [(row, "latest") for row in world.section_latest.get(section, [])],
            "popular": [(row, "popular") for row in world.popular],
            "latest": [(row, "latest") for row in world.latest],
            "weekly": [(row, "weekly") for row in world.weekly],
            "must_reads": list(world.must_reads),
        }
        if key == "related":
            yield [(row, reason) for row, _, reason in article.items] if article else []
        for name in world.fallback if key == "related" else FOLLOWED[key]:
            going = world.together(article, [row for row, _ in rankings[name]])
            yield [(row, reason) for row, reason in rankings[name] if row in going]

    def fits(self, naive: Naive, place: int, taken: set[str]) -> bool:
        story = self.world.articles[place].id
        events = {self.world.event(other) for other, _ in naive.holds()}
        return (
            len(naive.holds()) < naive.slots
            and story not in taken
            and story not in naive.banned
            and self.world.event(place) not in events
        )

    def fill(
        self, naive: Naive, part: list[tuple[int, str]], taken: set[str], section: str
    ) -> None:
        later = []
        page = Article("", section=section)
        for place, reason in part:
            article = self.world.articles[place]
            if self.world.are_apart(page, article):
                continue
            sections = [self.world.articles[other].section for other, _ in naive.holds()]
            if sections.count(article.section) >= naive.most:
                later.append((place, reason))
            elif self.fits(naive, place, taken):
                naive.chosen.append((place, reason))
                taken.add(article.id)
        for place, reason in later:
            if self.fits(naive, place, taken):
                naive.chosen.append((place, reason))
                taken.add(self.world.articles[place].id)


def shown(page: Page) -> dict[str, list[tuple[str, str]]]:
    return {b.key: [(story.id, story.reason) for story in b.items] for b in page.blocks}


def opened(world: World, overrides: Sequence[Override] = ()) -> Recommender:
    with TemporaryDirectory() as folder:
        artifacts = world.publish(Path(folder))
        (artifacts / "overrides.json").write_bytes(dump(overrides))
        return Recommender.open(artifacts)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    count = draw(st.integers(1, len(IDS)))
    row = st.integers(0, count - 1)
    rows = st.lists(row, unique=True)
    section = st.sampled_from(["", "x", "y", "z"])

    def own(row: int) -> tuple[tuple[int, float, str], ...]:
        others = draw(st.lists(st.integers(0, count - 1).filter(lambda other: other != row)))
        reasons = st.sampled_from(["readers", "text", "event"])
        return tuple((other, 0.5, draw(reasons)) for other in dict.fromkeys(others))

    articles = [
        Article(
            IDS[at],
            section=draw(section),
            known=draw(st.booleans()) or at == 0,
            items=own(at),
            event=draw(row),
            language=draw(st.integers(-1, 1)),
        )
        for at in range(count)
    ]
    names = sorted({a.section for a in articles if a.section})
    reason = st.sampled_from(["finished", "widely_opened"])
    page = [
        block(key, draw(st.integers(1, 6)), draw(st.integers(1, 6)))
        for key in draw(st.permutations(list(PLAN)))
    ]
    pairs = st.tuples(st.sampled_from("xyz"), st.sampled_from("xyz"))
    return World(
        articles,
        popular=draw(rows),
        latest=draw(rows),
        weekly=draw(rows),
        must_reads=[(row, draw(reason)) for row in draw(rows)],
        sections={name: draw(rows) for name in names},
        section_latest={name: draw(rows) for name in names},
        page=page[: draw(st.integers(0, 5))],
        not_from=draw(st.lists(st.sampled_from("xyz"), max_size=1)),
        apart=draw(st.lists(pairs, max_size=2)),
    )


@st.composite
def some_overrides(draw: st.DrawFn) -> list[Override]:
    found = []
    for number in range(draw(st.integers(0, 8))):
        action = draw(st.sampled_from(["pin", "ban", "withdraw"]))
        scope = draw(st.sampled_from(["all", "article", "section"]))
        simple = action == "withdraw"
        found.append(
            Override(
                id=f"o{number}",
                action=action,
                story=draw(st.sampled_from(IDS)),
                block=None if simple else draw(st.sampled_from([None, *PLAN])),
                slot=draw(st.integers(1, 7)) if action == "pin" else None,
                article=draw(st.sampled_from(IDS)) if scope == "article" and not simple else None,
                section=draw(st.sampled_from("xyz")) if scope == "section" and not simple else None,
            )
        )
    return found


@settings(max_examples=scaled(90))
@given(worlds(), some_overrides(), st.lists(st.sampled_from(IDS), max_size=3))
def test_a_page_is_what_one_would_build_by_hand(
    world: World, overrides: list[Override], exclude: list[str]
) -> None:
    snapshot, builder = opened(world, overrides).snapshot(), Builder(world, overrides)
    for source in [*(article.id for article in world.articles), "nobody knows it"]:
        page = snapshot.page(source, exclude)
        assert shown(page) == builder.page(source, exclude)
        stories = [story.id for b in page.blocks for story in b.items]
        assert len(set(stories)) == len(stories)
        assert source not in stories
        for b in page.blocks:
            assert [story.rank for story in b.items] == list(range(1, len(b.items) + 1))


@settings(max_examples=scaled(90))
@given(worlds(), some_overrides(), st.integers(1, 7))
def test_related_is_the_block_of_a_page_that_has_no_other(
    world: World, overrides: list[Override], n: int
) -> None:
    alone = World(**{**vars(world), "page": [block("related", n)]})
    snapshot = opened(alone, overrides).snapshot()
    for article in alone.articles:
        page = snapshot.page(article.id)
        related = snapshot.related(article.id, n)
        assert related == (list(page["related"].items) if page.blocks else [])
        assert snapshot.related_ids(article.id, n) == [story.id for story in related]


FULL = World(
    articles=[
        Article(f"a{at}", f"Story {at}", section="xyz"[at % 3], items=((at + 1, 0.5, "text"),))
        for at in range(40)
    ]
    + [Article("a40", "Story 40", section="x")],
    popular=list(range(40)),
    latest=list(range(40, 0, -1)),
    weekly=list(range(0, 40, 2)),
    must_reads=[(row, "finished") for row in range(1, 20)],
    section_latest={"x": [39, 36, 33, 30], "y": [37], "z": []},
    page=[block(key) for key in PLAN],
    why={"popular": "Much read", "section": "More in {section}"},
)


def test_blocks_stand_as_the_page_has_them_and_choose_by_priority() -> None:
    page = opened(FULL).page("a39")
    assert [b.key for b in page.blocks] == list(PLAN)
    assert [story.id for story in page["popular"].items] == ["a0", "a1", "a2", "a3", "a4"]
    assert page["related"].items[0].id == "a40"
    assert [story.id for story in page["must_reads"].items] == ["a9", "a10", "a11", "a12", "a13"]
    assert [story.id for story in page["latest"].items][:4] == ["a36", "a33", "a30", "a38"]
    assert page["popular"].items[0].why == "Much read"
    assert page.source == "a39"
    assert page.version == "20230601T070000Z-001"
    with pytest.raises(KeyError):
        page["no such block"]


def test_a_title_names_the_section_where_there_is_one() -> None:
    world = World(**{**vars(FULL), "page": [block("latest")]})
    snapshot = opened(world).snapshot()
    assert snapshot.page("a1")["latest"].title == "y Latest Stories"
    assert snapshot.page("nobody knows it")["latest"].title == "Latest Stories"


def test_a_text_that_needs_a_section_has_another_where_there_is_none() -> None:
    plan = {**block("latest"), "title": "More in {section}"}
    plan["title_without_section"] = "Latest Stories"
    why = {"latest": "New in {section}"}
    world = World(
        [Article("a"), Article("b", section="x")],
        latest=[0, 1],
        page=[plan],
        why=why,
        why_without_section={"latest": "New"},
    )
    snapshot = opened(world).snapshot()
    for source, title, reason in (("b", "More in x", "New"), ("a", "Latest Stories", "New in x")):
        found = snapshot.page(source)["latest"]
        assert (found.title, found.items[0].why) == (title, reason)


def test_a_page_as_json() -> None:
    page = opened(FULL).page("a1").as_dict()
    assert list(page) == ["source", "version", "blocks"]
    blocks = page["blocks"]
    assert isinstance(blocks, list)
    assert blocks[0]["items"][0]["rank"] == 1


def test_a_page_of_an_article_that_nobody_knows() -> None:
    snapshot = opened(FULL).snapshot()
    assert [b.key for b in snapshot.page("new").blocks] == list(PLAN)
    assert snapshot.page("new", missing="empty").blocks == ()
    with pytest.raises(UnknownArticle):
        snapshot.page("new", missing="error")


@settings(max_examples=scaled(60))
@given(worlds(), some_overrides(), st.lists(st.sampled_from(IDS), min_size=1, max_size=12))
def test_next_for_adds_up_the_lists_of_the_visit(
    world: World, overrides: list[Override], history: list[str]
) -> None:
    snapshot = opened(world, overrides).snapshot()
    given_ids = [story.id for story in snapshot.next_for(history, 5)]
    assert not set(given_ids) & set(history)
    withdrawn = {o.story for o in overrides if o.action == "withdraw"}
    latest = world.known(history[-1])
    if latest and latest.section in world.not_from and latest.id not in withdrawn:
        assert given_ids == []
        return
    worth: dict[int, float] = {}
    for place, opened_id in enumerate(list(dict.fromkeys(reversed(history)))[:10]):
        article = None if opened_id in withdrawn else world.known(opened_id)
        for rank, (row, _, _) in enumerate(article.items if article else (), 1):
            worth[row] = worth.get(row, 0.0) + 0.5**place / (5 + rank)
    known = latest if latest and latest.id not in withdrawn else None
    own = world.together(known, sorted(worth, key=lambda row: (-worth[row], row)))
    joint = Article(
        history[-1],
        language=known.language if known else -1,
        section=known.section if known else "",
        known=known is not None,
        items=tuple((row, 0.5, "readers") for row in own),
    )
    at = next((p for p, a in enumerate(world.articles) if a.id == history[-1]), None)
    articles = list(world.articles)
    if at is None:
        articles.append(joint)
    else:
        articles[at] = Article(**{**vars(joint), "event": world.event(at), "known": True})
    # A list for a visit is that of an article that has the joint list, when its page is built.
    visited = World(**{**vars(world), "articles": articles, "page": [block("related", 5)]})
    if known is None:
        return
    built = Builder(visited, overrides).page(history[-1], history).get("related", [])
    assert given_ids == [story for story, _ in built]


def test_next_for_wants_a_visit() -> None:
    snapshot = opened(TOY).snapshot()
    with pytest.raises(ValueError, match="history must be the ids"):
        snapshot.next_for([])
    for history in ("rain", [7, "rain"], ["rain", None]):
        with pytest.raises(TypeError, match="history must be ids"):
            snapshot.next_for(history)  # type: ignore[arg-type]
