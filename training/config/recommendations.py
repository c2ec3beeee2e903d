"""Settings of the lists: texts, readers, the model, the lists themselves, and the rules."""

import math
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from training.config.types import (
    Count,
    Duration,
    HalfLives,
    Name,
    Section,
    Share,
    Weight,
    duration,
)


class TextsConfig(Section):
    """How texts become TF-IDF vectors."""

    title: Weight = Field(
        3.0,
        description=(
            "Weight of a term in the title. Titles name the subject, so they count three "
            "times the body."
        ),
    )
    body: Weight = Field(1.0, description="Weight of a term in the body.")
    section: Weight = Field(1.0, description="Weight of a term in the section's name.")
    tags: Weight = Field(2.0, description="Weight of a term in the tags.")
    max_terms: Annotated[int, Field(ge=1, le=4096)] = Field(
        128,
        description=(
            "Heaviest terms kept per article. More terms find related texts better and take "
            "longer: 64 take half as long as 128 and lose one same-section neighbour in fifty."
        ),
    )
    near_identical: Annotated[float, Field(ge=0, le=1)] = Field(
        0.95,
        description=(
            "Texts with at least this cosine are near-duplicates; a list shows one of them. 0 "
            "turns this off."
        ),
    )


class ReadersConfig(Section):
    """The decayed sums over page views."""

    engine: Literal["duckdb", "spark"] = Field(
        "duckdb",
        description=(
            "Engine that counts views: DuckDB on this machine, or Spark (see `[spark]`) for logs "
            "that one machine cannot hold. The result is the same. --engine overrides it."
        ),
    )
    pair_half_lives: HalfLives = Field(
        [1, 4, 24, 336],
        description=(
            "Half-lives in hours of the pair sums, ascending. From an hour to two weeks, so that "
            "the model can weigh news against lasting stories. Each takes memory."
        ),
    )
    view_half_lives: HalfLives = Field(
        [0.25, 1, 3, 12, 72],
        description=(
            "Half-lives in hours of the view counts, ascending: from a quarter of an hour, "
            "for breaking news, to three days."
        ),
    )
    keep_pairs: Annotated[int, Field(ge=10, le=10_000)] = Field(
        300, description="Strongest pairs kept per source at each UTC midnight. More take memory."
    )
    keep_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        30,
        description=(
            "Days without a view after which an article's pairs are dropped. It bounds the size "
            "of the state."
        ),
    )
    block_discount: Share = Field(
        0.0,
        description=(
            "Share by which a click on one of our blocks (`views.referrer_block`) counts less "
            "than another view, so that lists do not reinforce themselves. 1 ignores such "
            "clicks. 0 by default, because experiments found no effect."
        ),
    )

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        for name in ("pair_half_lives", "view_half_lives"):
            lives = getattr(self, name)
            if lives != sorted(set(lives)):
                raise ValueError(f"{name} must ascend, each value once")
        return self

    def nearest_view_life(self, hours: float) -> int:
        """Return the index of the view half-life nearest to some hours, by ratio."""
        lives = self.view_half_lives
        return min(range(len(lives)), key=lambda i: abs(math.log(lives[i] / hours)))


class RankingConfig(Section):
    """Candidates, the model, and the adjustments of its log-odds that order a list."""

    text_candidates: Count = Field(
        15,
        description=(
            "Candidates from the nearest texts of any age. More candidates make each refresh "
            "slower."
        ),
    )
    recent_text_candidates: Count = Field(
        15, description="Candidates from the nearest texts among recent articles."
    )
    recent: Duration = Field(duration("48h"), description="Age up to which an article is recent.")
    section_candidates: Count = Field(
        10, description="Candidates from the latest articles of the source's section."
    )
    hottest_candidates: Count = Field(
        40, description="Candidates from the site's most read articles, at a half-life of 1 h."
    )
    steady_candidates: Count = Field(
        20, description="Candidates from the site's most read articles, at a half-life of 3 h."
    )
    latest_candidates: Count = Field(30, description="Candidates from the site's latest articles.")
    pair_candidates: Annotated[list[Count], Field(min_length=1)] = Field(
        [20, 30, 30, 20],
        description="Candidates from the source's strongest pairs, one number per pair half-life.",
    )
    without: list[Literal["readers", "text", "section", "popular", "latest"]] = Field(
        [],
        description=(
            "Groups of features and candidates to leave out, to measure what they contribute."
        ),
    )
    section: bool = Field(
        True,
        description="Whether the section is a feature of the model and gives candidates.",
    )
    learn_days: Annotated[int, Field(ge=1, le=60)] = Field(
        3,
        description=(
            "Days before `now` whose transitions train the model. Habits change fast: more days "
            "take longer and do not help."
        ),
    )
    every: Duration = Field(
        duration("15m"),
        description=(
            "Refresh interval that the training imitates. Set it to that of `ymal refresh`, so "
            "that the model learns from data as old as it will see."
        ),
    )
    max_transitions: Annotated[int, Field(ge=100, le=1_000_000)] = Field(
        6000, description="Transitions sampled for training. More are slower and slightly better."
    )
    min_transitions: Annotated[int, Field(ge=20, le=1_000_000)] = Field(
        500,
        description=("Fewest transitions to train a model; with fewer, a fixed prior ranks."),
    )
    discount: Annotated[float, Field(ge=0, le=2)] = Field(
        0.1,
        description=(
            "Weight of log popularity, which is subtracted from the log-odds. Higher values "
            "recommend fewer popular stories and cost clicks."
        ),
    )
    retrain_below: Share = Field(
        0.7,
        description=(
            "A refresh reports `retrain` if the model's gain over the prior in the last hours is "
            "below this share of its gain in training."
        ),
    )
    penalty: Annotated[float, Field(ge=0, le=10)] = Field(
        0.25,
        description="Subtracted from the log-odds if neither readers nor words connect two "
        "stories.",
    )
    follow_up: Annotated[float, Field(ge=0, le=20)] = Field(
        8.0,
        description=(
            "Added to the log-odds of an article that is newer than the source and about the "
            "same event (cosine of 0.4 or more), so that follow-ups lead the list."
        ),
    )
    prior_text: Weight = Field(8.0, description="Prior: log-odds of a text cosine of 1.")
    prior_section: Weight = Field(1.0, description="Prior: log-odds of the same section.")
    prior_age: Weight = Field(
        0.3, description="Prior: log-odds subtracted for each doubling of the age beyond an hour."
    )
    seed: Annotated[int, Field(ge=0)] = Field(
        0,
        description=(
            "Seed of the samples of transitions and alternatives. The same seed gives the same "
            "lists."
        ),
    )

    @field_validator("every")
    @classmethod
    def _whole_buckets(cls, every: int) -> int:
        if every % duration("5m"):
            raise ValueError("every must be a multiple of 5m, the interval of the decayed sums")
        return every


class ListsConfig(Section):
    """What a list may hold, and what follows it."""

    max_items: Annotated[int, Field(ge=1, le=100)] = Field(
        20, description="Items in a list. Requests for more continue with `fallback`."
    )
    max_hot: Annotated[int, Field(ge=0, le=5)] = Field(
        5,
        description=(
            "Most items of any five consecutive ones that are among the site's ten most read "
            "articles (half-life of 1 h, without the source). 5 sets no limit."
        ),
    )
    max_age: Duration = Field(
        duration("30d"), description="Articles older than this are not recommended."
    )
    active: Duration = Field(
        duration("72h"),
        description=(
            "A refresh makes new lists for sources that were read within this time, or whose text "
            "is near a new article; other lists stay. Longer makes each refresh slower."
        ),
    )
    undated: bool = Field(
        False,
        description=(
            "Whether to recommend articles with neither publish time nor views, whose age is "
            "unknown."
        ),
    )
    event_cosine: Annotated[float, Field(ge=0, le=1)] = Field(
        0.6,
        description=(
            "Texts with at least this cosine are about one event, and a block shows one story of "
            "an event. 0 makes every story an event of its own."
        ),
    )
    event_span: Duration = Field(
        duration("72h"),
        description="Time after an event's first article in which others can join the event.",
    )
    fallback: list[Literal["section", "popular", "latest"]] = Field(
        ["section", "popular", "latest"],
        description="The rankings that follow the items of a list, in this order.",
    )
    ranking_items: Annotated[int, Field(ge=1, le=1000)] = Field(
        100, description="Articles kept in each ranking."
    )


class RulesConfig(Section):
    """What is never recommended, whatever readers click; sections are named in any case."""

    not_to: list[Name] = Field([], description="Sections whose stories are never recommended.")
    not_from: list[Name] = Field([], description="Sections on whose pages nothing is recommended.")
    apart: list[tuple[Name, Name]] = Field(
        [], description="Pairs of sections whose stories are never shown on each other's pages."
    )
    max_age: dict[Name, Duration] = Field(
        {},
        description=("Largest age of recommended stories by section, if below `lists.max_age`."),
    )
    cross_languages: bool = Field(
        False, description="Whether pages may show stories in another language."
    )
    max_sponsored: Share = Field(
        1.0,
        description=(
            "Largest share of sponsored stories among any five consecutive items, and in a "
            "ranking. 1 sets no limit."
        ),
    )
    max_paywalled: Share = Field(1.0, description="The same for stories for subscribers only.")
    min_probability: Share = Field(
        0.0,
        description=(
            "Smallest probability that a reader opens an item. Weaker items give way to the "
            "fallback. 0 keeps all."
        ),
    )
