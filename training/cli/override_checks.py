"""What makes an override useless, to be refused; and what may be a mistake, to be warned of."""

import difflib
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from recommender.active_overrides import ActiveOverrides
from recommender.artifact import Version
from recommender.blocks import BLOCKS, RELATED
from recommender.cached_version import NO_SECTION, UNKNOWN, CachedVersion
from recommender.overrides import FILES, Override, load
from training.errors import DataError, UsageError
from training.records import quantity

MAX_LENGTH_DIFFERENCE: Final = 2
"""Maximum difference of length, in characters, between an id and one that was meant."""

MAX_COMPARED: Final = 200_000
"""Maximum number of ids among which to look for one that was meant; those of the newest articles,
which takes a second."""


def check_terms(
    override: Override, starts: datetime | None, until: datetime | None, now: datetime
) -> None:
    """Check that the options of an override fit together.

    Raises
    ------
    UsageError
        If one is empty or unknown, or excludes another; or if it would have ended already.
    """
    for option, value in (("ID", override.story), ("--block", override.block)):
        if value == "":
            raise UsageError(f"{option} is empty; give a value")
    for option, value in (("--article", override.article), ("--section", override.section)):
        if value == "":
            raise UsageError(f"{option} is empty; leave it out for every page")
    if override.block is not None and override.block not in BLOCKS:
        raise UsageError(
            f"--block {override.block}: no such block; choose one of {', '.join(BLOCKS)}"
        )
    if override.article is not None and override.section is not None:
        raise UsageError("--article and --section exclude each other; leave one out")
    if until and until <= now:
        raise UsageError(f"--until {until.isoformat()}: is in the past; give a later time")
    if until and starts and until <= starts:
        raise UsageError(f"--until {until.isoformat()}: is not after --from; give a later time")


def check_known_names(override: Override, cached: CachedVersion) -> None:
    """Refuse an override that names what the served version does not have.

    Raises
    ------
    DataError
        With what may have been meant.
    """
    version = cached.version
    for option, article in (("ID", override.story), ("--article", override.article)):
        if article is not None and cached.row(article) == UNKNOWN:
            ids = [version.ids[row] for row in sorted(version.key_rows)[-MAX_COMPARED:]]
            near = _nearest(article, ids)
            advice = f"did you mean {' or '.join(near)}?" if near else "check the id."
            raise DataError(
                f"{option} {article!r}: version {cached.name} has no such article; {advice} For a "
                "story still to come add --unknown"
            )
    section = override.section
    if section is not None and cached.section_code(section) == NO_SECTION:
        names = [version.section_names[code] for code in range(len(version.section_names))]
        folded = {name.casefold(): name for name in names}
        near = difflib.get_close_matches(section.casefold(), folded, 1, 0.5)
        advice = f"did you mean {folded[near[0]]}?" if near else f"there are {', '.join(names)}."
        raise DataError(
            f"--section {section!r}: no article has this section; {advice} To insist add --unknown"
        )
    keys = [plan.key for plan in version.page]
    if override.block not in (None, RELATED, *keys):
        raise UsageError(
            f"--block {override.block}: the page does not have it; add it to [[page]]. To insist "
            "add --unknown"
        )


def check_effect(override: Override, cached: CachedVersion, directory: Path) -> None:
    """Refuse a pin whose story can stand on none of the pages that it is for.

    Raises
    ------
    UsageError
        If it is for the story's own page, or the story is withdrawn or in another language.
    """
    if override.action != "pin":
        return
    story, article = override.story, override.article
    if story == article:
        raise UsageError(f"--article {article}: a story is never shown on its own page")
    for file in FILES:
        for other in ActiveOverrides(load(directory, file)[0], time.time()).in_force:
            if (other.action, other.story) == ("withdraw", story):
                raise UsageError(f"{story} is withdrawn ({other.id}); end that first")
    if article is not None and not cached.share_language(cached.row(article), cached.row(story)):
        raise UsageError(
            f"{story} is in another language than {article}, and pages do not mix them"
        )


def _nearest(given: str, known: Sequence[str]) -> list[str]:
    """Return up to three ids that may have been meant: the same but for padding, or similar."""
    same = [name for name in known if _bare(name) == _bare(given)]
    similar = [name for name in known if abs(len(name) - len(given)) <= MAX_LENGTH_DIFFERENCE]
    return same[:3] or difflib.get_close_matches(given, similar, 3)


def _bare(name: str) -> str:
    """Return an id without what is easily added or lost: case, spaces, zeros in front, a slash."""
    return name.strip().strip("\"'").casefold().removesuffix(".0").lstrip("0").rstrip("/")


def find_warnings(added: Override, others: Sequence[Override], version: Version) -> Iterator[str]:
    """Yield a line for each possible mistake."""
    if added.action != "pin":
        return
    plans = {plan.key: plan for plan in version.page}
    if added.block in plans and (added.slot or 1) > (slots := plans[added.block].slots):
        yield (
            f"block {added.block} has only {quantity(slots, 'slot')} on the page; the pin acts "
            "only where a program asks for more"
        )
    for other in others:
        same = (other.action, other.block, other.slot, other.article, other.section)
        if same == (added.action, added.block, added.slot, added.article, added.section):
            yield f"it goes before {other.id} ({other.story}) while both are in force"
