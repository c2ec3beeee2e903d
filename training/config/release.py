"""Settings of what is served: the gate, and the versions that stay."""

from typing import Annotated

from pydantic import Field

from training.config.types import Duration, Section, Share, duration


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
