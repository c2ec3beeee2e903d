"""Settings of the page: its blocks, and what readers are told of why a story stands there."""

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from training.config.types import Duration, Section, Share, duration

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
