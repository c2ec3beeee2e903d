"""Settings of the page: its blocks, and the text that readers see for each reason."""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import Field, create_model, model_validator

from recommender.blocks import BLOCKS, REASONS
from training.config.types import Duration, Section, Share, duration

if TYPE_CHECKING:
    BlockKey = str
else:
    BlockKey = Literal[tuple(BLOCKS)]


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
        0, description="Views that a story needs; not in `latest` and `related`."
    )
    max_age: Duration = Field(
        duration("30d"), description="Age up to which a story may stand in it; not in these two."
    )
    half_life: Annotated[float, Field(gt=0, le=10_000)] = Field(
        1.0, description="Hours after which a view counts half (`popular`); the nearest is taken."
    )

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, written: object) -> object:
        if not isinstance(written, dict) or written.get("key") not in [*BLOCKS]:
            return written
        spec = BLOCKS[written["key"]]
        defaults = {"title": spec.title, "slots": spec.slots, "priority": spec.priority}
        return {**defaults, **spec.settings, **written}


_TEXTS: Final[dict[str, Any]] = {
    reason.code: (str, Field(reason.text, description=reason.description)) for reason in REASONS
}


class WhyConfig(create_model("_Texts", __base__=Section, **_TEXTS)):  # type: ignore[misc]
    """What readers are told of why a story stands there, by reason; `{section}` is the story's."""
