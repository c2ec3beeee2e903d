"""The blocks of a page, the rankings that fill them, and the reasons for their stories.

A new block needs a row of `BLOCKS`. If it has its own ranking, it also needs a function in
`training/recommendations/rankings.py` that orders the articles. Configuration, versions, lookup,
service and documentation read these tables.

Add a new row of `BLOCKS` at the end. Counted views store a block by its position in `BLOCKS`, so a
row in another place would change the block of views that are already counted.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple


class ReasonSpec(NamedTuple):
    """A reason to show a story.

    Attributes
    ----------
    code : value of `RelatedStory.reason`.
    text : default text for readers; `{section}` is the story's section.
    description : its meaning, for the documentation.
    """

    code: str
    text: str
    description: str


class RankingSpec(NamedTuple):
    """A ranking, as a version stores it.

    Attributes
    ----------
    rows : name of the array of rows, int32, best first.
    ends : name of the array of offsets by section, int64; `""` for a ranking of the whole site.
    reason : reason of all its stories; `""` if `reasons` has one for each story.
    reasons : name of the array of reason codes, uint8; `""` if `reason` applies to all.
    """

    rows: str
    ends: str = ""
    reason: str = ""
    reasons: str = ""

    @property
    def arrays(self) -> tuple[str, ...]:
        """Names of its arrays."""
        return tuple(filter(None, (self.rows, self.ends, self.reasons)))


class BlockSpec(NamedTuple):
    """A block of the page.

    Attributes
    ----------
    key : its name in configuration, overrides and answers.
    title : default heading; `{section}` is the section of the page's article.
    slots : default number of stories.
    priority : default rank in the order in which blocks choose their stories, 1 first.
    rankings : the rankings that fill it, in this order; none for `related`, which takes the
        article's own list and then `lists.fallback`.
    description : its content, for the documentation.
    reasons : reasons that only this block uses.
    ranking : its own ranking, named after the block; None if it uses only other rankings.
    skip_if_empty : whether it stays empty if the first of `rankings` is empty and no story is
        pinned to it.
    pin_reason : reason of a story that editors pinned to it.
    settings : further defaults of its table in `ymal.toml`.
    """

    key: str
    title: str
    slots: int
    priority: int
    rankings: tuple[str, ...]
    description: str
    reasons: tuple[ReasonSpec, ...] = ()
    ranking: RankingSpec | None = None
    skip_if_empty: bool = True
    pin_reason: str = "pinned"
    settings: Mapping[str, object] = MappingProxyType({})


RELATED: Final = "related"
"""Key of the block that shows an article's own list."""

BLOCKS: Final = {
    spec.key: spec
    for spec in (
        BlockSpec(
            "latest",
            "{section} Latest Stories",
            slots=6,
            priority=4,
            rankings=("section_latest", "latest"),
            description="the newest of the article's section, then of the whole site",
            skip_if_empty=False,
        ),
        BlockSpec(
            "weekly",
            "Weekly Best Articles",
            slots=12,
            priority=5,
            rankings=("weekly", "popular", "latest"),
            description="the best of seven days for their age",
            reasons=(
                ReasonSpec(
                    "weekly", "Among the best of the week", "More read than is usual at its age."
                ),
            ),
            ranking=RankingSpec("weekly", reason="weekly"),
            settings={"max_share": 0.34, "min_views": 10, "max_age": "7d"},
        ),
        BlockSpec(
            RELATED,
            "You May Also Like",
            slots=5,
            priority=2,
            rankings=(),
            description="the article's own list, then its section, the popular, the latest",
            skip_if_empty=False,
        ),
        BlockSpec(
            "popular",
            "Popular Now",
            slots=5,
            priority=1,
            rankings=("popular", "latest"),
            description="the most read, by views with a half-life of an hour",
        ),
        BlockSpec(
            "must_reads",
            "Must-Reads",
            slots=5,
            priority=3,
            rankings=("must_reads", "popular", "latest"),
            description="editors' picks in their order, then what readers stay with, then what "
            "readers of many sections open",
            reasons=(
                ReasonSpec(
                    "finished",
                    "Readers stay with this one",
                    "Readers stay longer than is usual at its length.",
                ),
                ReasonSpec(
                    "widely_opened",
                    "Readers of many sections open it",
                    "Readers come to it from many sections.",
                ),
            ),
            ranking=RankingSpec("must_reads", reasons="must_read_reasons"),
            pin_reason="picked",
            settings={"min_views": 10, "max_age": "7d"},
        ),
    )
}
"""All blocks by key, in the default order of the page."""

RANKINGS: Final = {
    "section": RankingSpec("section_rows", ends="section_ends", reason="section"),
    "popular": RankingSpec("popular", reason="popular"),
    "latest": RankingSpec("latest", reason="latest"),
    "section_latest": RankingSpec(
        "section_latest_rows", ends="section_latest_ends", reason="latest"
    ),
    **{block.key: block.ranking for block in BLOCKS.values() if block.ranking},
}
"""All rankings by name."""

FALLBACKS: Final = ("section", "popular", "latest")
"""Rankings that may follow an article's own list."""

REASONS: Final = (
    ReasonSpec(
        "readers",
        "Readers of this story went on to this one",
        "In the article's list, since its readers went on to it.",
    ),
    ReasonSpec(
        "text", "On the same subject", "In the article's list, since words connect the two."
    ),
    ReasonSpec("event", "Same story", "In the article's list, and of its event."),
    ReasonSpec("section", "More in {section}", "Of the article's section."),
    ReasonSpec("popular", "Much read now", "Much read in the last hours."),
    ReasonSpec("latest", "Just in", "Newly published."),
    *(reason for block in BLOCKS.values() for reason in block.reasons),
    ReasonSpec("pinned", "Chosen by the editors", "Pinned to a slot."),
    ReasonSpec("picked", "Chosen by the editors", "Pinned to a slot of the must-reads."),
)
"""All reasons."""

_UNLISTED: Final = frozenset({*FALLBACKS, "section_latest", "weekly", "must_reads"})
"""Rankings of a version whose manifest does not list them."""


def manifest_fields(names: Collection[str] = RANKINGS.keys()) -> dict[str, Any]:
    """Return the manifest's fields `rankings` and `blocks`, which define how blocks are filled.

    Parameters
    ----------
    names : collection of str
        The rankings of the version; blocks that need other rankings are left out.

    Returns
    -------
    dict
        `rankings`: by name, the non-empty fields of `RankingSpec`. `blocks`: by key, `rankings`,
        `skip_if_empty` and `pin_reason` of all blocks except `related`.
    """
    return {
        "rankings": {
            name: {field: value for field, value in spec._asdict().items() if value}
            for name, spec in RANKINGS.items()
            if name in names
        },
        "blocks": {
            key: {
                "rankings": [*spec.rankings],
                "skip_if_empty": spec.skip_if_empty,
                "pin_reason": spec.pin_reason,
            }
            for key, spec in BLOCKS.items()
            if key != RELATED and {*names}.issuperset(spec.rankings)
        },
    }


UNLISTED_FIELDS: Final = manifest_fields(_UNLISTED)
"""`rankings` and `blocks` of a version whose manifest lacks them."""
