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
    """One block of the page. A key that is left out has the default of that block."""

    key: BlockKey = Field(description="The block, which decides how its stories are chosen.")
    title: str = Field(
        description="Heading; `{section}` is the section of the page's article. Without a section, "
        "a heading that begins with it is the rest, and any other that has it is the default's."
    )
    slots: Annotated[int, Field(ge=1, le=100)] = Field(description="Stories shown.")
    priority: Annotated[int, Field(ge=1, le=9)] = Field(
        description="If two blocks want the same story, the lower number gets it."
    )
    max_share: Share = Field(
        1.0, description="Largest share of the slots for one section, while others have stories."
    )
    min_views: Annotated[int, Field(ge=0)] = Field(
        0, description="Fewest views of a story. Not for `latest` and `related`."
    )
    max_age: Duration = Field(
        duration("30d"), description="Largest age of a story. Not for `latest` and `related`."
    )
    half_life: Annotated[float, Field(gt=0, le=10_000)] = Field(
        1.0,
        description="Half-life of a view in hours, for `popular`; the nearest of "
        "`readers.view_half_lives` is taken.",
    )

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, given: object) -> object:
        if not isinstance(given, dict) or given.get("key") not in [*BLOCKS]:
            return given
        spec = BLOCKS[given["key"]]
        defaults = {"title": spec.title, "slots": spec.slots, "priority": spec.priority}
        return {**defaults, **spec.settings, **given}


_TEXTS: Final[dict[str, Any]] = {
    reason.code: (str, Field(reason.text, description=reason.description)) for reason in REASONS
}


class WhyConfig(create_model("_Texts", __base__=Section, **_TEXTS)):  # type: ignore[misc]
    """The text that readers see for each reason; `{section}` is the story's section.

    Of a story without a section, a text that begins with it is the rest, and any other is empty.
    """
