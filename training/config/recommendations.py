"""Settings of how lists are made: texts, readers, the model, the lists, and the site's rules."""

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

    engine: Literal["duckdb", "spark"] = Field(
        "duckdb",
        description="What counts views: DuckDB on this machine, or Spark, see `[spark]`; the "
        "result is the same. --engine wins.",
    )
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
    block_discount: Share = Field(
        0.0,
        description="Share by which a view counts less where a block of ours led to it "
        "(`views.referrer_block`), lest lists feed on themselves; 1: not at all.",
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
    cross_languages: bool = Field(
        False, description="Whether stories may stand on pages of another language."
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
