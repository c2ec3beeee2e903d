"""Reasons: why an article is recommended; a version's arrays index these tuples."""

from typing import Final

from training.ranking import GROUPS

OWN_REASONS: Final = (*GROUPS, "event")
"""Reasons of a list's items."""

REASONS: Final = (*OWN_REASONS, "finished", "widely_opened")
"""The last two are reasons of must-reads."""

EVENT: Final = REASONS.index("event")
FINISHED: Final = REASONS.index("finished")
WIDELY_OPENED: Final = REASONS.index("widely_opened")
