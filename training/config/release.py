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
        description=(
            "Largest share of the served articles that may be gone; ten may always be. More "
            "means that the articles file is cut off."
        ),
    )
    max_new: Annotated[float, Field(ge=0)] = Field(
        0.5,
        description=(
            "Most new articles, as a share of the served ones; a hundred are always allowed. "
            "More means that ids are written in another way."
        ),
    )
    min_items: Share = Field(
        0.7, description="Fewest items per list, as a share of the served version's."
    )
    max_short: Share = Field(
        0.1, description="Most that the share of lists with fewer than five items may grow."
    )
    min_overlap: Share = Field(
        0.0,
        description=(
            "Smallest mean share of a served list's first five items that stay. 0 turns it "
            "off: lists that follow the hour keep little from one training to the next "
            "(EB-NeRD 4 to 6 %). A site of lasting stories may ask for more."
        ),
    )
    max_one_story: Share = Field(
        0.9,
        description=(
            "Most that the largest share of lists with one and the same story may grow. It is"
            " wide, since the most read story is in most lists of a site with little data."
        ),
    )
    max_repeated: Share = Field(
        0.2,
        description=(
            "Largest share of the last three hours' views by which one article may exceed "
            "what its number of readers explains; measured from 500 views on. Robots open a "
            "story again and again, readers do not."
        ),
    )
    min_worth: Share = Field(
        0.5,
        description="Smallest gain of the model over the prior, as a share of the served model's.",
    )
    max_view_age: Duration = Field(
        duration("8h"),
        description=(
            "Largest age of the newest view at `now`, on sites with some twenty views an hour"
            " or more. More means that the log is cut off."
        ),
    )
    max_unknown: Share = Field(
        0.2,
        description=(
            "Most that the share of views of unknown articles may grow, over the last day; "
            "measured from 500 views on. More means that the articles file is of yesterday or"
            " ids changed."
        ),
    )

    def bound(self, key: str) -> float:
        """Give a bound as a number: a share or ratio; hours where it is a time."""
        value = getattr(self, key)
        return value / duration("1h") if key == "max_view_age" else float(value)


class VersionsConfig(Section):
    """How many versions stay. Each run removes the others when it is done."""

    keep: Annotated[int, Field(ge=2, le=10_000)] = Field(
        12,
        description=(
            "Newest versions to keep, of those that passed the gate. Each costs its size on disk."
        ),
    )
    keep_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        7, description="Days (UTC, of the data) of which the last version is kept as well."
    )
    keep_refused: Annotated[int, Field(ge=0, le=1000)] = Field(
        3,
        description=(
            "Newest versions to keep of those that were refused or held, to look at the reason."
        ),
    )
    keep_states: Annotated[int, Field(ge=1, le=1000)] = Field(
        2,
        description=(
            "States to keep: the served version's and the newest others. After a rollback to "
            "a version without a state, run a training before the next refresh."
        ),
    )
