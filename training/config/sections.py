"""Every setting of a site, with its default, its bounds, its meaning and its cost.

One section of `ymal.toml` is one class here; `docs/config.md` is generated from these fields.
Unknown keys are refused with the nearest known one. Durations are written `"15m"`, `"48h"`,
`"30d"` and held as integer microseconds, the unit of every time in ymal.
"""

import math
import re
from typing import Annotated, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

_UNITS = {
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}


def duration(text: object) -> int:
    """Read a duration such as `"15m"` as integer microseconds.

    Parameters
    ----------
    text : object
        A whole number followed by s, m, h or d.

    Returns
    -------
    int
        Microseconds, at least 1.

    Raises
    ------
    ValueError
        If the text is not a duration.

    Examples
    --------
    >>> duration("2h") == 2 * 60 * 60 * 1_000_000
    True
    """
    match = re.fullmatch(r"([1-9]\d{0,5})\s*([smhd])", text) if isinstance(text, str) else None
    if match is None:
        raise ValueError('write a duration as a whole number and s, m, h or d, such as "15m"')
    return int(match[1]) * _UNITS[match[2]]


def _paths(value: object) -> object:
    return [value] if isinstance(value, str) else value


Duration = Annotated[int, BeforeValidator(duration)]
Paths = Annotated[list[str], BeforeValidator(_paths)]
Column = Annotated[str, Field(max_length=200)]
Weight = Annotated[float, Field(ge=0, le=100)]
Name = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=1000)]
TimeUnit = Literal["auto", "s", "ms", "us", "ns"]
FileFormat = Literal["auto", "csv", "tsv", "jsonl", "parquet"]
HalfLives = Annotated[list[Annotated[float, Field(ge=1 / 12, le=24 * 365)]], Field(min_length=1)]


class Section(BaseModel):
    """Base of all sections: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PathsConfig(Section):
    """Where a site's files lie. Relative paths are seen from the config file."""

    articles: Paths = Field([], description="Article files or globs; the option --articles wins.")
    views: Paths = Field([], description="Files or globs of page views; --views wins.")
    artifacts: str = Field(
        "", description="Artifacts directory; --artifacts wins, `./artifacts` if neither is given."
    )
    metrics: str = Field(
        "",
        description="Directory into which `train` and `refresh` write Prometheus textfiles, such "
        "as that of the node exporter; none where it is empty.",
    )


class ArticlesConfig(Section):
    """Which column of the article files holds what. An empty name leaves a column out."""

    format: FileFormat = Field("auto", description="File format; `auto` goes by the file's name.")
    id: Column = Field("id", description="The site's own id of the article. Required.")
    title: Column = Field("title", description="Headline.")
    body: Column = Field("body", description="Text, plain or HTML.")
    section: Column = Field("section", description="The one section that the article stands in.")
    tags: Column = Field("tags", description="Tags: a list, or one string separated by `,` or `;`.")
    url: Column = Field("url", description="Address of the page.")
    published_at: Column = Field("published_at", description="Time of publication.")
    withdrawn: Column = Field(
        "withdrawn", description="Whether the article is taken down: `true`, `yes`, `1` or empty."
    )
    sponsored: Column = Field("sponsored", description="Whether it is paid for, likewise.")
    paywalled: Column = Field("paywalled", description="Whether it is for subscribers, likewise.")
    evergreen: list[str] = Field(
        [], description="Tags of articles to which limits of age do not apply, such as guides."
    )
    time_unit: TimeUnit = Field(
        "auto", description="Unit of times given as numbers; `auto` tells it by their size."
    )
    time_zone: str = Field("UTC", description="Zone of times that name none, such as Europe/Oslo.")
    duplicates: Literal["last", "error"] = Field(
        "last", description="Two rows of one id: the `last` one holds, or the run stops (`error`)."
    )


class ViewsConfig(Section):
    """Which column of the view files holds what. An empty name leaves a column out."""

    format: FileFormat = Field("auto", description="File format; `auto` goes by the file's name.")
    user: Column = Field("user", description="Who read: any stable id; kept only as a keyed hash.")
    session: Column = Field(
        "session", description="The site's own session id, which also ends a session; optional."
    )
    article: Column = Field("article", description="Id of the article that was read. Required.")
    time: Column = Field("time", description="When the page was opened. Required.")
    read_time: Column = Field(
        "read_time", description="Seconds that the reader stayed: shows what readers finish."
    )
    time_unit: TimeUnit = Field(
        "auto", description="Unit of times given as numbers; `auto` tells it by their size."
    )
    time_zone: str = Field("UTC", description="Zone of times that name none, such as Europe/Oslo.")


class DataConfig(Section):
    """What may be wrong with the files before the run stops."""

    max_bad_share: Share = Field(
        0.05, description="Largest share of rows of one input that may go to the quarantine."
    )
    memory: Annotated[str, Field(pattern=r"^[1-9]\d*(MB|GB)$")] = Field(
        "4GB", description="Memory that DuckDB may use before it spills to disk."
    )


class SessionsConfig(Section):
    """How page views become sessions, and the causal limits on one reader."""

    gap: Duration = Field(duration("30m"), description="A pause longer than this ends a session.")
    max_views: Annotated[int, Field(ge=2, le=1000)] = Field(
        50, description="Only the first views of a session count, so that robots weigh little."
    )
    max_day_views: Annotated[int, Field(ge=2, le=100_000)] = Field(
        500, description="Only the first views of a reader's UTC day count."
    )


class TextsConfig(Section):
    """How texts become TF-IDF vectors."""

    title: Weight = Field(3.0, description="Weight of a term in the title.")
    body: Weight = Field(1.0, description="Weight of a term in the body.")
    section: Weight = Field(1.0, description="Weight of the section's name as text.")
    tags: Weight = Field(2.0, description="Weight of a term in the tags.")
    max_terms: Annotated[int, Field(ge=1, le=4096)] = Field(
        128,
        description="Heaviest terms kept per article. Fewer are faster: 64 cost half as much as "
        "128, and find one same-section story less in fifty.",
    )
    near_identical: Annotated[float, Field(ge=0, le=1)] = Field(
        0.95,
        description="Cosine from which two texts count as one story; 0 turns the collapse off.",
    )


class ReadersConfig(Section):
    """The decayed sums over page views."""

    pair_half_lives: HalfLives = Field(
        [1, 4, 24, 336], description="Half-lives in hours of the sums over pairs, ascending."
    )
    view_half_lives: HalfLives = Field(
        [0.25, 1, 3, 12, 72], description="Half-lives in hours of the view counts, ascending."
    )
    keep_pairs: Annotated[int, Field(ge=10, le=10_000)] = Field(
        300, description="Strongest pairs kept per source at each UTC midnight. More cost memory."
    )
    keep_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        30,
        description="Days without a view after which an article's pairs are dropped, at a UTC "
        "midnight.",
    )

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        for name in ("pair_half_lives", "view_half_lives"):
            lives = getattr(self, name)
            if lives != sorted(set(lives)):
                raise ValueError(f"{name} must ascend, each value once")
        return self

    def nearest_view_life(self, hours: float) -> int:
        """Give the index of the view half-life nearest to some hours, by ratio."""
        lives = self.view_half_lives
        return min(range(len(lives)), key=lambda i: abs(math.log(lives[i] / hours)))


class RankingConfig(Section):
    """Candidates, the model, and what is done to its log-odds before they order a list."""

    text_candidates: Count = Field(15, description="Nearest texts of any age as candidates.")
    recent_text_candidates: Count = Field(
        15, description="Nearest texts among the articles of `recent` as candidates."
    )
    recent: Duration = Field(
        duration("48h"), description="Age up to which an article counts as recent."
    )
    section_candidates: Count = Field(10, description="Latest of the source's section.")
    hottest_candidates: Count = Field(40, description="Hottest of the site at 1 h half-life.")
    steady_candidates: Count = Field(20, description="Hottest of the site at 3 h half-life.")
    latest_candidates: Count = Field(30, description="Latest of the site.")
    pair_candidates: Annotated[list[Count], Field(min_length=1)] = Field(
        [20, 30, 30, 20],
        description="Strongest pairs of the source, one number per pair half-life.",
    )
    without: list[Literal["readers", "text", "section", "popular", "latest"]] = Field(
        [],
        description="Groups of features that the model does without, their candidates too: to see "
        "what each is worth.",
    )
    section: bool = Field(
        True,
        description="Whether the section is a feature of the model and a source of candidates.",
    )
    learn_days: Annotated[int, Field(ge=1, le=60)] = Field(
        3, description="Days before `now` whose next reads the model is learned from."
    )
    every: Duration = Field(
        duration("15m"),
        description="Time between the cuts that the model is learned at: the refresh cadence.",
    )
    max_transitions: Annotated[int, Field(ge=100, le=1_000_000)] = Field(
        6000, description="Next reads drawn for learning. More are slower and slightly better."
    )
    min_transitions: Annotated[int, Field(ge=20, le=1_000_000)] = Field(
        500, description="With fewer next reads than this the prior serves instead of a model."
    )
    discount: Annotated[float, Field(ge=0, le=2)] = Field(
        0.1, description="Times log popularity, taken off the log-odds: fewer hot stories."
    )
    retrain_below: Share = Field(
        0.7,
        description='A refresh says "retrain" when what the model is worth on the last hours '
        "falls below this share of what it was worth when it was learned.",
    )
    penalty: Annotated[float, Field(ge=0, le=10)] = Field(
        0.25,
        description="Taken off the log-odds where neither readers nor words connect two stories.",
    )
    follow_up: Annotated[float, Field(ge=0, le=20)] = Field(
        8.0,
        description="Added to the log-odds of an article that is newer than the source and, by its "
        "words (cosine of 0.4 or more), tells of the same event.",
    )
    prior_text: Weight = Field(8.0, description="Prior: log-odds of a text cosine of 1.")
    prior_section: Weight = Field(1.0, description="Prior: log-odds of the same section.")
    prior_age: Weight = Field(
        0.3, description="Prior: log-odds lost with each doubling of the age beyond an hour."
    )
    seed: Annotated[int, Field(ge=0)] = Field(
        0, description="Seed of the draw of next reads and of alternatives."
    )

    @field_validator("every")
    @classmethod
    def _whole_buckets(cls, every: int) -> int:
        if every % duration("5m"):
            raise ValueError("every must be a multiple of 5m, the grain of the decayed sums")
        return every


class ListsConfig(Section):
    """What a list may hold, and what follows when it ends."""

    max_items: Annotated[int, Field(ge=1, le=100)] = Field(20, description="Own items per source.")
    max_hot: Annotated[int, Field(ge=0, le=5)] = Field(
        5,
        description="Of any five consecutive items, how many may be among the ten hottest articles "
        "(1 h half-life, the source left out).",
    )
    max_age: Duration = Field(
        duration("30d"), description="Age up to which an article may be recommended."
    )
    active: Duration = Field(
        duration("72h"),
        description="A refresh makes the lists of sources read within this time anew, and those "
        "that something new is near to; the others stay.",
    )
    undated: bool = Field(
        False, description="Whether articles without publish time and views may be recommended."
    )
    event_cosine: Annotated[float, Field(ge=0, le=1)] = Field(
        0.6,
        description="Cosine from which two texts tell of one event: no two of an event stand in "
        "one block. 0: every story is an event of its own.",
    )
    event_span: Duration = Field(
        duration("72h"), description="Time from an event's first article in which others may join."
    )
    fallback: list[Literal["section", "popular", "latest"]] = Field(
        ["section", "popular", "latest"],
        description="The rankings that follow a source's own items, in this order.",
    )
    ranking_items: Annotated[int, Field(ge=1, le=1000)] = Field(
        100, description="Articles kept in each of these rankings."
    )


BlockKey = Literal["latest", "weekly", "related", "popular", "must_reads"]

BLOCKS: Final[dict[str, dict[str, object]]] = {
    "latest": {"title": "{section} Latest Stories", "slots": 6, "priority": 4},
    "weekly": {
        "title": "Weekly Best Articles",
        "slots": 12,
        "priority": 5,
        "max_share": 0.34,
        "min_views": 10,
        "max_age": "7d",
    },
    "related": {"title": "You May Also Like", "slots": 5, "priority": 2},
    "popular": {"title": "Popular Now", "slots": 5, "priority": 1},
    "must_reads": {
        "title": "Must-Reads",
        "slots": 5,
        "priority": 3,
        "min_views": 10,
        "max_age": "7d",
    },
}
"""What a block has where its table does not say otherwise, in the order of the page."""


class BlockConfig(Section):
    """One block of the page. What is left out is as the block of that key has it by default."""

    key: BlockKey = Field(description="Which block: its stories are chosen as its name says.")
    title: str = Field(description="Heading; `{section}` is the section of the page's article.")
    slots: Annotated[int, Field(ge=1, le=100)] = Field(description="Stories shown.")
    priority: Annotated[int, Field(ge=1, le=9)] = Field(
        description="Of two blocks that want a story the one with the lower number has it."
    )
    max_share: Share = Field(
        1.0, description="Share of the slots that one section may fill, where others have stories."
    )
    min_views: Annotated[int, Field(ge=0)] = Field(
        0, description="Views that a story needs (`popular`, `weekly`, `must_reads`)."
    )
    max_age: Duration = Field(
        duration("30d"), description="Age up to which a story may stand in it (the same three)."
    )
    half_life: Annotated[float, Field(gt=0, le=10_000)] = Field(
        1.0, description="Hours after which a view counts half (`popular`); the nearest is taken."
    )

    @model_validator(mode="before")
    @classmethod
    def _as_by_default(cls, written: object) -> object:
        if isinstance(written, dict) and isinstance(written.get("key"), str):
            return {**BLOCKS.get(written["key"], {}), **written}
        return written


class WhyConfig(Section):
    """What readers are told of why a story stands there, by reason; `{section}` is the story's."""

    readers: str = Field(
        "Readers of this story went on to this one",
        description="An own item to which readers of the source went on.",
    )
    text: str = Field(
        "On the same subject", description="An own item whose words connect it to the source."
    )
    event: str = Field("Same story", description="An own item of the source's event.")
    section: str = Field("More in {section}", description="Of the source's section.")
    popular: str = Field("Much read now", description="Much read in the last hours.")
    latest: str = Field("Just in", description="Newly published.")
    weekly: str = Field(
        "Among the best of the week", description="More read than is usual at its age."
    )
    finished: str = Field(
        "Readers stay with this one", description="Readers stay longer than is usual at its length."
    )
    widely_opened: str = Field(
        "Readers of many sections open it", description="Readers come to it from many sections."
    )
    pinned: str = Field("Chosen by the editors", description="Pinned to a slot.")
    picked: str = Field("Chosen by the editors", description="Pinned to a slot of the must-reads.")


class RulesConfig(Section):
    """What the site does not want beside or below a story, whatever readers do."""

    not_to: list[Name] = Field([], description="Sections whose stories are never recommended.")
    not_from: list[Name] = Field([], description="Sections whose stories recommend nothing.")
    apart: list[tuple[Name, Name]] = Field(
        [], description="Pairs of sections: stories of one never stand on the page of the other."
    )
    max_age: dict[Name, Duration] = Field(
        {}, description="Age by section up to which its stories may be recommended."
    )
    max_sponsored: Share = Field(
        1.0,
        description="Of any five consecutive own items, or of a ranking, the share that may be "
        "sponsored.",
    )
    max_paywalled: Share = Field(1.0, description="Likewise, how much may be for subscribers.")
    min_probability: Share = Field(
        0.0,
        description="An own item that a reader opens with less probability than this gives way to "
        "the rankings that follow.",
    )


class GateConfig(Section):
    """When a version is not served: it is compared with the one that is, and lies outside these.

    There is nothing to compare for the first version of a directory.
    """

    max_gone: Share = Field(
        0.2,
        description="Share of the served articles that may be gone; ten always may. A cut-off "
        "articles file.",
    )
    max_new: Annotated[float, Field(ge=0)] = Field(
        0.5,
        description="New articles, as a share of the served ones; up to a hundred may always be "
        "new. Ids written in another way make every article a new one.",
    )
    min_items: Share = Field(
        0.7, description="Own items per list, as a share of the served version's."
    )
    max_short: Share = Field(
        0.1, description="Share of lists that may have become shorter than five own items."
    )
    min_overlap: Share = Field(
        0.0,
        description="Mean share of a served list's first five that must stay. 0, since lists that "
        "follow the hour keep little from one training to the next (EB-NeRD 4 to 6 %); a site of "
        "lasting stories may ask for more.",
    )
    max_one_story: Share = Field(
        0.9,
        description="How much the largest share of lists with one and the same story may grow. It "
        "is wide, since the hottest story stands in most lists where little else is known.",
    )
    max_repeated: Share = Field(
        0.2,
        description="Share of the last three hours' views by which one article may have more than "
        "its readers account for, where there are five hundred or more. Robots open a story again "
        "and again; a story that many readers open is news.",
    )
    min_worth: Share = Field(
        0.5, description="The model's gain over the prior, as a share of the served one's."
    )
    max_view_age: Duration = Field(
        duration("8h"),
        description="Age of the newest view at `now`, where a site has about twenty views an hour "
        "or more. A log that was cut off.",
    )
    max_unknown: Share = Field(
        0.2,
        description="How much the share of views of unknown articles, over the last day, may grow, "
        "where there are five hundred views or more. Yesterday's articles file, or ids that "
        "changed.",
    )

    def bound(self, key: str) -> float:
        """Give a bound as a number: a share or ratio; hours where it is a time."""
        value = getattr(self, key)
        return value / duration("1h") if key == "max_view_age" else float(value)


class VersionsConfig(Section):
    """How many versions stay. Each run removes the others when it is done."""

    keep: Annotated[int, Field(ge=2, le=10_000)] = Field(
        12, description="Newest versions that stay, of those that were to be served."
    )
    keep_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        7, description="Days of which the last version stays as well (UTC, of the data)."
    )
    keep_refused: Annotated[int, Field(ge=0, le=1000)] = Field(
        3, description="Newest versions that stay of those that were refused or held."
    )
    keep_states: Annotated[int, Field(ge=1, le=1000)] = Field(
        2,
        description="States that stay: the served version's and the newest others. To go back to a "
        "version without one needs a training before the next refresh.",
    )


class Config(Section):
    """All of `ymal.toml`."""

    paths: PathsConfig = PathsConfig()
    articles: ArticlesConfig = ArticlesConfig()
    views: ViewsConfig = ViewsConfig()
    data: DataConfig = DataConfig()
    sessions: SessionsConfig = SessionsConfig()
    texts: TextsConfig = TextsConfig()
    readers: ReadersConfig = ReadersConfig()
    ranking: RankingConfig = RankingConfig()
    lists: ListsConfig = ListsConfig()
    rules: RulesConfig = RulesConfig()
    page: list[BlockConfig] = Field(
        [BlockConfig.model_validate({"key": key}) for key in BLOCKS],
        description="The blocks of the page, in their order on it.",
    )
    why: WhyConfig = WhyConfig()
    gate: GateConfig = GateConfig()
    versions: VersionsConfig = VersionsConfig()

    def block(self, key: BlockKey) -> BlockConfig:
        """Give a block of the page; as it is by default, where the page lacks it."""
        on_page = {block.key: block for block in self.page}
        return on_page.get(key) or BlockConfig.model_validate({"key": key})

    @field_validator("page")
    @classmethod
    def _each_block_once(cls, page: list[BlockConfig]) -> list[BlockConfig]:
        keys = [block.key for block in page]
        if len(set(keys)) < len(keys):
            raise ValueError(f"page has {', '.join(keys)}: name each block once")
        return page

    @model_validator(mode="after")
    def _one_depth_per_half_life(self) -> Self:
        depths, lives = len(self.ranking.pair_candidates), len(self.readers.pair_half_lives)
        if depths != lives:
            raise ValueError(
                f"ranking.pair_candidates has {depths} numbers, readers.pair_half_lives {lives}: "
                "give one number of candidates per half-life"
            )
        return self
