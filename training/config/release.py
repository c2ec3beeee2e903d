"""Settings of releases: the gate, and the versions to keep."""

from typing import Annotated

from pydantic import Field

from training.config.types import Duration, Section, Share, duration


class GateConfig(Section):
    """Bounds for a new version. Outside a bound it is written, but not served.

    The first ones hold for every version, wherever their input is there; the others compare with
    the served version.
    """

    min_matched: Share = Field(
        0.2,
        description=(
            "Smallest share of the views that match an article; measured from 100 views on. Less "
            "means that views and articles name articles in two ways."
        ),
    )
    min_titled: Share = Field(
        0.5,
        description=(
            "Smallest share of the articles that have a title; measured from 20 articles on, where "
            "any has a text."
        ),
    )
    max_markup: Share = Field(
        0.1,
        description=(
            "Largest share of the titles that hold tags, entities or JSON; measured from 20 on."
        ),
    )
    min_readers: Annotated[int, Field(ge=0)] = Field(
        10, description="Fewest readers of the recent views; measured from 500 views on."
    )
    max_one_reader: Share = Field(
        0.8,
        description=(
            "Largest share of the recent views by one reader; measured from 500 views on. More "
            "means that the column of the readers is another one."
        ),
    )
    min_eligible: Annotated[int, Field(ge=0)] = Field(
        5,
        description=(
            "Fewest articles that may stand in a list, on a site of 20 articles or more. Fewer "
            "means that publish times are wrong, or that an archive needs a larger lists.max_age."
        ),
    )
    max_one_first: Share = Field(
        0.95,
        description=(
            "Largest share of the lists of articles read lately whose first item is the same "
            "story; measured from 200 such lists on. EB-NeRD has 18 to 33 % by night."
        ),
    )

    max_gone: Share = Field(
        0.2,
        description=(
            "Largest share of the served articles that may be gone; ten may always be. More "
            "means that the articles file is truncated."
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
        0.7, description="Fewest items per list, as a share of those of the served version."
    )
    max_short: Share = Field(
        0.1, description="Largest growth of the share of lists with fewer than five items."
    )
    min_overlap: Share = Field(
        0.0,
        description=(
            "Smallest mean share of the first five items of a served list that stay. 0 turns it "
            "off: on a news site few stay from one training to the next (EB-NeRD 4 to 6 %). "
            "A site of lasting stories can set more."
        ),
    )
    max_one_story: Share = Field(
        0.9,
        description=(
            "Largest growth of the share of lists that hold the most listed story. The bound is "
            "wide, because with little data the most read story is in most lists."
        ),
    )
    max_repeated: Share = Field(
        0.2,
        description=(
            "Largest share of the last three hours' views that one article may have beyond what "
            "its number of readers explains; measured from 500 views on. Robots open a story "
            "again and again, readers do not."
        ),
    )
    min_worth: Share = Field(
        0.5,
        description="Smallest gain of the model over the prior, as a share of the served model's.",
    )
    max_view_age: Duration = Field(
        duration("8h"),
        description=(
            "Largest age of the newest view at `now`, on sites with twenty views an hour or more. "
            "More means that the log is truncated."
        ),
    )
    max_unknown: Share = Field(
        0.2,
        description=(
            "Largest growth of the share of views of unknown articles over the last day; "
            "measured from 500 views on. More means that the articles file is old, or that ids "
            "changed."
        ),
    )

    def bound(self, key: str) -> float:
        """Return a bound as a number: a share, ratio or count; hours if it is a time."""
        value = getattr(self, key)
        return value / duration("1h") if key == "max_view_age" else float(value)


class VersionsConfig(Section):
    """How many versions to keep. Each run removes the others when it is done."""

    keep: Annotated[int, Field(ge=2, le=10_000)] = Field(
        12,
        description=(
            "Newest versions to keep, of those that passed the gate. Each takes its size on disk."
        ),
    )
    keep_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        7, description="Days (UTC, of the data) whose last version is kept as well."
    )
    keep_refused: Annotated[int, Field(ge=0, le=1000)] = Field(
        3,
        description=("Newest versions to keep, of those that were refused or held."),
    )
    keep_states: Annotated[int, Field(ge=1, le=1000)] = Field(
        2,
        description=(
            "States to keep: the served version's and the newest others. After a rollback to "
            "a version without a state, run a training before the next refresh."
        ),
    )
